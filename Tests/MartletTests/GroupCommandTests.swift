import ArgumentParser
import KafkaClient
import KafkaProtocol
import KafkaRecords
import Testing

@testable import martlet

private func parse<Command: ParsableCommand>(_ type: Command.Type, _ words: String) throws -> Command {
    let command = try Martlet.parseAsRoot(words.split(separator: " ").map(String.init))
    return try #require(command as? Command)
}

@Suite struct GroupParsingTests {
    @Test func list() throws {
        let command = try parse(GroupListCommand.self, "group list --state stable --state EMPTY --type Consumer")
        #expect(command.request.statesFilter == ["Stable", "Empty"])
        #expect(command.request.typesFilter == ["consumer"])
        #expect(try parse(GroupListCommand.self, "group list").request == ListGroupsRequest())
    }

    @Test func describe() throws {
        let command = try parse(GroupDescribeCommand.self, "group describe a b --rate 0.5 --json")
        #expect(command.groups == ["a", "b"] && command.rate == 0.5 && command.watch == nil && command.output.json)
        #expect(try parse(GroupDescribeCommand.self, "group describe --all --watch").watch == 2)
        #expect(try parse(GroupDescribeCommand.self, "group describe a -w 10").watch == 10)
        #expect(try parse(GroupDescribeCommand.self, "group describe a --watch --json").watch == 2)
    }

    @Test func resetTargets() throws {
        func target(_ words: String) throws -> ResetTarget {
            try parse(GroupResetOffsetsCommand.self, "group reset-offsets g --topic t \(words)").target(
                now: 1_700_000_100_000)
        }
        #expect(try target("--to-earliest") == .earliest)
        #expect(try target("--to-latest") == .latest)
        #expect(try target("--to-current") == .current)
        #expect(try target("--to-offset 7") == .offset(7))
        #expect(try target("--to-timestamp 2023-11-14T22:13:20Z") == .timestamp(1_700_000_000_000))
        #expect(try target("--by-duration PT1M40S") == .timestamp(1_700_000_000_000))
        #expect(try target("--by-duration 100s") == .timestamp(1_700_000_000_000))
        #expect(try target("--shift-by 5") == .shift(5))
        #expect(try target("--shift-by -5") == .shift(-5))
    }

    @Test func deletions() throws {
        let offsets = try parse(GroupDeleteOffsetsCommand.self, "group delete-offsets g --topic a --topic b:1 -y")
        #expect(offsets.topic == ["a", "b:1"] && offsets.yes)
        let groups = try parse(GroupDeleteCommand.self, "group delete a b --yes --if-exists")
        #expect(groups.groups == ["a", "b"] && groups.yes && groups.ifExists)
    }

    @Test func consumeWithAGroup() throws {
        #expect(try parse(ConsumeCommand.self, "consume t --group g --count 3").group == "g")
        #expect(try parse(ConsumeCommand.self, "consume t -g g --from-end").follows)
    }

    @Test(arguments: [
        "group", "group list --state sleeping", "group list --type modern", "group describe", "group describe a --all",
        "group describe a --rate 0", "group describe a --watch 1 --rate 1", "group describe a --watch 0",
        "group reset-offsets g --to-earliest", "group reset-offsets g --topic t",
        "group reset-offsets g --topic t --to-earliest --to-latest",
        "group reset-offsets g --topic t --all-topics --to-latest",
        "group reset-offsets g --topic t:x --to-latest", "group reset-offsets g --topic t --to-offset -1",
        "group reset-offsets g --topic t --by-duration soon", "group reset-offsets g --topic t --to-timestamp noon",
        "group delete", "group delete-offsets g", "group delete-offsets g --topic :1", "consume t --group g --offset 1",
        "consume t --group g -p 0", "consume t --group g --timestamp 1",
    ])
    func wrongUsage(words: String) {
        do {
            let command = try Martlet.parseAsRoot(words.split(separator: " ").map(String.init))
            // "group" alone is a command that prints its help.
            #expect(words == "group", "parsed \(command)")
        } catch { #expect(ExitStatus(error) == .usage) }
    }
}

@Suite struct GroupReadingTests {
    private func cluster(_ broker: FakeBroker) async throws -> KafkaCluster {
        try await KafkaCluster.connect(to: broker.address)
    }

