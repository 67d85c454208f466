import KafkaRecords

extension RepairSession {
    /// Writes batches that only the commit journal has to where they belong in a segment, so that what follows does not take
    /// them for lost.
    ///
    /// - Parameter recoveryPoint: what lies before it is in the files, perhaps cleaned since.
    func restore(
        _ journaled: [JournaledRange], to baseOffset: Int64, of directory: LogDirectory, recoveryPoint: Int64
    ) throws(StorageError) {
        let path = directory.path(baseOffset, .log)
        guard journaled.contains(where: { $0.segmentBaseOffset == baseOffset }),
            let status = try fileSystem.statusIfPresent(path), status.size <= Int64(Int32.max)
        else { return }
        let size = Int(status.size)
        let mapping = try SegmentMapping(try File(path, .readOnly, fileSystem), capacity: max(size, 1))
        let pieces = missing(of: journaled, baseOffset, mapping, size: size, recoveryPoint)
        guard let first = pieces.first, let last = pieces.last else { return }
        let torn = first.position..<max(first.position, min(size, last.end))
        let kept =
            if torn.isEmpty { String?.none } else {
                try mapping.span(torn).withUnsafeBytes { (bytes) throws(StorageError) -> String? in
                    try keep(bytes, of: path, at: torn.lowerBound)
                }
            }
        note(
            .restored, path,
            "Bytes \(first.position) to \(last.end) of \(path) were acknowledged and only in the commit journal. They are written "
                + "to their place.", keptAs: kept)
        try perform { () throws(StorageError) in
            let file = try File(path, .readWrite, fileSystem)
            for piece in pieces { try file.write(piece.bytes, at: Int64(piece.position)) }
            try file.sync()
        }
    }

    /// What goes on where the segment cannot be read, or ends.
    private func missing(
        of journaled: [JournaledRange], _ baseOffset: Int64, _ mapping: SegmentMapping, size: Int,
        _ recoveryPoint: Int64
    ) -> [JournaledRange] {
        var walk = BatchWalk(mapping, from: 0, to: size, minimumOffset: baseOffset)
        while true {
            while walk.passesBatch() {}
            let pieces = journaled.continuation(of: baseOffset, at: walk.position, nextOffset: walk.nextOffset)
            if !pieces.isEmpty, walk.nextOffset >= recoveryPoint { return pieces }
            if !walk.resynchronize() { return [] }
        }
    }
}

extension BatchWalk {
    /// Moves over one whole batch; false at the end, and where there is none.
    fileprivate mutating func passesBatch() -> Bool {
        do throws(RecordError) {
            return try next(verifyingChecksum: true) != nil
        } catch {
            return false
        }
    }
}
