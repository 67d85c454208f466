// The file of a segment that is written to: open while it is used, closed when others need the descriptor more, and opened
// again by the next write.
//
// Crash rule: as `File`. What is closed has nothing unsynced: see `HandlePool`. A sync that failed is remembered, and every
// write and sync after it fails, because the kernel may have dropped the pages that it could not write.
// Thread rule: Sendable. Writers take turns by the partition's lock; the mutex keeps the descriptor open during a write and
// is held for nothing longer. Syncs run without it.

import Glibc
import Synchronization

final class SegmentFile: Sendable {
    let path: String
    private let fileSystem: any FileSystem
    private let pool: HandlePool
    private let state: Mutex<State>
    /// Held by who syncs: the kernel tells of an error once, and of two syncs at a time only one.
    private let syncing = Mutex(())

    private struct State: Sendable {
        var file: File?
        /// Counts changes of the file; those up to `syncedChanges` are on stable storage.
        var changes: UInt64
        var syncedChanges: UInt64 = 0
        /// Opened for a change that is still to come. That one does not count as use: what is used once is not what is
        /// used all the time.
        var isFresh = true
        /// Since `reclaim` has looked last.
        var wasUsed = false
        var failure: StorageError?

        mutating func noteSynced(_ changes: UInt64) { syncedChanges = max(syncedChanges, changes) }
    }

    /// What has to be synced before a file may be closed.
    struct Unsynced: Sendable {
        fileprivate let file: File
        fileprivate let changes: UInt64
    }

    enum Reclaim {
        case closed
        case kept
        case unsynced(Unsynced)
    }

    init(_ path: String, _ mode: File.Mode, _ directory: LogDirectory) throws(StorageError) {
        self.path = path
        fileSystem = directory.fileSystem
        pool = directory.pool
        let file = try Self.open(path, mode, fileSystem, pool)
        // That it is there, and empty, is a change.
        state = Mutex(State(file: file, changes: mode == .replace ? 1 : 0))
        pool.noteOpened(self)
    }

    deinit {
        if state.withLock({ $0.file != nil }) { pool.noteClosed() }
    }

    private static func open(
        _ path: String, _ mode: File.Mode, _ fileSystem: any FileSystem, _ pool: HandlePool
    ) throws(StorageError) -> File {
        pool.makeRoomForFile()
        do throws(StorageError) {
            return try File(path, mode, fileSystem)
        } catch {
            guard error.code == .tooManyOpenFiles else { throw error }
            pool.giveUpFiles()
            return try File(path, mode, fileSystem)
        }
    }

    // MARK: Changes

    /// Runs one change with the file open.
    private func change(_ body: (File) throws(StorageError) -> Void) throws(StorageError) {
        while true {
            let isDone = try state.withLock { state throws(StorageError) in
                if let failure = state.failure { throw failure }
                guard let file = state.file else { return false }
                if state.isFresh { state.isFresh = false } else { state.wasUsed = true }
                // Before the change: one that fails may have been made in part.
                state.changes += 1
                try body(file)
                return true
            }
            if isDone { return }
            try reopen()
        }
    }

    private func reopen() throws(StorageError) {
        let file = try Self.open(path, .readWrite, fileSystem, pool)
        state.withLock {
            precondition($0.file == nil, "only who holds the partition's lock opens the file")
            $0.file = file
            $0.isFresh = true
            $0.wasUsed = false
        }
        pool.noteOpened(self)
    }

    /// As `File.write`.
    func write(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, at position: Int64)
        throws(StorageError)
    {
        try change { file throws(StorageError) in try file.write(first, second, at: position) }
    }

    func write(_ bytes: [UInt8], at position: Int64) throws(StorageError) { try write(bytes[...], at: position) }

    func write(_ bytes: ArraySlice<UInt8>, at position: Int64) throws(StorageError) {
        try change { file throws(StorageError) in try file.write(bytes, at: position) }
    }

    func truncate(to size: Int64) throws(StorageError) {
        try change { file throws(StorageError) in try file.truncate(to: size) }
    }

    /// Reserves blocks for the range and extends the file over it; 0, or a negative errno.
    func allocate(from position: Int64, count: Int64) -> Int32 {
        // If it cannot be opened, the write that it is made for says why.
        var result = -EBADF
        try? change { file throws(StorageError) in
            result = file.fileSystem.allocate(file.descriptor, from: position, count: count)
        }
        // That write comes next.
        state.withLock { $0.isFresh = true }
        return result
    }