    private func snapshot(_ broker: FakeBroker, _ group: String = "g", now: Int64 = 10_000) async throws
        -> GroupSnapshot
    {
        let cluster = try await cluster(broker)
        let found = try await GroupSnapshot.read([group], from: cluster) { (now, 77) }
        await cluster.close()
        return try #require(found.first)
    }

    private static func events(_ partition: Int32) -> TopicPartition { TopicPartition("events", partition) }

    @Test func listsSortedAndFiltered() async throws {
        let broker = try await FakeBroker.start {
            $0.groups.groups["b"] = .init()
            $0.groups.groups["a"] = .init(members: ["m": ("c", [])])
            $0.groups.groups["c"] = .init(consumerKind: .init(groupState: "Reconciling"))
        }
        let cluster = try await cluster(broker)
        let all = try await GroupListCommand.list(ListGroupsRequest(), from: cluster)
        #expect(
            GroupListCommand.table(all) == """
                GROUP  TYPE      STATE        PROTOCOL
                a      classic   Stable       consumer
                b      classic   Empty        consumer
                c      consumer  Reconciling  consumer

                """)
        let empty = try await GroupListCommand.list(ListGroupsRequest(statesFilter: ["Empty"]), from: cluster)
        #expect(empty.map(\.groupID) == ["b"])
        await cluster.close()
        await broker.stop()
    }

