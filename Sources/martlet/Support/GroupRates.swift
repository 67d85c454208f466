// GroupRates: how fast a group commits and its topics grow, from two snapshots.
//
// Clients commit every few seconds: over a short time the rate of consumption jumps. `GroupHistory` therefore keeps the
// snapshots of the last half minute and compares the newest with the oldest of them.

import KafkaClient

/// When a group will have read everything, if it goes on as it did.
enum CatchUp: Equatable {
    case caughtUp
    /// In so many seconds.
    case seconds(Double)
    /// It reads no faster than records come.
    case never
    /// Nothing was committed, but the next commit may be on its way.
    case notYetKnown

    /// - Parameter mayCommitLater: whether the rates come from so short a time that a reading group may commit nothing in it.
    init(lag: Int64, consumedPerSecond: Double, producedPerSecond: Double, mayCommitLater: Bool) {
        if lag == 0 {
            self = .caughtUp
        } else if consumedPerSecond == 0, mayCommitLater {
            self = .notYetKnown
        } else if consumedPerSecond > producedPerSecond {
            self = .seconds(Double(lag) / (consumedPerSecond - producedPerSecond))
        } else {
            self = .never
        }
    }

    var text: String {
        switch self {
        case .caughtUp: "-"
        case .seconds(let seconds):
            DurationText.format(milliseconds: Int64(min(seconds * 1000, 1e15).rounded()))
        case .never: "never"
        case .notYetKnown: "?"
        }
    }
}

struct GroupRates: Equatable {
    struct Rate: Equatable {
        let consumedPerSecond: Double
        let producedPerSecond: Double
        let catchUp: CatchUp
    }

    /// Of partitions whose committed offset and log were known both times, and did not go back (a reset, a new topic).
    private(set) var partitions: [TopicPartition: Rate] = [:]
    /// Of those partitions together; nil if there are none. A partition that stands still may hide among others here.
    private(set) var total: Rate?

    /// Twice what most clients wait between two commits (`auto.commit.interval.ms`).
    private static let commitSecondsMax: Double = 10

    init(from earlier: GroupSnapshot, to later: GroupSnapshot) {
        let seconds = Double(later.monotonicMilliseconds - earlier.monotonicMilliseconds) / 1000
        guard seconds > 0 else { return }
        let mayCommitLater = seconds < Self.commitSecondsMax && !later.description.members.isEmpty
        let before = Dictionary(uniqueKeysWithValues: earlier.partitions.map { ($0.partition, $0) })
        var sums = (consumed: Int64(0), produced: Int64(0), lag: Int64(0))
        for after in later.partitions {
            guard let first = before[after.partition], let lag = after.lag, let end = after.log?.upperBound,
                let earlierEnd = first.log?.upperBound, let committed = after.committed?.offset,
                let earlierCommitted = first.committed?.offset, committed >= earlierCommitted, end >= earlierEnd
            else { continue }
            let (consumed, produced) = (committed - earlierCommitted, end - earlierEnd)
            partitions[after.partition] = Self.rate(consumed, produced, lag, seconds, mayCommitLater)
            sums = (sums.consumed + consumed, sums.produced + produced, sums.lag + lag)
        }
        if !partitions.isEmpty {
            total = Self.rate(sums.consumed, sums.produced, sums.lag, seconds, mayCommitLater)
        }
    }

    private static func rate(
        _ consumed: Int64, _ produced: Int64, _ lag: Int64, _ seconds: Double, _ mayCommitLater: Bool
    ) -> Rate {
        let (consumed, produced) = (Double(consumed) / seconds, Double(produced) / seconds)
        return Rate(
            consumedPerSecond: consumed, producedPerSecond: produced,
            catchUp: CatchUp(
                lag: lag, consumedPerSecond: consumed, producedPerSecond: produced, mayCommitLater: mayCommitLater))
    }
}

/// Snapshots of groups over time, for their rates.
struct GroupHistory {
    private var snapshots: [[GroupSnapshot]] = []
    private static let windowMilliseconds: Int64 = 30_000

    /// Takes the newest snapshots and returns rates by group; a group that is seen for the first time has none.
    mutating func rates(_ newest: [GroupSnapshot]) -> [String: GroupRates] {
        defer { snapshots.append(newest) }
        guard let now = newest.first?.monotonicMilliseconds else { return [:] }
        snapshots.removeAll { ($0.first?.monotonicMilliseconds ?? .min) < now - Self.windowMilliseconds }
        var rates: [String: GroupRates] = [:]
        for later in newest {
            let group = later.description.group
            let oldest = snapshots.lazy.flatMap(\.self).first { $0.description.group == group }
            if let oldest { rates[group] = GroupRates(from: oldest, to: later) }
        }
        return rates
    }
}
