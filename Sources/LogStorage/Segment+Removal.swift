// How the files of a segment go away.
//
// Crash rule: what is left of them after a crash is no segment's, or is one that is removed again.
// Thread rule: guarded by the partition's lock.

extension Segment {
    /// Puts the file aside under the suffix `.deleted` and removes what is made from it; who still maps it keeps reading.
    ///
    /// - Returns: the new path.
    func setAside() throws(StorageError) -> String {
        let fileSystem = directory.fileSystem
        let target = directory.path(baseOffset, .log, .deleted)
        try fileSystem.renameFile(path, to: target)
        closeFile()
        // From here on nothing of it is needed; what stays is no segment's, and the next open takes it for none.
        for kind in [FileKind.offsetIndex, .timeIndex, .producerSnapshot] {
            try? fileSystem.removeFile(directory.path(baseOffset, kind))
        }
        return target
    }

    /// Removes the files; who still maps them keeps reading.
    func remove() throws(StorageError) {
        let fileSystem = directory.fileSystem
        try fileSystem.removeFile(path)
        try fileSystem.removeFile(offsetIndex.file.path)
        try fileSystem.removeFile(timeIndex.file.path)
        try fileSystem.removeFile(directory.path(baseOffset, .producerSnapshot))
        closeFile()
    }
}