    @Test func aFilterThatTheBrokerDoesNotKnowIsRefused() async throws {
        let broker = try await FakeBroker.start { $0.groups.served[.listGroups] = 0...3 }
        let cluster = try await cluster(broker)
        await #expect(throws: CommandFailure.self) {
            try await GroupListCommand.list(ListGroupsRequest(statesFilter: ["Empty"]), from: cluster)
        }
        await #expect(throws: CommandFailure.self) {
            try await GroupListCommand.list(ListGroupsRequest(typesFilter: ["classic"]), from: cluster)
        }
        await cluster.close()
        await broker.stop()
    }

    @Test func lagOfAClassicGroup() async throws {
        let broker = try await FakeBroker.start { state in
            state.groups.groups["g"] = .init(
                generation: 1, members: ["m1": ("app", [])],
                assignments: ["m1": ConsumerProtocol.encodeAssignment([Self.events(0), Self.events(1)])],
                offsets: [Self.events(0): CommittedOffset(offset: 2, metadata: "note")])
        }
        try broker.produce((0..<5).map { (1_000 * Int64($0), "v") }, partition: 0)
        let read = try await snapshot(broker)
        #expect(read.description.state == "Stable" && read.description.kind == .classic)
        #expect(read.description.assignor == "range" && read.description.coordinatorID == 1)
        #expect(read.partitions.map(\.partition) == [Self.events(0), Self.events(1)])
        let first = try #require(read.partitions.first)
        #expect(first.committed == CommittedOffset(offset: 2, metadata: "note"))
        #expect(first.log == 0...5 && first.lag == 3 && first.memberID == "m1")
        #expect(first.oldestUnread == 2_000 && first.lagTime(now: 10_000) == 8_000)
        // Assigned, and nothing committed: nobody knows where it will start.
        #expect(read.partitions[1].lag == nil && read.partitions[1].memberID == "m1")
        #expect(read.lag == 3 && read.lagTime == 8_000)
        await broker.stop()
    }

    /// The first record of a batch is not the one that counts.
    @Test(arguments: Compression.allCases)
    func ageWithinABatch(codec: Compression) async throws {
        let broker = try await FakeBroker.start {
            $0.groups.groups["g"] = .init(offsets: [Self.events(0): CommittedOffset(offset: 3)])
        }
        var builder = RecordBatchBuilder(compression: codec)
        for number in 0..<5 {
            let value = Array("value \(number)".utf8)
            builder.append(timestamp: 5_000 - 10 * Int64(number), key: nil, value: value.span.bytes)
        }
        broker.append(try builder.build(), partition: 0)
        let row = try #require(try await snapshot(broker).partitions.first)
        #expect(row.lag == 2 && row.oldestUnread == 4_970)
        await broker.stop()
    }

    @Test func agesAtTheEdges() async throws {
        let broker = try await FakeBroker.start {
            $0.partitionCount = 4
            $0.startOffset = 2
            $0.groups.groups["g"] = .init(offsets: [
                Self.events(0): CommittedOffset(offset: 3), Self.events(1): CommittedOffset(offset: 1),
                Self.events(2): CommittedOffset(offset: 9), Self.events(3): CommittedOffset(offset: 2),
                TopicPartition("gone", 0): CommittedOffset(offset: 1),
            ])
        }
        try broker.produce([(0, "a"), (1, "b"), (2, "c")], partition: 0)
        try broker.produce([(0, "a"), (1, "b"), (7_000, "c")], partition: 1)
        try broker.produce([(0, "a"), (1, "b"), (2, "c")], partition: 2)
        try broker.produce([(0, "a"), (1, "b"), (-1, "no time"), (99_000, "later than now")], partition: 3)
        let read = try await snapshot(broker)
        let rows = read.partitions
        #expect(rows.map(\.lag) == [0, 1, 0, 2, nil])
        // Read to the end: 0. Deleted before it was read: what is left counts. Beyond the end. No time. No topic.
        #expect(rows.map { $0.lagTime(now: 10_000) } == [0, 3_000, 0, nil, nil])
        #expect(rows.map(\.lost) == [0, 1, 0, 0, 0])
        let text = GroupReport(snapshot: read, rates: nil).text
        #expect(text.contains("note: events-1: 1 record was deleted before the group had read so far"))
        #expect(text.contains("note: events-2: the committed offset is beyond the end of the log"))
        #expect(text.contains("note: gone:0 does not exist any more"))
        await broker.stop()
    }

    @Test func aTimeInTheFutureIsNoAge() async throws {
        let broker = try await FakeBroker.start {
            $0.groups.groups["g"] = .init(offsets: [Self.events(0): CommittedOffset(offset: 0)])
        }
        try broker.produce([(99_000, "later than now")], partition: 0)
        #expect(try await snapshot(broker).lagTime == 0)
        await broker.stop()
    }

    /// What transactions leave: the offsets are there, the records are not.
    @Test func controlBatchesHaveNoAge() async throws {
        let broker = try await FakeBroker.start {
            $0.groups.groups["g"] = .init(offsets: [Self.events(0): CommittedOffset(offset: 1)])
        }
        try broker.produce([(1_000, "a")], partition: 0)
        try broker.appendControlBatch(partition: 0)
        try broker.appendControlBatch(partition: 0)
        #expect(try await snapshot(broker).partitions.first?.oldestUnread == nil)
        try broker.produce([(6_000, "b")], partition: 0)
        let row = try #require(try await snapshot(broker).partitions.first)
        #expect(row.lag == 3 && row.oldestUnread == 6_000)
        await broker.stop()
    }

    @Test func aGroupOfTheConsumerProtocol() async throws {
        let broker = try await FakeBroker.start { state in
            state.groups.groups["g"] = .init(
                offsets: [Self.events(1): CommittedOffset(offset: 0)],
                consumerKind: .init(
                    groupState: "Reconciling", groupEpoch: 4, assignmentEpoch: 3, assignorName: "uniform",
                    members: [
                        .init(
                            memberID: "m", instanceID: "i", memberEpoch: 2, clientID: "app", clientHost: "/::1",
                            assignment: .init(topicPartitions: [.init(topicName: "events", partitions: [0])]),
                            targetAssignment: .init(topicPartitions: [.init(topicName: "events", partitions: [1, 0])]))
                    ]))
        }
        let read = try await snapshot(broker)
        #expect(read.description.kind == .consumer && read.description.assignor == "uniform")
        let member = try #require(read.description.members.first)
        #expect(member.epoch == 2 && member.assignment == [Self.events(0)])
        #expect(member.target == [Self.events(0), Self.events(1)])
        let text = GroupReport(snapshot: read, rates: nil).text
        #expect(text.contains("epoch        4 (assignment 3)\n"))
        #expect(text.contains("m       i         app     /::1      2  events:0-1  events:0\n"), "\(text)")
        #expect(broker.state.withLock { $0.groups.requests[.describeGroups] } == nil)
        await broker.stop()
    }

    @Test func aGroupThatDoesNotExist() async throws {
        for newest: Int16 in [5, 6] {
            let broker = try await FakeBroker.start { $0.groups.served[.describeGroups] = 0...newest }
            let cluster = try await cluster(broker)
            #expect(try await GroupSnapshot.read(["none"], from: cluster) { (0, 0) }.isEmpty)
            await cluster.close()
            await broker.stop()
        }
    }

    @Test func olderBrokersAreAskedInTheirWay() async throws {
        let broker = try await FakeBroker.start {
            $0.groups.served[.findCoordinator] = 0...0
            $0.groups.served[.offsetFetch] = 1...7
            $0.groups.served[.describeGroups] = 0...0
            $0.groups.served[.consumerGroupDescribe] = nil
            $0.groups.groups["g"] = .init(offsets: [Self.events(0): CommittedOffset(offset: 0)])
        }
        try broker.produce([(1, "a")], partition: 0)
        #expect(try await snapshot(broker).lag == 1)
        await broker.stop()
    }

    @Test func deletesWhatIsCommitted() async throws {
        let committed = [Self.events(0): CommittedOffset(offset: 1), Self.events(2): CommittedOffset(offset: 3)]
        let chosen = GroupDeleteOffsetsCommand.chosen(
            ["events:0-1"].compactMap { TopicSelection($0) }, from: committed)
        #expect(chosen == [Self.events(0)])
        let broker = try await FakeBroker.start { $0.groups.groups["g"] = .init(offsets: committed) }
        let cluster = try await cluster(broker)
        let coordinator = try await cluster.coordinator(of: "g")
        #expect(try await coordinator.deleteOffsets("g", chosen).isEmpty)
        #expect(try await coordinator.committedOffsets(of: "g").keys.sorted() == [Self.events(2)])
        broker.state.withLock { $0.groups.groups["g"]?.members["m"] = ("", []) }
        #expect(try await coordinator.deleteOffsets("g", [Self.events(2)]) == [Self.events(2): .groupSubscribedToTopic])
        await cluster.close()
        await broker.stop()
    }

    @Test func commitsWithoutAMemberOnlyWhileThereIsNone() async throws {
        let broker = try await FakeBroker.start { $0.groups.errors[.offsetCommit] = [.coordinatorLoadInProgress] }
        let cluster = try await cluster(broker)
        let coordinator = try await cluster.coordinator(of: "g")
        #expect(try await coordinator.commitWithoutMember("g", [Self.events(0): 5]).isEmpty)
        #expect(try await coordinator.committedOffsets(of: "g") == [Self.events(0): CommittedOffset(offset: 5)])
        broker.state.withLock { $0.groups.groups["g"]?.members["m"] = ("", []) }
        #expect(
            try await coordinator.commitWithoutMember("g", [Self.events(0): 6]) == [Self.events(0): .unknownMemberID])
        await cluster.close()
        await broker.stop()
    }

    /// The whole command, against a broker: its plan, its commit and its refusal.
    @Test func resetOffsets() async throws {
        let broker = try await FakeBroker.start {
            $0.startOffset = 1
            $0.groups.groups["g"] = .init(offsets: [Self.events(0): CommittedOffset(offset: 2)])
        }
        try broker.produce([(1_000, "a"), (2_000, "b"), (3_000, "c")], partition: 0)
        func run(_ words: String) async throws {
            try await parse(GroupResetOffsetsCommand.self, "group reset-offsets g \(words) -b \(broker.address)").run()
        }
        func offsets() -> [Int32: Int64] {
            broker.state.withLock { state in
                Dictionary(
                    uniqueKeysWithValues: (state.groups.groups["g"]?.offsets ?? [:]).map {
                        ($0.key.partition, $0.value.offset)
                    })
            }
        }
        try await run("--topic events:0 --to-earliest --dry-run")
        #expect(offsets() == [0: 2])
        try await run("--topic events:0 --to-earliest")
        #expect(offsets() == [0: 1])
        // What is not named and has nothing committed is not shifted.
        try await run("--topic events --shift-by 1")
        #expect(offsets() == [0: 2])
        await #expect(throws: CommandFailure.self) { try await run("--topic events:0,1 --shift-by 1") }
        try await run("--all-topics --to-timestamp 1500")
        #expect(offsets() == [0: 1, 1: 1])
        try await run("--all-topics --to-timestamp 2500")
        #expect(offsets()[0] == 2)
        try await run("--topic events:0 --shift-by 10")
        #expect(offsets()[0] == 3)
        await #expect(throws: CommandFailure.self) { try await run("--topic events:9 --to-latest") }
        await #expect(throws: CommandFailure.self) { try await run("--topic nothere --to-latest") }
        broker.state.withLock { $0.groups.groups["g"]?.members["m"] = ("", []) }
        let failure = await #expect(throws: CommandFailure.self) { try await run("--topic events:0 --to-latest") }
        #expect(failure?.message.contains("is Stable and has 1 member") == true)
        try await run("--topic events:0 --to-earliest --dry-run")
        #expect(offsets()[0] == 3)
        await broker.stop()
    }

    @Test func deleteGroups() async throws {
        let broker = try await FakeBroker.start {
            $0.groups.groups["a"] = .init()
            $0.groups.groups["b"] = .init(members: ["m": ("", [])])
        }
        func run(_ words: String) async throws {
            try await parse(GroupDeleteCommand.self, "group delete \(words) --yes -b \(broker.address)").run()
        }
        let failure = await #expect(throws: ClientError.self) { try await run("b a") }
        #expect(failure?.code == .refused(.nonEmptyGroup))
        #expect(broker.state.withLock { $0.groups.groups.keys.sorted() } == ["b"])
        let missing = await #expect(throws: ClientError.self) { try await run("a") }
        #expect(missing?.code == .refused(.groupIDNotFound))
        try await run("a --if-exists")
        await broker.stop()
    }
}

