// OffsetReset: which offsets a group is to go on from, and what that changes. No network: the caller has looked
// everything up.

import KafkaClient

enum ResetTarget: Equatable {
    case earliest
    case latest
    case offset(Int64)
    /// The first record at or after this time, in milliseconds since 1970; the end if there is none.
    case timestamp(Int64)
    /// Forwards, or backwards if negative, from what is committed.
    case shift(Int64)
    /// What is committed; the end if nothing is.
    case current
}

struct OffsetChange: Equatable {
    let partition: TopicPartition
    /// nil if nothing was committed.
    let before: Int64?
    let after: Int64
    /// Why it is not quite what was asked for; empty if it is.
    let note: String

    /// - Parameters:
    ///   - log: where the partition's log starts and ends.
    ///   - found: the offset that a lookup by time gave; -1 for none.
    init(
        _ partition: TopicPartition, to target: ResetTarget, committed: Int64?, log: ClosedRange<Int64>, found: Int64?
    ) throws(CommandFailure) {
        self.partition = partition
        before = committed
        let wanted: Int64
        var note = ""
        switch target {
        case .earliest: wanted = log.lowerBound
        case .latest: wanted = log.upperBound
        case .offset(let offset): wanted = offset
        case .timestamp:
            let exists = found.map { $0 >= 0 } ?? false
            wanted = exists ? found ?? log.upperBound : log.upperBound
            if !exists { note = "no record is that late: the end" }
        case .shift(let distance):
            guard let committed else {
                throw CommandFailure("nothing is committed for \(partition): there is nothing to shift by \(distance)")
            }
            let (sum, overflows) = committed.addingReportingOverflow(distance)
            wanted = overflows ? (distance < 0 ? .min : .max) : sum
        case .current:
            wanted = committed ?? log.upperBound
            if committed == nil { note = "nothing was committed: the end" }
        }
        after = min(max(wanted, log.lowerBound), log.upperBound)
        if wanted < log.lowerBound { note = "moved to the start of the log" }
        if wanted > log.upperBound { note = "moved to the end of the log" }
        self.note = note
    }
}
