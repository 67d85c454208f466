import LogStorage

/// Which segments have to go so that all logs together keep to `log.disk.budget.bytes`.
///
/// The segment whose last append is the longest ago goes first, whatever topic it belongs to: a topic that is written to
/// much loses as many days as one that is written to little. Only sealed segments go, and none of internal topics or of topics that are
/// only compacted; what those have counts, though.
/// Thread rule: a value of one round.
struct DiskBudget {
    private struct Candidate {
        let partition: Partition
        let segment: SegmentAge
        /// Ascends within a log, where the oldest has to go first.
        let lastAppendMilliseconds: Int64
    }

    private(set) var totalBytes: Int64 = 0
    private var candidates: [Candidate] = []

    /// - Parameter segments: of the partition's log, oldest first, the active one last.
    mutating func add(_ segments: [SegmentAge], of partition: Partition, mayGo: Bool) {
        totalBytes += segments.reduce(0) { $0 + $1.sizeInBytes }
        guard mayGo else { return }
        var last = Int64.min
        for segment in segments.dropLast() {
            last = max(last, segment.lastAppendMilliseconds)
            candidates.append(Candidate(partition: partition, segment: segment, lastAppendMilliseconds: last))
        }
    }

    /// New log starts, and how many bytes are still too many then.
    func trimmed(to limit: Int64) -> (starts: [(partition: Partition, offset: Int64)], excess: Int64) {
        var excess = totalBytes - limit
        var starts: [ObjectIdentifier: (partition: Partition, offset: Int64)] = [:]
        for candidate in candidates.sorted(by: { $0.lastAppendMilliseconds < $1.lastAppendMilliseconds }) {
            guard excess > 0 else { break }
            excess -= candidate.segment.sizeInBytes
            let start = max(starts[ObjectIdentifier(candidate.partition)]?.offset ?? 0, candidate.segment.endOffset)
            starts[ObjectIdentifier(candidate.partition)] = (candidate.partition, start)
        }
        return (Array(starts.values), excess)
    }
}