@Suite struct OffsetResetTests {
    private let partition = TopicPartition("t", 0)

    private func after(_ target: ResetTarget, committed: Int64? = 50, found: Int64? = nil) throws -> [String] {
        let change = try OffsetChange(partition, to: target, committed: committed, log: 10...100, found: found)
        return ["\(change.after)", change.note]
    }

    @Test func targets() throws {
        #expect(try after(.earliest) == ["10", ""])
        #expect(try after(.latest) == ["100", ""])
        #expect(try after(.offset(42)) == ["42", ""])
        #expect(try after(.timestamp(1), found: 60) == ["60", ""])
        #expect(try after(.shift(-5)) == ["45", ""])
        #expect(try after(.current) == ["50", ""])
    }

    @Test func whatTheLogDoesNotHave() throws {
        #expect(try after(.offset(9)) == ["10", "moved to the start of the log"])
        #expect(try after(.offset(101)) == ["100", "moved to the end of the log"])
        #expect(try after(.shift(-500)) == ["10", "moved to the start of the log"])
        #expect(try after(.shift(.max)) == ["100", "moved to the end of the log"])
        #expect(try after(.current, committed: 5) == ["10", "moved to the start of the log"])
        #expect(try after(.timestamp(1), found: -1) == ["100", "no record is that late: the end"])
    }

