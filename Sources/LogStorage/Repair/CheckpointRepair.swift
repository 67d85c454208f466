// Repairs the checkpoint files of a data directory.
//
// All of them only save work or repeat what is known elsewhere; a damaged one counts as empty until it is written again.
// Crash rule: each is replaced atomically.
// Thread rule: `RepairSession`.

extension RepairSession {
    /// - Parameters:
    ///   - ends: where each log that was looked at ends; all of it is readable, and durable once this has synced it.
    ///   - rewritten: those of which a segment was written anew.
    package func repairCheckpoints(
        ends: [TopicPartitionName: Int64], rewritten: Set<TopicPartitionName>
    ) throws(StorageError) {
        try repairRecoveryPoints(ends, rewritten)
        try repairLogStarts()
        let cleaned = path(DataDirectory.cleanedOffsetsName)
        guard try isDamaged(cleaned, { OffsetCheckpoint.decode($0) != nil }) else { return }
        let kept = try keep(file: cleaned)
        note(
            .replaced, cleaned, "\(cleaned) is damaged and emptied: compacted logs count as never compacted, no more.",
            keptAs: kept)
        try perform { () throws(StorageError) in try directory.writeCleanedOffsets(OffsetCheckpoint()) }
    }

    private func path(_ name: String) -> String { directory.path + "/" + name }

    private func isDamaged(_ path: String, _ isWhole: ([UInt8]) -> Bool) throws(StorageError) -> Bool {
        guard let bytes = try AtomicFile.read(path: path, fileSystem: fileSystem) else { return false }
        return !isWhole(bytes)
    }

    /// What was read to its end need not be read again; and a start must not take a gap behind an old recovery point for a
    /// torn end.
    private func repairRecoveryPoints(
        _ ends: [TopicPartitionName: Int64], _ rewritten: Set<TopicPartitionName>
    ) throws(StorageError) {
        let path = path(DataDirectory.recoveryPointsName)
        let damaged = try isDamaged(path) { OffsetCheckpoint.decode($0) != nil }
        guard damaged || !rewritten.isEmpty else { return }
        var checkpoint = try directory.readRecoveryPoints()
        for (name, end) in ends where damaged || rewritten.contains(name) { checkpoint.offsets[name] = end }
        if damaged {
            let kept = try keep(file: path)
            note(.rebuilt, path, "\(path) is damaged and made again: every log was read to its end.", keptAs: kept)
        }
        try perform { () throws(StorageError) in
            try directory.syncFileSystem()
            try directory.writeRecoveryPoints(checkpoint)
        }
    }

    private func repairLogStarts() throws(StorageError) {
        let foreign = path(DataDirectory.logStartOffsetsName)
        let own = path(DataDirectory.checkedStartsName)
        let isForeignDamaged = try isDamaged(foreign) { OffsetCheckpoint.decode($0) != nil }
        let isOwnDamaged = try isDamaged(own) { OffsetCheckpoint.decodeChecked($0) != nil }
        guard isForeignDamaged || isOwnDamaged else { return }
        let starts = try directory.readLogStartOffsets()
        let isLost = isForeignDamaged && isOwnDamaged
        for damaged in [isForeignDamaged ? foreign : nil, isOwnDamaged ? own : nil].compactMap({ $0 }) {
            let kept = try keep(file: damaged)
            note(
                isLost ? .replaced : .rebuilt, damaged,
                isLost
                    ? "\(damaged) is damaged, and so is its copy: records that were deleted from the middle of a segment can be read "
                        + "again."
                    : "\(damaged) is damaged and made again from its copy.",
                keptAs: kept)
        }
        try perform { () throws(StorageError) in try directory.writeLogStartOffsets(starts) }
    }
}
