// GroupSnapshot: a group, what it has committed, and what of its topics it has not read yet, at one moment.
//
// Lag in records: offsets from the committed one (or where the log starts, if that is later) to the end of the log. Where
// compaction or transactions leave gaps, it counts the gaps too.
// Lag in time: how old the oldest record is that the group has not consumed yet: the time now, minus the timestamp of the
// first record at or after the committed offset, which is read from the log itself. 0 if there is none; unknown if the
// record has no timestamp or cannot be read. With LogAppendTime it is how long that record has been waiting; with
// CreateTime it includes what the producer took, and compares the producer's clock with this machine's.

import KafkaClient

struct GroupSnapshot: Equatable {
    struct Partition: Equatable {
        var partition: TopicPartition
        /// nil if nothing is committed.
        var committed: CommittedOffset?
        /// Where the log starts and ends; nil if the topic does not exist any more.
        var log: ClosedRange<Int64>?
        /// Timestamp of the first record that is not consumed; nil if there is none or it is not known.
        var oldestUnread: Int64?
        /// Whose it is; nil if it is nobody's.
        var memberID: String?

        /// Where the group reads on; nil if it is not known: a client decides that by `auto.offset.reset`.
        var position: Int64? {
            guard let committed, let log else { return nil }
            return min(max(committed.offset, log.lowerBound), log.upperBound)
        }

        var lag: Int64? {
            guard let position, let log else { return nil }
            return log.upperBound - position
        }

        /// Records that were deleted before the group has read them.
        var lost: Int64 {
            guard let committed, let log else { return 0 }
            return max(0, log.lowerBound - committed.offset)
        }

        /// Milliseconds; nil is unknown.
        func lagTime(now: Int64) -> Int64? {
            guard let lag else { return nil }
            if lag == 0 { return 0 }
            return oldestUnread.map { max(0, now - $0) }
        }
    }

    var description: GroupDescription
    /// In order.
    var partitions: [Partition]
    /// When the offsets were read: milliseconds since 1970, and on a clock that does not jump.
    var wallMilliseconds: Int64
    var monotonicMilliseconds: Int64

    /// Of all partitions with a known lag; nil if there is none.
    var lag: Int64? {
        let known = partitions.compactMap(\.lag)
        return known.isEmpty ? nil : known.reduce(0, +)
    }

    /// The longest.
    var lagTime: Int64? { partitions.compactMap { $0.lagTime(now: wallMilliseconds) }.max() }
}

extension GroupSnapshot {
    /// Groups in the given order; one that does not exist and has committed nothing is left out.
    static func read(
        _ groups: [String], from cluster: KafkaCluster, now: () -> (wall: Int64, monotonic: Int64)
    ) async throws(ClientError) -> [GroupSnapshot] {
        var found: [(GroupDescription, [TopicPartition: CommittedOffset])] = []
        for (coordinator, own) in try await cluster.coordinators(of: groups) {
            let descriptions = try await coordinator.describe(own)
            for group in own {
                let committed = try await coordinator.committedOffsets(of: group)
                if let description = descriptions[group] {
                    found.append((description, committed))
                } else if !committed.isEmpty {
                    found.append((offsetsOnly(group, coordinator), committed))
                }
            }
        }
        let order = Dictionary(groups.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        found.sort { (order[$0.0.group] ?? 0) < (order[$1.0.group] ?? 0) }
        let lookup = try await LogLookup(found.flatMap { partitions($0.0, $0.1) }, cluster)
        let (wall, monotonic) = now()
        var snapshots = found.map { description, committed in
            GroupSnapshot(
                description: description,
                partitions: rows(description, committed, lookup), wallMilliseconds: wall,
                monotonicMilliseconds: monotonic)
        }
        // Groups that read on at the same offset share a lookup.
        let unread = snapshots.flatMap(\.partitions).filter { ($0.lag ?? 0) > 0 }
        let times = try await lookup.times(unread.compactMap { row in row.position.map { (row.partition, $0) } })
        for index in snapshots.indices {
            for row in snapshots[index].partitions.indices {
                let each = snapshots[index].partitions[row]
                guard let position = each.position, (each.lag ?? 0) > 0 else { continue }
                snapshots[index].partitions[row].oldestUnread = times[each.partition]?[position]
            }
        }
        return snapshots
    }

    /// A group of which the coordinator knows nothing but offsets.
    private static func offsetsOnly(_ group: String, _ coordinator: GroupCoordinator) -> GroupDescription {
        GroupDescription(
            group: group, kind: .classic, state: "Empty", protocolType: "", coordinatorID: coordinator.nodeID,
            coordinatorAddress: coordinator.address)
    }

    private static func partitions(
        _ description: GroupDescription, _ committed: [TopicPartition: CommittedOffset]
    ) -> [TopicPartition] {
        Set(committed.keys).union(description.members.flatMap { $0.assignment ?? [] }).sorted()
    }

    private static func rows(
        _ description: GroupDescription, _ committed: [TopicPartition: CommittedOffset], _ lookup: LogLookup
    ) -> [Partition] {
        var owners: [TopicPartition: String] = [:]
        for member in description.members {
            for partition in member.assignment ?? [] { owners[partition] = member.id }
        }
        return partitions(description, committed).map { partition in
            Partition(
                partition: partition, committed: committed[partition], log: lookup.logs[partition],
                memberID: owners[partition])
        }
    }
}

/// Starts and ends of logs, and times of records in them.
private struct LogLookup {
    let map: PartitionMap
    let logs: [TopicPartition: ClosedRange<Int64>]

    init(_ partitions: [TopicPartition], _ cluster: KafkaCluster) async throws(ClientError) {
        map = try await cluster.locate(Set(partitions.map(\.topic)))
        let distinct = Set(partitions).sorted()
        let starts = try await map.offsets(of: distinct, at: .earliest)
        let ends = try await map.offsets(of: distinct, at: .latest)
        logs = starts.reduce(into: [:]) { logs, start in
            logs[start.key] = start.value...max(start.value, ends[start.key] ?? start.value)
        }
    }

    /// Timestamps of the first records at or after the positions, by partition and position.
    func times(
        _ positions: [(TopicPartition, Int64)]
    ) async throws(ClientError) -> [TopicPartition: [Int64: Int64]] {
        var open: [TopicPartition: Set<Int64>] = [:]
        for (partition, position) in positions { open[partition, default: []].insert(position) }
        var times: [TopicPartition: [Int64: Int64]] = [:]
        while !open.isEmpty {
            let round = open.compactMapValues(\.first)
            for (partition, time) in try await map.recordTimes(round) {
                if let position = round[partition] { times[partition, default: [:]][position] = time }
            }
            for (partition, position) in round { open[partition]?.remove(position) }
            open = open.filter { !$0.value.isEmpty }
        }
        return times
    }
}