    @Test func nothingCommitted() throws {
        #expect(try after(.current, committed: nil) == ["100", "nothing was committed: the end"])
        #expect(throws: CommandFailure.self) { try after(.shift(1), committed: nil) }
    }

    @Test func output() throws {
        let change = try OffsetChange(partition, to: .offset(9), committed: nil, log: 10...100, found: nil)
        #expect(
            GroupResetOffsetsCommand.table([change])
                == "TOPIC  PARTITION  BEFORE  AFTER  NOTE\nt              0  -          10  moved to the start of the log\n"
        )
        var json = JSONText()
        GroupResetOffsetsCommand.write("g", [change], dryRun: true, &json)
        #expect(
            json.text
                == #"{"group":"g","dry_run":true,"partitions":[{"topic":"t","partition":0,"before":null,"after":10,"note":"moved to the start of the log"}]}"#
        )
    }
}

@Suite struct GroupReportTests {
    private func snapshot(_ offsets: [(committed: Int64, end: Int64)], at seconds: Int64 = 0, group: String = "g")
        -> GroupSnapshot
    {
        GroupSnapshot(
            description: GroupDescription(
                group: group, kind: .classic, state: "Stable", assignor: "range",
                members: [
                    .init(
                        id: "m-1", clientID: "app", host: "/127.0.0.1",
                        assignment: offsets.indices.map { TopicPartition("t", Int32($0)) })
                ], coordinatorID: 1, coordinatorAddress: BrokerAddress(host: "h", port: 9092)),
            partitions: offsets.enumerated().map { index, offsets in
                .init(
                    partition: TopicPartition("t", Int32(index)), committed: CommittedOffset(offset: offsets.committed),
                    log: 0...offsets.end, oldestUnread: offsets.end > offsets.committed ? 60_000 : nil, memberID: "m-1")
            }, wallMilliseconds: 72_300 + 1000 * seconds, monotonicMilliseconds: 1000 * seconds)
    }

