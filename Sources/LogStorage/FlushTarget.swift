// What one flush has to make durable, taken under the partition's lock and synced without it.
//
// Crash rule: when `sync` returned, every batch before `endOffset`, the size of its file and its directory entry are on
// stable storage. After it threw, nothing may be assumed and trying again proves nothing: tell the log (`failFlush`).
// Thread rule: Sendable.

package struct FlushTarget: Sendable {
    /// Batches before this offset are durable afterwards.
    package let endOffset: Int64
    /// With the changes that were made to them until now, nil where all of those are durable.
    let files: [(file: SegmentFile, unsyncedChanges: UInt64?)]
    /// Those of them that do not change any more.
    let sealed: [SegmentFile]
    /// Set when names in the log's directory have to be synced, too.
    let directory: LogDirectory?
    let directoryGeneration: Int
    /// Where the active segment ends.
    let end: SegmentPosition
    /// What is not durable, where it is nothing but batches at the end of one file: instead of syncing that, they may be written
    /// to the commit journal.
    package let journalRange: JournalRange?

    /// Files to sync; one `syncfs` over the data directory is cheaper than many of them.
    package var fileCount: Int { files.count { $0.unsyncedChanges != nil } + (directory == nil ? 0 : 1) }

    /// What of the last file was written since its last sync.
    let unsyncedTail: Range<Int>

    /// Before `sync`, by who has time: gives the disk little at a time, so that who syncs another file meanwhile waits for no more.
    ///
    /// - Parameter pause: called with the bytes of each piece that was written.
    package func writeOut(pieceBytes: Int, pause: (Int) -> Void) throws(StorageError) {
        guard let last = files.last, last.unsyncedChanges != nil else { return }
        for start in stride(from: unsyncedTail.lowerBound, to: unsyncedTail.upperBound, by: pieceBytes) {
            let piece = start..<min(start + pieceBytes, unsyncedTail.upperBound)
            try last.file.writeOut(piece)
            pause(piece.count)
        }
    }

    package func sync() throws(StorageError) {
        for (file, unsyncedChanges) in files where unsyncedChanges != nil { try file.sync() }
        if let directory { try directory.fileSystem.syncDirectory(directory.path) }
    }

    /// Call after a sync of the whole file system instead of `sync`: throws if one of the files had failed before.
    package func confirmSync() throws(StorageError) {
        for (file, _) in files {
            if let failure = file.failure { throw failure }
        }
    }

    func noteSynced() {
        for (file, unsyncedChanges) in files {
            if let unsyncedChanges { file.noteSynced(unsyncedChanges) }
        }
    }
}

/// A place in a log.
struct SegmentPosition: Sendable {
    let segmentBaseOffset: Int64
    /// Bytes from the start of the segment.
    let position: Int

    /// Whether this is in the segment, and farther than the other, which may be in an older one.
    func isBehind(_ other: SegmentPosition?, in baseOffset: Int64) -> Bool {
        guard segmentBaseOffset == baseOffset else { return false }
        guard let other, other.segmentBaseOffset == baseOffset else { return true }
        return position > other.position
    }
}
