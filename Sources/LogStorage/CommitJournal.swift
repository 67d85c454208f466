// A second place for young batches, shared by all partitions, which one sync makes durable whatever number of partitions they
// belong to. The segment files are synced later, many batches at a time.
//
// Layout: a header block, sections of equal size, the header block once more. Each record (`JournalRecord`) starts at a multiple of a block and lies
// whole inside a section. The file has its full size and all its blocks written from the beginning, so that syncing a record
// writes the record and nothing else: no size, no extents, no journal of the file system.
// Crash rule: what `append` returned from is on stable storage until its section is given back with `release`, which the owner
// does when the segment files hold everything. `JournaledBatches` reads what is there after an unclean stop.
// Thread rule: Sendable. One thread appends; any may release.

import Synchronization

package final class CommitJournal: Sendable {
    /// What a place in the journal is a multiple of: a page of the page cache, so that nothing has to be read to write it.
    static let blockBytes = 4_096
    package static let sectionCount = 8
    package static let bytesMin = Int64(sectionCount * 4 * blockBytes)

    private let file: File
    private let layout: JournalLayout
    private let state: Mutex<State>

    private struct State {
        var section = 0
        /// Where the next record starts within the section.
        var position = 0
        var sequence: UInt64 = 0
        var isFree = [Bool](repeating: true, count: CommitJournal.sectionCount)
    }

    /// Where a record goes.
    package struct Place: Sendable {
        package let section: Int
        /// Set when the record is the first of its section: the one that is full now.
        package let closedSection: Int?
        fileprivate let position: Int
        fileprivate let sequence: UInt64
    }

    private init(_ file: File, _ layout: JournalLayout) {
        self.file = file
        self.layout = layout
        state = Mutex(State())
        state.withLock { $0.isFree[0] = false }
    }

    /// Makes the journal of a data directory ready for use; what it held is forgotten. Writes all of it where it is new or has
    /// another size: not for a thread that somebody waits for.
    ///
    /// - Parameter bytes: about the size of the file; at least `bytesMin`.
    package static func open(in directory: DataDirectory, bytes: Int64) throws(StorageError) -> CommitJournal {
        let path = path(in: directory)
        let layout = JournalLayout(bytes: bytes)
        let file = try File(path, .create, directory.fileSystem)
        do throws(StorageError) {
            if try !isWhole(file, layout) { try fill(file, layout) }
            // Last: a header says that the blocks behind it are there.
            try layout.write(to: file)
            try file.sync()
            try directory.syncNames()
        } catch {
            // Nobody is to be left without space by half a journal.
            _ = directory.fileSystem.unlink(path)
            throw error
        }
        return CommitJournal(file, layout)
    }

    private static func isWhole(_ file: File, _ layout: JournalLayout) throws(StorageError) -> Bool {
        let found = try JournalLayout.read(from: file)
        return try file.size() == layout.fileBytes && found?.sectionBytes == layout.sectionBytes
    }

    private static func fill(_ file: File, _ layout: JournalLayout) throws(StorageError) {
        try file.truncate(to: 0)
        let zeros = [UInt8](repeating: 0, count: 64 * blockBytes)
        var position: Int64 = 0
        while position < layout.fileBytes {
            try file.write(zeros.prefix(Int(min(Int64(zeros.count), layout.fileBytes - position))), at: position)
            position += Int64(zeros.count)
        }
        try file.sync()
    }

    /// Takes a journal away that is not wanted any more and holds nothing.
    package static func remove(from directory: DataDirectory) throws(StorageError) {
        try directory.fileSystem.removeFile(path(in: directory))
    }

    /// Whether an earlier run has made one.
    package static func exists(in directory: DataDirectory) throws(StorageError) -> Bool {
        try directory.fileSystem.statusIfPresent(path(in: directory)) != nil
    }

    static func path(in directory: DataDirectory) -> String { directory.path + "/commit-journal" }

    static func wholeBlocks(_ count: Int) -> Int { (count + blockBytes - 1) / blockBytes * blockBytes }

    // MARK: Records

    /// Takes room for a record; nil if the section that it would have to go to is not free yet.
    package func place(forBytes count: Int) -> Place? {
        let blocks = Self.wholeBlocks(count)
        guard blocks <= layout.sectionBytes else { return nil }
        return state.withLock { state in
            var closed: Int?
            if state.position + blocks > layout.sectionBytes {
                let next = (state.section + 1) % Self.sectionCount
                guard state.isFree[next] else { return nil }
                closed = state.section
                state.isFree[next] = false
                state.section = next
                state.position = 0
            }
            defer {
                state.position += blocks
                state.sequence += 1
            }
            return Place(
                section: state.section, closedSection: closed, position: state.position, sequence: state.sequence)
        }
    }

    /// Writes a record and makes it durable.
    package func append(_ record: inout JournalRecord, at place: Place) throws(StorageError) {
        try file.write(
            record.seal(generation: layout.generation, sequence: place.sequence),
            at: layout.start(of: place.section) + Int64(place.position))
        try file.sync()
    }

    /// Gives a full section back for new records: the files of all partitions hold what it holds, durably.
    package func release(_ section: Int) { state.withLock { $0.isFree[section] = true } }
}