    @Test func text() {
        #expect(
            GroupReport(snapshot: snapshot([(10, 1510), (7, 7)]), rates: nil).text == """
                group        g
                state        Stable
                type         classic
                protocol     consumer
                assignor     range
                coordinator  1 (h:9092)
                members      1
                lag          1,500 records, 12.3 s

                MEMBER  CLIENT  HOST        PARTITIONS
                m-1     app     /127.0.0.1  t:0-1

                TOPIC  PARTITION  COMMITTED  START   END   LAG  LAG TIME  MEMBER
                t              0         10      0  1510  1500  12.3 s    m-1
                t              1          7      0     7     0  0 s       m-1

                """)
    }

    @Test func rates() {
        let rates = GroupRates(
            from: snapshot([(0, 1000), (5, 10), (3, 3), (9, 9)]),
            to: snapshot([(500, 1200), (5, 20), (3, 3), (2, 9)], at: 10))
        #expect(
            rates.partitions[TopicPartition("t", 0)]
                == .init(consumedPerSecond: 50, producedPerSecond: 20, catchUp: .seconds(700 / 30.0)))
        #expect(
            rates.partitions[TopicPartition("t", 1)]
                == .init(consumedPerSecond: 0, producedPerSecond: 1, catchUp: .never))
        #expect(rates.partitions[TopicPartition("t", 2)]?.catchUp == .caughtUp)
        // Reset meanwhile: that is no rate.
        #expect(rates.partitions[TopicPartition("t", 3)] == nil)
        #expect(rates.total == .init(consumedPerSecond: 50, producedPerSecond: 21, catchUp: .seconds(715 / 29.0)))
    }

    /// Clients commit every few seconds: that nothing came in one of them says nothing.
    @Test func aShortTimeWithoutACommit() {
        func catchUp(after seconds: Int64, members: Bool = true) -> CatchUp? {
            var later = snapshot([(5, 20)], at: seconds)
            if !members { later.description.members = [] }
            return GroupRates(from: snapshot([(5, 10)]), to: later).total?.catchUp
        }
        #expect(catchUp(after: 9) == .notYetKnown)
        #expect(catchUp(after: 10) == .never)
        #expect(catchUp(after: 2, members: false) == .never)
    }

    @Test func whatThereIsNotHasNoColumn() {
        var read = snapshot([(1, 2)])
        read.partitions[0].committed = CommittedOffset(offset: 1, metadata: "why")
        read.description.members[0].instanceID = "i"
        var text = GroupReport(snapshot: read, rates: nil).text
        #expect(text.contains("MEMBER  INSTANCE  CLIENT") && text.contains("MEMBER  METADATA\n"))
        read.description.members = []
        text = GroupReport(snapshot: read, rates: nil).text
        #expect(!text.contains("MEMBER") && text.contains("LAG TIME  METADATA\n"))
        read.partitions = []
        #expect(GroupReport(snapshot: read, rates: nil).text.hasSuffix("\n\nnote: nothing is committed\n"))
    }

    @Test func manyNotes() {
        var read = snapshot(Array(repeating: (0, 5), count: 12))
        for index in read.partitions.indices { read.partitions[index].log = 2...5 }
        let text = GroupReport(snapshot: read, rates: nil).text
        #expect(text.contains("note: t-9: 2 records were deleted") && !text.contains("note: t-10:"))
        #expect(text.hasSuffix("note: … and 2 more such notes\n"))
    }

    @Test func textAndJSONWithRates() {
        let later = snapshot([(500, 1200)], at: 10)
        let report = GroupReport(snapshot: later, rates: GroupRates(from: snapshot([(0, 1000)]), to: later))
        #expect(report.text.contains("rates        50.0 records/s committed, 20.0 records/s produced\n"))
        #expect(report.text.contains("catches up   in 23.3 s\n"))
        #expect(report.text.contains("COMMITTED/S  PRODUCED/S  CATCHES UP  MEMBER"))
        var json = JSONText()
        report.write(&json)
        #expect(
            json.text == #"{"group":"g","state":"Stable","type":"classic","protocol":"consumer","assignor":"range","#
                + #""coordinator":{"id":1,"address":"h:9092"},"timestamp":82300,"lag":700,"lag_seconds":22.300,"#
                + #""committed_per_second":50.000,"produced_per_second":20.000,"catch_up_seconds":23.333,"#
                + #""members":[{"member":"m-1","instance":null,"client":"app","host":"/127.0.0.1","#
                + #""assignment":[{"topic":"t","partition":0}]}],"#
                + #""partitions":[{"topic":"t","partition":0,"committed_offset":500,"metadata":"","start_offset":0,"#
                + #""end_offset":1200,"lag":700,"lag_seconds":22.300,"lost":0,"member":"m-1","#
                + #""committed_per_second":50.000,"produced_per_second":20.000,"catch_up_seconds":23.333}]}"#)
    }

    @Test func historyLooksBackHalfAMinute() {
        var history = GroupHistory()
        #expect(history.rates([snapshot([(0, 0)])]).isEmpty)
        #expect(history.rates([snapshot([(20, 40)], at: 20)])["g"]?.total?.consumedPerSecond == 1)
        // The first one is too old by now.
        #expect(history.rates([snapshot([(60, 40)], at: 40)])["g"]?.total?.consumedPerSecond == 2)
        #expect(history.rates([snapshot([(60, 40)], at: 41, group: "other")])["other"] == nil)
    }
}

