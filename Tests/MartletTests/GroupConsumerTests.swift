import KafkaClient
import KafkaProtocol
import Synchronization
import Testing

@Suite struct GroupConsumerTests {
    private let quick = ConnectionSettings(connectTimeoutMilliseconds: 2_000, requestTimeoutMilliseconds: 5_000)

    private func settings(follow: Bool = false) -> GroupConsumerSettings {
        var settings = GroupConsumerSettings()
        settings.consumer.follow = follow
        settings.consumer.maxWaitMilliseconds = 5
        settings.member.heartbeatMilliseconds = 10
        settings.member.patienceMilliseconds = 3_000
        return settings
    }

    private func open(
        _ broker: FakeBroker, _ settings: GroupConsumerSettings? = nil, warn: @escaping (String) -> Void = { _ in }
    ) async throws -> GroupConsumer {
        try await GroupConsumer.open(
            topic: FakeBroker.topicName, group: "g", address: broker.address, connectionSettings: quick,
            settings: settings ?? self.settings(), warn: warn)
    }

    private func produce(_ range: Range<Int>, to broker: FakeBroker, partition: Int32) throws {
        try broker.produce(range.map { (Int64(1_000 + $0), "\(partition):\($0)") }, partition: partition)
    }

    /// Reads until there is no more, or until `isEnough`.
    private func values(
        _ consumer: GroupConsumer, until isEnough: ([String]) -> Bool = { _ in false }
    ) async throws -> [String] {
        var values: [String] = []
        while !isEnough(values), let fetched = try await consumer.fetch() {
            try fetched.visitRecords { record in
                if let bytes = record.value {
                    values.append(bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
                }
                return true
            }
            consumer.processed(fetched.nextOffsets)
        }
        return values
    }

    private func committed(_ broker: FakeBroker) -> [Int32: Int64] {
        broker.state.withLock { state in
            Dictionary(
                uniqueKeysWithValues: (state.groups.groups["g"]?.offsets ?? [:]).map {
                    ($0.key.partition, $0.value.offset)
                })
        }
    }

    @Test func readsCommitsAndGoesOn() async throws {
        let broker = try await FakeBroker.start()
        try produce(0..<10, to: broker, partition: 0)
        try produce(0..<4, to: broker, partition: 1)
        let first = try await open(broker)
        #expect(try await values(first).count == 14)
        try await first.close()
        #expect(committed(broker) == [0: 10, 1: 4])
        #expect(broker.state.withLock { $0.groups.groups["g"]?.members.isEmpty } == true)
        #expect(broker.state.withLock { $0.groups.requests[.leaveGroup] } == 1)

        try produce(10..<12, to: broker, partition: 0)
        let second = try await open(broker)
        #expect(try await values(second) == ["0:10", "0:11"])
        try await second.close()
        #expect(committed(broker) == [0: 12, 1: 4])
        // Version 10 names topics by id, which this client does not fill in.
        #expect(broker.state.withLock { $0.seenVersions[.offsetCommit] } == 9)
        #expect(broker.state.withLock { $0.seenVersions[.offsetFetch] } == 9)
        await broker.stop()
    }

    @Test func onlyWhatWasProcessedIsCommitted() async throws {
        let broker = try await FakeBroker.start { $0.partitionCount = 1 }
        try produce(0..<10, to: broker, partition: 0)
        let consumer = try await open(broker)
        _ = try await consumer.fetch()
        consumer.processed([0: 3])
        try await consumer.close()
        #expect(committed(broker) == [0: 3])
        await broker.stop()
    }

    @Test func latestStartsAtTheEndAndCommitsIt() async throws {
        let broker = try await FakeBroker.start { $0.partitionCount = 1 }
        try produce(0..<5, to: broker, partition: 0)
        var settings = settings(follow: true)
        settings.reset = .latest
        let consumer = try await open(broker, settings)
        _ = try await consumer.fetch()
        try produce(5..<7, to: broker, partition: 0)
        #expect(try await values(consumer) { $0.count >= 2 } == ["0:5", "0:6"])
        try await consumer.close()
        #expect(committed(broker) == [0: 7])
        await broker.stop()
    }

    @Test func aCommittedOffsetThatIsGoneIsReset() async throws {
        let broker = try await FakeBroker.start {
            $0.partitionCount = 1
            $0.startOffset = 4
            $0.groups.groups["g", default: .init()].offsets[TopicPartition("events", 0)] = CommittedOffset(offset: 1)
        }
        try produce(0..<6, to: broker, partition: 0)
        let warnings = Mutex<[String]>([])
        let consumer = try await open(broker) { warning in warnings.withLock { $0.append(warning) } }
        let values = try await values(consumer)
        // Batches are served whole, from the one with offset 4 on.
        #expect(values == ["0:4", "0:5"])
        try await consumer.close()
        #expect(warnings.withLock { $0 } == ["events-0 has no offset 1 (it has 4 to 6): going on at the start"])
        await broker.stop()
    }

    @Test(arguments: [
        [ErrorCode.coordinatorLoadInProgress, .notCoordinator, .unknownMemberID, .rebalanceInProgress],
        [.coordinatorNotAvailable, .illegalGeneration],
    ])
    func joiningGoesThroughPassingErrors(errors: [ErrorCode]) async throws {
        let broker = try await FakeBroker.start {
            $0.groups.errors[.joinGroup] = errors
            $0.groups.errors[.syncGroup] = [.rebalanceInProgress, .notCoordinator]
            $0.groups.errors[.offsetFetch] = [.coordinatorLoadInProgress]
            $0.groups.errors[.findCoordinator] = [.coordinatorNotAvailable]
        }
        try produce(0..<3, to: broker, partition: 0)
        let consumer = try await open(broker)
        #expect(try await values(consumer).count == 3)
        try await consumer.close()
        #expect(committed(broker) == [0: 3, 1: 0])
        await broker.stop()
    }

    @Test func aFatalErrorIsReported() async throws {
        let broker = try await FakeBroker.start { $0.groups.errors[.joinGroup] = [.groupAuthorizationFailed] }
        let consumer = try await open(broker)
        let error = await #expect(throws: ClientError.self) { try await consumer.fetch() }
        #expect(error?.code == .refused(.groupAuthorizationFailed))
        try await consumer.close()
        await broker.stop()
    }

    @Test func patienceEnds() async throws {
        let broker = try await FakeBroker.start {
            $0.groups.errors[.joinGroup] = Array(repeating: .coordinatorLoadInProgress, count: 1000)
        }
        var settings = settings()
        settings.member.patienceMilliseconds = 150
        let consumer = try await open(broker, settings)
        let error = await #expect(throws: ClientError.self) { try await consumer.fetch() }
        #expect(error?.code == .refused(.coordinatorLoadInProgress))
        await consumer.member.leave()
        await broker.stop()
    }

    @Test(arguments: [ErrorCode.rebalanceInProgress, .illegalGeneration, .unknownMemberID])
    func aHeartbeatMakesItJoinAgain(code: ErrorCode) async throws {
        let broker = try await FakeBroker.start { $0.partitionCount = 1 }
        try produce(0..<3, to: broker, partition: 0)
        let consumer = try await open(broker, settings(follow: true))
        #expect(try await values(consumer) { $0.count >= 3 }.count == 3)
        broker.state.withLock { $0.groups.errors[.heartbeat] = [code] }
        // The group has rebalanced when the generation is a later one.
        let generation = { broker.state.withLock { $0.groups.groups["g"]?.generation ?? 0 } }
        let before = generation()
        var read = try await values(consumer) { _ in generation() != before }
        try produce(3..<5, to: broker, partition: 0)
        read += try await values(consumer) { $0.contains("0:4") }
        // A member that was forgotten cannot commit: it reads again what was not committed.
        #expect(read == (code == .rebalanceInProgress ? ["0:3", "0:4"] : (0..<5).map { "0:\($0)" }))
        try await consumer.close()
        #expect(committed(broker) == [0: 5])
        await broker.stop()
    }

    @Test func connectionsThatBreakAreMadeAgain() async throws {
        let broker = try await FakeBroker.start { $0.partitionCount = 1 }
        try produce(0..<3, to: broker, partition: 0)
        let consumer = try await open(broker, settings(follow: true))
        #expect(try await values(consumer) { $0.count >= 3 }.count == 3)
        for round in 1..<4 {
            broker.dropConnections()
            try produce(3 * round..<3 * round + 3, to: broker, partition: 0)
            let read = try await values(consumer) { $0.contains("0:\(3 * round + 2)") }
            #expect(read == (3 * round..<3 * round + 3).map { "0:\($0)" })
        }
        broker.dropConnections()
        try await consumer.close()
        #expect(committed(broker) == [0: 12])
        // It was a member all the time: only the first join counts.
        #expect(broker.state.withLock { $0.groups.groups["g"]?.generation } == 1)
        await broker.stop()
    }

    @Test func commitsAsTimeGoesBy() async throws {
        let broker = try await FakeBroker.start { $0.partitionCount = 1 }
        try produce(0..<3, to: broker, partition: 0)
        var settings = settings(follow: true)
        settings.commitMilliseconds = 20
        let consumer = try await open(broker, settings)
        _ = try await values(consumer) { $0.count >= 3 }
        while committed(broker) != [0: 3] { _ = try await consumer.fetch() }
        try await consumer.close()
        await broker.stop()
    }

    @Test func newPartitionsAreNoticed() async throws {
        let broker = try await FakeBroker.start { $0.partitionCount = 1 }
        var settings = settings(follow: true)
        settings.metadataMilliseconds = 20
        let consumer = try await open(broker, settings)
        _ = try await consumer.fetch()
        broker.state.withLock { $0.partitionCount = 2 }
        try produce(0..<1, to: broker, partition: 1)
        #expect(try await values(consumer) { !$0.isEmpty } == ["1:0"])
        try await consumer.close()
        await broker.stop()
    }

    @Test func anInterruptionEndsTheReading() async throws {
        let broker = try await FakeBroker.start { $0.partitionCount = 1 }
        try produce(0..<3, to: broker, partition: 0)
        let consumer = try await open(broker, settings(follow: true))
        let member = consumer.member
        let read = try await values(consumer) { values in values.count >= 3 }
        #expect(read.count == 3)
        Task { await member.interrupt() }
        while try await consumer.fetch() != nil {}
        try await consumer.close()
        #expect(committed(broker) == [0: 3])
        #expect(broker.state.withLock { $0.groups.groups["g"]?.members.isEmpty } == true)
        await broker.stop()
    }

    @Test func aCommitThatIsTooLateIsAnError() async throws {
        let broker = try await FakeBroker.start { $0.partitionCount = 1 }
        try produce(0..<3, to: broker, partition: 0)
        let consumer = try await open(broker)
        _ = try await values(consumer)
        broker.state.withLock { $0.groups.groups["g"]?.members = [:] }
        let error = await #expect(throws: ClientError.self) { try await consumer.close() }
        #expect(error?.message.contains("could not be committed") == true)
        await broker.stop()
    }

    @Test func aMissingTopicIsAnErrorBeforeJoining() async throws {
        let broker = try await FakeBroker.start()
        let error = await #expect(throws: ClientError.self) {
            try await GroupConsumer.open(
                topic: "nothere", group: "g", address: broker.address, connectionSettings: self.quick)
        }
        #expect(error?.code == .refused(.unknownTopicOrPartition))
        #expect(broker.state.withLock { $0.groups.groups.isEmpty })
        await broker.stop()
    }
}
