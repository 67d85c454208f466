// Reading segment and index files for people: `martlet log dump` and `martlet log check`.
//
// Needs no lock and writes nothing, so it works on a stopped broker's files and on a running one's (whose newest entries
// may be missing from the indexes yet, which is no finding).
// Thread rule: plain values.

import KafkaRecords

package enum LogDump {
    package enum SegmentEntry: Sendable {
        /// A batch; `checksumProblem` is nil when its CRC is right.
        case batch(BatchHeader, position: Int, checksumProblem: String?)
        /// Zeros up to the end of the file: preallocated, not yet written to.
        case preallocated(position: Int, count: Int)
        /// Bytes that are no batch, up to the next good one or the end of the file.
        case damage(position: Int, count: Int, reason: String)
    }

    package struct OffsetIndexEntry: Equatable, Sendable {
        package let offset: Int64
        package let position: Int
    }

    package struct TimeIndexEntry: Equatable, Sendable {
        package let timestamp: Int64
        package let offset: Int64
    }

    /// Walks a `.log` file from its start; a method returning false stops.
    ///
    /// - Throws: `.invalid` for a file that is not named like a segment, and what opening it throws.
    package static func segment(
        path: String, fileSystem: any FileSystem = PosixFileSystem(), _ visit: (SegmentEntry) -> Bool
    ) throws(StorageError) {
        guard var walk = try walk(path, fileSystem) else { return }
        while walk.position < walk.end {
            do {
                guard let step = try walk.next() else { return }
                if !visit(.batch(step.header, position: step.position, checksumProblem: problem(step, walk.mapping))) {
                    return
                }
            } catch {
                let start = walk.position
                if walk.onlyZerosFollow {
                    _ = visit(.preallocated(position: start, count: walk.end - start))
                    return
                }
                let end = walk.resynchronize() ? walk.position : walk.end
                if !visit(.damage(position: start, count: end - start, reason: error.description)) { return }
                if end == walk.end { return }
            }
        }
    }

    /// Entries of an `.index` file.
    package static func offsetIndex(
        path: String, fileSystem: any FileSystem = PosixFileSystem()
    ) throws(StorageError) -> [OffsetIndexEntry] {
        let (directory, base) = try place(path, .offsetIndex, fileSystem)
        var index = OffsetIndex(directory: directory, baseOffset: base)
        try load(&index.file)
        let entries = try index.entries()
        return (0..<entries.count).map { OffsetIndexEntry(offset: entries.offset($0), position: entries.position($0)) }
    }

    /// Entries of a `.timeindex` file.
    package static func timeIndex(
        path: String, fileSystem: any FileSystem = PosixFileSystem()
    ) throws(StorageError) -> [TimeIndexEntry] {
        let (directory, base) = try place(path, .timeIndex, fileSystem)
        var index = TimeIndex(directory: directory, baseOffset: base)
        try load(&index.file)
        let entries = try index.entries()
        return (0..<entries.count).map { TimeIndexEntry(timestamp: entries.timestamp($0), offset: entries.offset($0)) }
    }

    /// What is wrong with a segment and its indexes, a sentence each; empty when all is well.
    ///
    /// - Parameter path: the `.log` file.
    package static func check(
        path: String, fileSystem: any FileSystem = PosixFileSystem()
    ) throws(StorageError) -> [String] {
        var findings: [String] = []
        var batches: [Int: BatchHeader] = [:]
        try segment(path: path, fileSystem: fileSystem) { entry in
            switch entry {
            case .batch(let header, let position, let problem):
                batches[position] = header
                if let problem {
                    findings.append("\(path), byte \(position), offset \(header.baseOffset): \(problem).")
                }
            case .damage(let position, let count, let reason):
                findings.append("\(path), byte \(position): \(count) bytes are no batch: \(reason).")
            case .preallocated: break
            }
            return true
        }
        let (directory, base) = try place(path, .log, fileSystem)
        findings += try checkOffsetIndex(directory, base, batches)
        findings += try checkTimeIndex(directory, base, batches)
        return findings
    }

    private static func checkOffsetIndex(
        _ directory: LogDirectory, _ base: Int64, _ batches: [Int: BatchHeader]
    ) throws(StorageError) -> [String] {
        let path = directory.path(base, .offsetIndex)
        guard try directory.fileSystem.statusIfPresent(path) != nil else { return [] }
        var findings: [String] = []
        var last: OffsetIndexEntry?
        for entry in try offsetIndex(path: path, fileSystem: directory.fileSystem) {
            if let last, entry.offset <= last.offset || entry.position <= last.position {
                findings.append("\(path): the entry for offset \(entry.offset) is not behind the one before it.")
            }
            if batches[entry.position]?.lastOffset != entry.offset {
                findings.append(
                    "\(path): no batch that ends with offset \(entry.offset) starts at byte \(entry.position).")
            }
            last = entry
        }
        return findings
    }

    private static func checkTimeIndex(
        _ directory: LogDirectory, _ base: Int64, _ batches: [Int: BatchHeader]
    ) throws(StorageError) -> [String] {
        let path = directory.path(base, .timeIndex)
        guard try directory.fileSystem.statusIfPresent(path) != nil else { return [] }
        var timestamps: [Int64: Int64] = [:]
        for header in batches.values { timestamps[header.lastOffset] = header.maxTimestamp }
        var findings: [String] = []
        var last: TimeIndexEntry?
        for entry in try timeIndex(path: path, fileSystem: directory.fileSystem) {
            if let last, entry.timestamp <= last.timestamp || entry.offset <= last.offset {
                findings.append("\(path): the entry for time \(entry.timestamp) is not behind the one before it.")
            }
            if timestamps[entry.offset] != entry.timestamp {
                findings.append("\(path): no batch that ends with offset \(entry.offset) has time \(entry.timestamp).")
            }
            last = entry
        }
        return findings
    }

    private static func problem(_ step: BatchWalk.Step, _ mapping: SegmentMapping) -> String? {
        do throws(RecordError) {
            try RecordBatch(mapping.span(step.position..<step.end)).verifyChecksum()
            return nil
        } catch {
            return error.description
        }
    }

    private static func walk(_ path: String, _ fileSystem: any FileSystem) throws(StorageError) -> BatchWalk? {
        let (_, base) = try place(path, .log, fileSystem)
        let file = try File(path, .readOnly, fileSystem)
        let size = Int(try file.size())
        guard size > 0 else { return nil }
        return BatchWalk(try SegmentMapping(file, capacity: size), from: 0, to: size, minimumOffset: base)
    }

    private static func place(
        _ path: String, _ kind: FileKind, _ fileSystem: any FileSystem
    ) throws(StorageError) -> (LogDirectory, Int64) {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        guard let (found, base) = FileKind.parse(name), found == kind else {
            throw StorageError(
                .invalid, "\(path) is not named like a segment's file: 20 digits and \(kind.rawValue) are expected.")
        }
        return (LogDirectory(path: parentDirectory(of: path), fileSystem: fileSystem), base)
    }

    private static func load(_ file: inout IndexFile) throws(StorageError) {
        guard try file.load() else {
            throw StorageError(
                .corrupt,
                "\(file.path) is missing or its size is not a whole number of \(file.entryBytes)-byte entries.")
        }
    }
}