@Suite struct GroupTextTests {
    @Test(arguments: [
        ("500ms", 500), ("90s", 90_000), ("2h", 7_200_000), ("2h30m", 9_000_000), ("1d", 86_400_000),
        ("1w", 604_800_000),
        ("PT2H", 7_200_000), ("P1DT12H", 129_600_000), ("pt5m", 300_000), ("0s", 0),
    ])
    func durations(text: String, milliseconds: Int64) {
        #expect(DurationText.parse(text) == milliseconds)
    }

    @Test(arguments: ["", "2", "h", "2x", "P", "PT", "2 h", "-2h", "1.5h", "99999999999999999w", "２h"])
    func noDurations(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test func durationsForPeople() {
        let texts = [0, 1, 999, 1000, 12_345, 60_000, 200_000, 7_500_000, 86_400_000, 273_600_000].map {
            DurationText.format(milliseconds: $0)
        }
        #expect(
            texts == [
                "0 s", "1 ms", "999 ms", "1.0 s", "12.3 s", "1 min", "3 min 20 s", "2 h 5 min", "1 d", "3 d 4 h",
            ])
    }

    @Test func selections() {
        #expect(TopicSelection("t") == TopicSelection("t"))
        #expect(TopicSelection("t")?.partitions == nil)
        #expect(TopicSelection("t:0")?.partitions == [0])
        #expect(TopicSelection("a.b-c_d:5,0-2,1")?.partitions == [0, 1, 2, 5])
        for wrong in ["", ":1", "t:", "t:x", "t:1-", "t:-1", "t:2-1", "t:1,,2", "t:0-9999999"] {
            #expect(TopicSelection(wrong) == nil, "\(wrong)")
        }
        let partitions = [("b", 1), ("a", 0), ("a", 2), ("a", 1), ("a", 5)].map { TopicPartition($0.0, Int32($0.1)) }
        #expect(TopicSelection.text(partitions) == "a:0-2,5 b:1")
    }

    @Test func aTerminalIsRedrawnInPlace() {
        var written: [String] = []
        var screen = Screen(isTerminal: true) { written.append($0) }
        screen.show("one\ntwo\n", size: (80, 24))
        screen.show("three\n", size: (80, 24))
        screen.leave()
        screen.leave()
        #expect(
            written == [
                "\u{1B}[?1049h\u{1B}[?25l\u{1B}[Hone\u{1B}[K\r\ntwo\u{1B}[K\u{1B}[J", "\u{1B}[Hthree\u{1B}[K\u{1B}[J",
                "\u{1B}[?25h\u{1B}[?1049lthree\n",
            ])
        #expect(Screen.cut("abcdef\nb\nc\nd\n", (3, 3)) == ["abc", "b", "… 2"])
    }

    @Test func aPipeGetsBlockAfterBlock() {
        var written = ""
        var screen = Screen(isTerminal: false) { written += $0 }
        screen.show("one\n")
        screen.show("two\n")
        screen.leave()
        #expect(written == "one\n\ntwo\n")
    }

    @Test func thousandths() {
        var json = JSONText()
        json.array { json in for value: Int64 in [0, 5, 1_234, -50, -1_000] { json.thousandths(value) } }
        #expect(json.text == "[0.000,0.005,1.234,-0.050,-1.000]")
    }
}
