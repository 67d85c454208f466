// The leader epochs of one log and where each starts (KIP-101, KIP-320). A single broker bumps the epoch only when
// recovery has cut something off, so that clients notice that offsets they have seen may hold other records now.
//
// Layout: `leader-epoch-checkpoint`, Kafka's text: a version line `0`, the count, then `<epoch> <start offset>` lines.
// Crash rule: replaced atomically and durably before a new epoch is used. Missing means: epoch 0 from offset 0.
// Thread rule: plain value, guarded by the partition's lock.

struct LeaderEpochs: Equatable {
    static let fileName = "leader-epoch-checkpoint"

    struct Entry: Equatable {
        var epoch: Int32
        var startOffset: Int64
    }

    /// Ascending in both; never empty.
    private(set) var entries: [Entry]

    init(entries: [Entry] = []) {
        self.entries = entries.isEmpty ? [Entry(epoch: 0, startOffset: 0)] : entries
    }

    var latest: Int32 { entries[entries.count - 1].epoch }

    /// The epoch that the record at an offset was written in.
    func epoch(at offset: Int64) -> Int32 {
        (entries.last { $0.startOffset <= offset } ?? entries[0]).epoch
    }

    /// What OffsetForLeaderEpoch answers: the largest epoch not above the asked one, and where it ends; (-1, -1) for an
    /// epoch that is undefined or newer than any known.
    func endOffset(for requested: Int32, logEndOffset: Int64) -> (epoch: Int32, endOffset: Int64) {
        if requested < 0 { return (-1, -1) }
        if requested == latest { return (requested, logEndOffset) }
        guard let higher = entries.first(where: { $0.epoch > requested }) else { return (-1, -1) }
        // Older than anything kept: the data is gone, what is left starts with the first epoch above it.
        guard let floor = entries.last(where: { $0.epoch <= requested }) else { return (requested, higher.startOffset) }
        return (floor.epoch, higher.startOffset)
    }

    /// Starts a new epoch; epochs in which nothing was written vanish.
    mutating func assign(_ epoch: Int32, startOffset: Int64) {
        precondition(epoch > latest, "leader epochs only grow")
        entries.removeAll { $0.startOffset >= startOffset }
        entries.append(Entry(epoch: epoch, startOffset: startOffset))
    }

    /// Forgets epochs of which nothing is left. True when that changed something.
    mutating func truncate(before logStartOffset: Int64) -> Bool {
        let covering = entries.lastIndex { $0.startOffset <= logStartOffset } ?? 0
        if covering == 0 { return false }
        entries.removeFirst(covering)
        entries[0].startOffset = logStartOffset
        return true
    }

    var encoded: [UInt8] {
        CheckpointText.encode(entries.map { "\($0.epoch) \($0.startOffset)" })
    }

    /// nil when the text is damaged.
    static func decode(_ bytes: [UInt8]) -> LeaderEpochs? {
        guard let lines = CheckpointText.decode(bytes) else { return nil }
        var entries: [Entry] = []
        for line in lines {
            let words = line.split(separator: " ")
            guard words.count == 2, let epoch = Int32(words[0]), let start = Int64(words[1]), epoch >= 0, start >= 0,
                entries.last.map({ $0.epoch < epoch && $0.startOffset <= start }) ?? true
            else { return nil }
            entries.append(Entry(epoch: epoch, startOffset: start))
        }
        return LeaderEpochs(entries: entries)
    }
}
