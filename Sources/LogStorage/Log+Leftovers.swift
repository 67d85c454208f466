// What a stop in the middle of a swap or a deletion has left in a log's directory, put in order before the log is opened.
//
// Crash rule: may itself be cut short anywhere and is then done again: a `.log.swap` keeps its name until everything that
// it replaces is durably gone.
// Thread rule: before anybody else knows the log.

extension Log {
    /// - Parameter names: what the directory holds.
    /// - Returns: whether that has changed.
    static func settleLeftovers(in directory: LogDirectory, names: [String]) throws(StorageError) -> Bool {
        let leftovers = names.compactMap(FileSuffix.parse)
        if leftovers.isEmpty { return false }
        let fileSystem = directory.fileSystem
        for file in leftovers where file.suffix == .cleaned {
            try fileSystem.removeFile(directory.path(file.offset, file.kind, .cleaned))
        }
        var bases = names.compactMap(FileKind.parse).filter { $0.kind == .log }.map(\.offset)
        for file in leftovers.sorted(by: { $0.offset < $1.offset }) where file.suffix == .swap && file.kind == .log {
            try completeSwap(of: file.offset, in: directory, bases: &bases)
        }
        // Indexes are caches; those of a swap that was never decided, or just was completed, are made again at need.
        for file in leftovers where file.suffix == .swap && file.kind != .log {
            try fileSystem.removeFile(directory.path(file.offset, file.kind, .swap))
        }
        try fileSystem.syncDirectory(directory.path)
        for file in leftovers where file.suffix == .deleted {
            try fileSystem.removeFile(directory.path(file.offset, file.kind, .deleted))
        }
        return true
    }

    /// Removes the segments whose offsets a swap covers and gives it its name.
    ///
    /// Sources behind the swap's last batch stay, if they still have their names: the swap has nothing of them, and a log of
    /// which only the front was cleaned is a good one (a tombstone never goes before what it hides).
    private static func completeSwap(
        of base: Int64, in directory: LogDirectory, bases: inout [Int64]
    ) throws(StorageError) {
        let fileSystem = directory.fileSystem
        let swap = directory.path(base, .log, .swap)
        let (endOffset, isWhole) = try extent(ofSwap: swap, base: base, fileSystem)
        // It was durable before it got its name. If it is damaged nevertheless, its sources are better, if they are there.
        if !isWhole && bases.contains(base) { return try fileSystem.removeFile(swap) }
        for replaced in bases where replaced > base && replaced < endOffset {
            for kind in [FileKind.offsetIndex, .timeIndex, .producerSnapshot, .log] {
                try fileSystem.removeFile(directory.path(replaced, kind))
            }
        }
        bases.removeAll { $0 > base && $0 < endOffset }
        // Whose they are, the sources' or the swap's, is not known: they are made again.
        try fileSystem.removeFile(directory.path(base, .offsetIndex))
        try fileSystem.removeFile(directory.path(base, .timeIndex))
        try fileSystem.syncDirectory(directory.path)
        try fileSystem.renameFile(swap, to: directory.path(base, .log))
    }

    /// The offset behind a swap's last batch, and whether all of it can be read.
    private static func extent(
        ofSwap path: String, base: Int64, _ fileSystem: any FileSystem
    ) throws(StorageError) -> (endOffset: Int64, isWhole: Bool) {
        let file = try File(path, .readOnly, fileSystem)
        let size = Int(try file.size())
        if size == 0 { return (base, false) }
        var walk = BatchWalk(try SegmentMapping(file, capacity: size), from: 0, to: size, minimumOffset: base)
        // Where it ends early is the answer.
        while (try? walk.next(verifyingChecksum: true)) != nil {}
        return (walk.nextOffset, walk.position == size)
    }
}
