// GroupConsumer: reads one topic as a member of a classic group, from where the group has committed.
//
// At least once: the caller says what it has done with (`processed`), and only that is committed: every few seconds,
// before a rebalance, and at the end. After a rebalance reading goes on at the committed offsets, whoever wrote them.
// A partition without a usable committed offset starts by `reset`, as `auto.offset.reset` decides for other clients.
// A broker that restarts is waited for. Threads: used by one task at a time, except `member`.

import KafkaProtocol

package struct GroupConsumerSettings: Sendable {
    package enum Reset: Sendable { case earliest, latest }

    package var reset = Reset.earliest
    package var member = GroupMember.Settings()
    package var consumer = ConsumerSettings()
    package var commitMilliseconds = 5_000
    /// How often the leader of the group looks for new partitions of the topic.
    package var metadataMilliseconds = 30_000

    package init() {}
}

package final class GroupConsumer {
    /// To interrupt from elsewhere.
    package let member: GroupMember
    private let topic: String
    private let connectionSettings: ConnectionSettings
    private let settings: GroupConsumerSettings
    /// Told about what is no error, but worth a line: records that will be read again.
    private let warn: (String) -> Void
    private let time = ContinuousClock()
    /// Where each partition of the topic ended at the start; empty when following.
    private var ends: [Int32: Int64] = [:]
    /// nil outside of a generation.
    private var assignment: [Int32]?
    private var reader: KafkaConsumer?
    private var cluster: KafkaCluster?
    /// Of the topic, when this generation began.
    private var partitionCount: Int?
    /// By assigned partition, the next offset that nobody has dealt with.
    private var done: [Int32: Int64] = [:]
    /// What of that the group knows.
    private var committed: [Int32: Int64] = [:]
    private var lastCommit: ContinuousClock.Instant
    private var lastMetadata: ContinuousClock.Instant
    private var patience: Patience

    /// Asks the topic for its end, so that a topic that does not exist is an error before a group is joined.
    package static func open(
        topic: String, group: String, address: BrokerAddress, connectionSettings: ConnectionSettings,
        settings: GroupConsumerSettings = GroupConsumerSettings(), warn: @escaping (String) -> Void = { _ in }
    ) async throws(ClientError) -> GroupConsumer {
        let consumer = GroupConsumer(topic, group, address, connectionSettings, settings, warn)
        let (metadata, connection) = try await consumer.leader()
        if !settings.consumer.follow {
            consumer.ends = try await connection.offsets(topic, metadata.partitions, at: .latest)
        }
        return consumer
    }

    private init(
        _ topic: String, _ group: String, _ address: BrokerAddress, _ connectionSettings: ConnectionSettings,
        _ settings: GroupConsumerSettings, _ warn: @escaping (String) -> Void
    ) {
        self.topic = topic
        self.connectionSettings = connectionSettings
        self.settings = settings
        self.warn = warn
        lastCommit = time.now
        lastMetadata = time.now
        patience = Patience(milliseconds: settings.member.patienceMilliseconds)
        member = GroupMember(
            group: group, topics: [topic], address: address, connectionSettings: connectionSettings,
            settings: settings.member)
    }

    /// The next records, from what was handed out and processed on; empty if none came in time. nil when all that this member was given is read to where it ended at
    /// the start, or after `member.interrupt()`.
    package func fetch() async throws(ClientError) -> FetchedRecords? {
        while !member.isInterrupted {
            if assignment == nil || !member.isStable {
                guard try await join() else { return nil }
            }
            if lastCommit + .milliseconds(settings.commitMilliseconds) <= time.now {
                guard try await commit() else { continue }
            }
            do throws(ClientError) {
                try await lookForNewPartitions()
                let fetched = try await read()
                patience.renew()
                return fetched
            } catch {
                if member.isInterrupted { return nil }
                // A position that is in the log no more is looked up anew.
                if error.code != .refused(.offsetOutOfRange) { try await patience.wait(error) }
                await disconnect(keepingConnection: error.code == .refused(.offsetOutOfRange))
            }
        }
        return nil
    }

    /// The caller has dealt with the records before these offsets.
    package func processed(_ offsets: [Int32: Int64]) {
        for (partition, offset) in offsets where assignment?.contains(partition) == true {
            done[partition] = max(offset, done[partition] ?? 0)
        }
    }

    /// Commits what was processed, leaves the group and closes everything.
    ///
    /// Throws if the commit was refused; the group is left in any case.
    package func close() async throws(ClientError) {
        var failure: ClientError?
        do throws(ClientError) {
            if try await !commit() {
                failure = .refused(
                    "the offsets of \(uncommitted.count) partitions could not be committed, their records will be read again",
                    .rebalanceInProgress, "the group has rebalanced without this member")
            }
        } catch { failure = error }
        await member.leave()
        await disconnect(keepingConnection: false)
        if let failure { throw failure }
    }

    // MARK: Membership

    /// False if interrupted.
    private func join() async throws(ClientError) -> Bool {
        if assignment != nil { await commitBeforeRejoining() }
        (assignment, reader, partitionCount) = (nil, nil, nil)
        (done, committed) = ([:], [:])
        guard let given = try await member.join(), let known = try await member.committedOffsets(given) else {
            return false
        }
        assignment = given.map(\.partition)
        committed = Dictionary(uniqueKeysWithValues: known.map { ($0.key.partition, $0.value.offset) })
        done = committed
        lastCommit = time.now
        return true
    }

    /// What cannot be committed any more is read again, by whoever gets the partition: that is what "at least once" says.
    private func commitBeforeRejoining() async {
        let open = uncommitted
        let isDone: Bool
        do throws(ClientError) { isDone = try await commit() } catch { isDone = false }
        if !isDone, !open.isEmpty {
            warn(
                "the group has rebalanced before the offsets of \(open.count) partitions were committed: "
                    + "their records may be printed again")
        }
    }

    private var uncommitted: [TopicPartition: Int64] {
        Dictionary(
            uniqueKeysWithValues: done.filter { committed[$0.key] != $0.value }.map {
                (TopicPartition(topic, $0.key), $0.value)
            })
    }

    /// False if the member has to join again first.
    private func commit() async throws(ClientError) -> Bool {
        let offsets = uncommitted
        lastCommit = time.now
        guard !offsets.isEmpty else { return true }
        guard try await member.commit(offsets) else { return false }
        for (partition, offset) in offsets { committed[partition.partition] = offset }
        return true
    }

    /// The leader joins again when the topic has more partitions than at the last assignment: nobody else would notice.
    private func lookForNewPartitions() async throws(ClientError) {
        guard settings.consumer.follow, member.membership.isLeader,
            lastMetadata + .milliseconds(settings.metadataMilliseconds) <= time.now
        else { return }
        let count = try await leader().topic.partitions.count
        if count != partitionCount { member.rejoin() }
    }

    // MARK: Reading

    private func read() async throws(ClientError) -> FetchedRecords? {
        if reader == nil { reader = try await openReader() }
        if let fetched = try await reader?.fetch() { return fetched }
        guard settings.consumer.follow else { return nil }
        // No partition is left over for this member.
        await pause(milliseconds: settings.consumer.maxWaitMilliseconds)
        return FetchedRecords(partitions: [], decompressedLimitBytes: settings.consumer.decompressedLimitBytes)
    }

    /// Starts at what was processed or committed, as far as the log still has it.
    private func openReader() async throws(ClientError) -> KafkaConsumer {
        let (metadata, connection) = try await leader()
        let chosen = (assignment ?? []).filter { metadata.partitions.contains($0) }
        let starts = try await connection.offsets(topic, chosen, at: .earliest)
        let latest = try await connection.offsets(topic, chosen, at: .latest)
        for partition in chosen {
            let range = (starts[partition] ?? 0)...max(starts[partition] ?? 0, latest[partition] ?? 0)
            if let position = done[partition], range.contains(position) { continue }
            if let lost = done[partition] {
                warn(
                    "\(topic)-\(partition) has no offset \(lost) (it has \(range.lowerBound) to \(range.upperBound)): "
                        + "going on at the \(settings.reset == .earliest ? "start" : "end")")
            }
            done[partition] = settings.reset == .earliest ? range.lowerBound : range.upperBound
            // An end is committed soon: who looked for it again would skip what was written meanwhile.
            if settings.reset == .latest { lastCommit = time.now - .milliseconds(settings.commitMilliseconds) }
        }
        let stops =
            settings.consumer.follow
            ? [:] : Dictionary(uniqueKeysWithValues: chosen.map { ($0, ends[$0] ?? 0) })
        return KafkaConsumer(
            topic: metadata, connection: connection, settings: settings.consumer,
            positions: done.filter { chosen.contains($0.key) }, ends: stops)
    }

    private func leader() async throws(ClientError) -> (topic: TopicMetadata, connection: KafkaConnection) {
        let cluster: KafkaCluster
        if let known = self.cluster {
            cluster = known
        } else {
            cluster = try await KafkaCluster.connect(to: member.address, settings: connectionSettings)
            self.cluster = cluster
        }
        lastMetadata = time.now
        let (metadata, connection) = try await cluster.leader(of: topic)
        partitionCount = partitionCount ?? metadata.partitions.count
        return (metadata, connection)
    }

    private func disconnect(keepingConnection: Bool) async {
        reader = nil
        guard !keepingConnection else { return }
        await cluster?.close()
        cluster = nil
    }
}
