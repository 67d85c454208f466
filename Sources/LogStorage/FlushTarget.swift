// What one flush has to make durable, taken under the partition's lock and synced without it.
//
// Crash rule: when `sync` returned, every batch before `endOffset`, the size of its file and its directory entry are on
// stable storage. After it threw, nothing may be assumed and trying again proves nothing: tell the log (`failFlush`).
// Thread rule: Sendable.

package struct FlushTarget: Sendable {
    /// Batches before this offset are durable afterwards.
    package let endOffset: Int64
    /// Sealed ones first.
    let files: [File]
    /// So many of them do not change any more.
    let sealedCount: Int
    /// Set when names in the log's directory have to be synced, too.
    let directory: LogDirectory?
    let directoryGeneration: Int

    /// Files to sync; one `syncfs` over the data directory is cheaper than many of them.
    package var fileCount: Int { files.count + (directory == nil ? 0 : 1) }

    package func sync() throws(StorageError) {
        for file in files { try file.sync() }
        if let directory { try directory.fileSystem.syncDirectory(directory.path) }
    }
}
