// How many descriptors and mappings the logs of a broker may hold, and which of them go when there are more.
//
// Descriptors: a segment's file stays open for writing between appends (`SegmentFile`). Mappings: segments and large indexes
// are mapped when they are read (`MappingSlot`). Of both, those that nobody has used for longest go first: each stands in
// a queue, and who was used since it came to the front goes to the back again. What is used only says so in its own state;
// nothing is shared between partitions but when something is opened or closed.
// Crash rule: a descriptor is closed only after everything written through it was synced through a descriptor that was open
// when it was written. Closing first and syncing later through another one would be wrong: the kernel tells of a failed
// write-back to those who had the file open, and forgets it with the inode when nobody has.
// Thread rule: Sendable. Lock order: partition, then `trimming`, then the state of a file or the queue. Files that are being
// written to are passed over, so nobody waits for a partition here.

import Dispatch
import Glibc
import Synchronization

package final class HandlePool: Sendable {
    /// `log.open.files.max`: descriptors of segments that are open at a time. Those that are opened for a moment (to read an
    /// index, to map a segment, to write a checkpoint) do not count.
    package let filesMax: Int
    /// `log.mappings.max`: mappings that are kept. Those that only a reader still holds do not count.
    package let mappingsMax: Int

    private let files = Mutex(SecondChanceQueue<SegmentFile>())
    private let mappings = Mutex(SecondChanceQueue<MappingSlot>())
    private let fileCounter = Atomic(0)
    private let mappingCounter = Atomic(0)
    /// The directory through which many files are synced at once. Its own, so that an error it is told of is told to the
    /// others' descriptors as well.
    private let directory: File?
    /// Held by who closes files, syncs included.
    private let trimming = Mutex(())
    private let queue = DispatchQueue(label: "martlet.handle-pool", qos: .utility)
    private let isTrimScheduled = Atomic(false)
    private let hasSynced = Atomic(false)

    /// For tools and tests: no limits.
    package static let unlimited = HandlePool(filesMax: .max, mappingsMax: .max, directory: nil)

    private init(filesMax: Int, mappingsMax: Int, directory: File?) {
        self.filesMax = filesMax
        self.mappingsMax = mappingsMax
        self.directory = directory
    }

    /// - Parameter path: the data directory.
    package convenience init(
        filesMax: Int, mappingsMax: Int, directory path: String, fileSystem: any FileSystem
    ) throws(StorageError) {
        self.init(
            filesMax: max(1, filesMax), mappingsMax: max(1, mappingsMax),
            directory: try File(directory: path, fileSystem))
    }

    /// Descriptors of segments that are open.
    package var openFileCount: Int { fileCounter.load(ordering: .relaxed) }
    /// Mappings that are kept.
    package var mappingCount: Int { mappingCounter.load(ordering: .relaxed) }

    // MARK: Files

    /// From so many open files on, some are closed in advance, on a thread that nobody waits for.
    private var filesHighWater: Int { filesMax - filesMax / 8 }
    private var filesLowWater: Int { filesMax - filesMax / 4 }
    /// So many dirty ones are closed together: one sync of the file system costs as much as two or three of single files.
    private static let wideSyncFiles = 3

    /// Sees to it that one more file may be opened. At the limit the caller closes others himself, and waits for their sync.
    func makeRoomForFile() {
        let count = openFileCount
        if count < filesHighWater { return }
        guard count >= filesMax else { return scheduleTrim() }
        trimming.withLock { _ in
            if openFileCount >= filesMax { trim(to: filesMax == 1 ? 0 : min(filesMax - 1, filesLowWater)) }
        }
    }

    /// The process has no descriptor left although the limit was kept: closes a part of what is open.
    func giveUpFiles() {
        trimming.withLock { _ in trim(to: openFileCount / 2) }
    }

    private func scheduleTrim() {
        guard !isTrimScheduled.exchange(true, ordering: .relaxed) else { return }
        queue.async { [self] in
            isTrimScheduled.store(false, ordering: .relaxed)
            trimming.withLock { _ in
                if openFileCount >= filesHighWater { trim(to: filesLowWater) }
            }
        }
    }

    func noteOpened(_ file: SegmentFile) {
        fileCounter.add(1, ordering: .relaxed)
        files.withLock { $0.push(file) }
    }

    func noteClosed() { fileCounter.subtract(1, ordering: .relaxed) }

    /// Closes the coldest until `target` are open, or all others are in use. `trimming` is held.
    private func trim(to target: Int) {
        var dirty: [(slot: SegmentFile, unsynced: SegmentFile.Unsynced)] = []
        // Twice around: the first time takes the mark of having been used.
        var turns = 2 * openFileCount
        while turns > 0, openFileCount - dirty.count > target, let slot = files.withLock({ $0.pop() }) {
            turns -= 1
            switch slot.reclaim() {
            case .closed: break
            case .kept: files.withLock { $0.push(slot) }
            case .unsynced(let unsynced): dirty.append((slot, unsynced))
            }
        }
        let isSynced = dirty.count >= Self.wideSyncFiles && syncTogether()
        // One after the other lets go of its descriptor.
        while let (slot, unsynced) = dirty.popLast() {
            if !slot.close(unsynced, isSynced: isSynced) { files.withLock { $0.push(slot) } }
        }
    }

    /// False if that failed, or cannot be done: then each file is synced by itself, which says whose bytes are lost.
    private func syncTogether() -> Bool {
        guard let directory, directory.fileSystem.syncfs(directory.descriptor) == 0 else { return false }
        hasSynced.store(true, ordering: .releasing)
        return true
    }

    /// Whether everything that an earlier run has left in the page cache is on stable storage: somebody has synced the whole file
    /// system since the start. So a start of many logs opens no more files than it may, and syncs once.
    var hasSyncedFileSystem: Bool { hasSynced.load(ordering: .acquiring) }

    // MARK: Mappings

    /// Drops what is too much. Who reads a dropped mapping keeps it until he has read.
    func noteMapped(_ slot: MappingSlot, isQueued: Bool) {
        mappingCounter.add(1, ordering: .relaxed)
        if !isQueued { mappings.withLock { $0.push(slot) } }
        var turns = 2 * mappingCount
        while turns > 0, mappingCount > mappingsMax, let coldest = mappings.withLock({ $0.pop() }) {
            turns -= 1
            if coldest.reclaim() == .kept { mappings.withLock { $0.push(coldest) } }
        }
    }

    func noteUnmapped() { mappingCounter.subtract(1, ordering: .relaxed) }
}

/// A queue of things that are held weakly: from the front come the longest unused, as far as who takes them puts those
/// that were used since at the back.
struct SecondChanceQueue<Member: AnyObject & Sendable>: Sendable {
    private struct Entry: Sendable {
        weak var member: Member?
    }

    private static var purgeMin: Int { 1_024 }

    private var entries: [Entry] = []
    private var head = 0
    private var purgeCount = purgeMin

    mutating func push(_ member: Member) {
        // What has gone by itself is forgotten now and then.
        if entries.count >= purgeCount {
            entries = entries[head...].filter { $0.member != nil }
            head = 0
            purgeCount = max(Self.purgeMin, 2 * entries.count)
        }
        entries.append(Entry(member: member))
    }

    mutating func pop() -> Member? {
        while head < entries.count {
            let member = entries[head].member
            entries[head].member = nil
            head += 1
            if let member { return member }
        }
        entries.removeAll(keepingCapacity: true)
        head = 0
        return nil
    }
}