    /// Says when the file was last appended to.
    func setModified(milliseconds: Int64) throws(StorageError) {
        try change { file throws(StorageError) in try file.setModified(milliseconds: milliseconds) }
    }

    /// What an earlier run has left in the file may never have been synced.
    func noteUnsynced() { state.withLock { $0.changes += 1 } }

    // MARK: Reads

    /// Fills the buffer with what was written from `position` on.
    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int) throws(StorageError) {
        let open = try state.withLock { state throws(StorageError) -> File? in
            if let failure = state.failure { throw failure }
            return state.file
        }
        let file = if let open { open } else { try File(path, .readOnly, fileSystem) }
        try file.read(into: buffer, at: Int64(position))
    }

    // MARK: Syncs

    /// Changes up to now, for `noteSynced`; nil if all of them are on stable storage.
    var unsyncedChanges: UInt64? {
        state.withLock { $0.failure == nil && $0.changes == $0.syncedChanges ? nil : $0.changes }
    }

    /// Why nothing that was written may be relied on.
    var failure: StorageError? { state.withLock { $0.failure } }

    /// Somebody has synced the whole file system after `changes` were made.
    func noteSynced(_ changes: UInt64) { state.withLock { $0.noteSynced(changes) } }

    func sync() throws(StorageError) {
        try sync { file throws(StorageError) in try file.sync() }
    }

    /// Has the disk write a range, so that a sync finds not much left to do. Durable is it only then.
    func writeOut(_ range: Range<Int>) throws(StorageError) {
        try sync(noting: false) { file throws(StorageError) in try file.writeOut(range) }
    }

    /// As `sync`, with the time of last modification.
    func syncWithTimes() throws(StorageError) {
        try sync { file throws(StorageError) in try file.syncWithTimes() }
    }

    private func sync(
        noting isSync: Bool = true, _ body: (File) throws(StorageError) -> Void
    ) throws(StorageError) {
        let unsynced = try state.withLock { state throws(StorageError) -> Unsynced? in
            if let failure = state.failure { throw failure }
            // What is closed was synced.
            return state.file.map { Unsynced(file: $0, changes: state.changes) }
        }
        if let unsynced { try sync(unsynced, noting: isSync, body) }
    }

    private func sync(
        _ unsynced: Unsynced, noting isSync: Bool = true, _ body: (File) throws(StorageError) -> Void
    ) throws(StorageError) {
        try syncing.withLock { _ throws(StorageError) in
            if let failure { throw failure }
            do throws(StorageError) { try body(unsynced.file) } catch {
                state.withLock { $0.failure = error }
                throw error
            }
            if isSync { noteSynced(unsynced.changes) }
        }
    }

    // MARK: Closing

    /// Closes the file if nobody has used it since the last call and nothing is unsynced.
    func reclaim() -> Reclaim {
        // Who is writing to it uses it.
        let (result, closed) =
            state.withLockIfAvailable { state -> (Reclaim, File?) in
                guard let file = state.file, !state.wasUsed, !state.isFresh else {
                    (state.wasUsed, state.isFresh) = (false, false)
                    return (.kept, nil)
                }
                guard state.changes == state.syncedChanges || state.failure != nil else {
                    return (.unsynced(Unsynced(file: file, changes: state.changes)), nil)
                }
                state.file = nil
                return (.closed, file)
            } ?? (.kept, nil)
        if case .closed = result { pool.noteClosed() }
        // The descriptor is closed here, not under the lock.
        withExtendedLifetime(closed) {}
        return result
    }

    /// Closes the file unless it was written to meanwhile.
    ///
    /// - Parameter isSynced: whether somebody has synced the whole file system; else this one is synced here.
    /// - Returns: whether it is closed.
    func close(_ unsynced: Unsynced, isSynced: Bool) -> Bool {
        if !isSynced {
            // Remembered as `failure`, for who appends or flushes next.
            try? sync(unsynced) { file throws(StorageError) in try file.sync() }
        }
        let file = state.withLock { state -> File? in
            if state.failure == nil { state.noteSynced(unsynced.changes) }
            guard state.changes == unsynced.changes else { return nil }
            return state.file.take()
        }
        guard file != nil else { return false }
        pool.noteClosed()
        return true
    }
}
