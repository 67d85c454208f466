// What a repair has found and done, and where it keeps what it takes away.
//
// Layout: `damaged/` in the data directory, in it `<topic>-<partition>/<base offset>.damaged-<position>` for bytes of segments
// and the name of a file with `.damaged` behind it for whole files; a number follows where that name has been used for others.
// Crash rule: a copy is durable before what it was made of is touched. A repair that was cut short is done again: it finds its
// copies and makes no second ones.
// Thread rule: owned by one repair of a directory that its lock keeps everybody else from.

/// One thing that a repair does; in a dry run, would do.
package struct RepairStep: Equatable, Sendable {
    package enum Action: String, Sendable {
        /// Bytes that are no batch any more were taken out; the offsets of what follows stay.
        case movedOut = "moved_out"
        /// A batch whose records are whole got back what the rest of the segment says about it.
        case restored
        /// Made anew from what else there is; nothing is lost.
        case rebuilt
        /// Made anew, and something could not be known: the message says what.
        case replaced
        /// What an interrupted swap or deletion has left was put in order, as a start does.
        case settled
        /// Nothing can be done about it here.
        case unrepairable
    }

    package let action: Action
    package let path: String
    /// A whole sentence.
    package let message: String
    /// Where the damaged bytes are kept.
    package let keptAs: String?
}

package final class RepairSession {
    static let directoryName = "damaged"

    package let directory: DataDirectory
    package let isDryRun: Bool
    package private(set) var steps: [RepairStep] = []
    package var partitionCount = 0
    package var segmentCount = 0
    package var scannedBytes: Int64 = 0

    package init(_ directory: DataDirectory, isDryRun: Bool) {
        self.directory = directory
        self.isDryRun = isDryRun
    }

    package var fileSystem: any FileSystem { directory.fileSystem }

    package func note(_ action: RepairStep.Action, _ path: String, _ message: String, keptAs: String? = nil) {
        steps.append(RepairStep(action: action, path: path, message: message, keptAs: keptAs))
    }

    /// Does something, unless this is a dry run.
    package func perform(_ change: () throws(StorageError) -> Void) throws(StorageError) {
        if !isDryRun { try change() }
    }

    /// Keeps a whole file that is about to be replaced or removed.
    package func keep(file path: String) throws(StorageError) -> String {
        let bytes = try AtomicFile.read(path: path, fileSystem: fileSystem, limitBytes: Int(Int32.max)) ?? []
        return try bytes.span.bytes.withUnsafeBytes { (raw) throws(StorageError) in
            try keep(raw, as: relative(path) + ".damaged")
        }
    }

    /// Keeps bytes of a segment.
    func keep(_ bytes: UnsafeRawBufferPointer, of segment: String, at position: Int) throws(StorageError) -> String {
        let name = relative(segment)
        return try keep(bytes, as: String(name.dropLast(FileKind.log.rawValue.count)) + ".damaged-\(position)")
    }

    private func relative(_ path: String) -> String { String(path.dropFirst(directory.path.count + 1)) }

    private func keep(_ bytes: UnsafeRawBufferPointer, as name: String) throws(StorageError) -> String {
        let root = directory.path + "/" + Self.directoryName
        var path = root + "/" + name
        var number = 1
        while let status = try fileSystem.statusIfPresent(path) {
            if status.size == Int64(bytes.count), try holds(path, bytes) { break }
            number += 1
            path = "\(root)/\(name).\(number)"
        }
        if isDryRun { return path }
        let parent = parentDirectory(of: path)
        try fileSystem.createDirectories(parent)
        // Written again where it is there already: a crash may have come before it was synced.
        let file = try File(path, .create, fileSystem)
        if !bytes.isEmpty { try file.write(bytes, UnsafeRawBufferPointer(start: nil, count: 0), at: 0) }
        try file.sync()
        try fileSystem.syncDirectory(parent)
        return path
    }

    private func holds(_ path: String, _ bytes: UnsafeRawBufferPointer) throws(StorageError) -> Bool {
        let file = try File(path, .readOnly, fileSystem)
        var position = 0
        while position < bytes.count {
            let found = try file.read(count: min(1 << 20, bytes.count - position), at: Int64(position))
            guard !found.isEmpty, found.elementsEqual(bytes[position..<position + found.count]) else { return false }
            position += found.count
        }
        return true
    }
}
