// Requests to a broker whose disk is full or refuses: what is answered, what goes on, and that service resumes by itself.
// `withBroker` checks at the end of each that nothing acknowledged is missing, after a kill and after a clean stop.

import Glibc
import KafkaProtocol
import KafkaRecords
import LogStorage
import TestSupport
import Testing

@testable import Broker

@Suite struct FullDiskTests {
    private static let limit: Int64 = 10_000_000
    private static let settings = TestBroker.groupSettings.merging(
        [
            "log.disk.min.free.bytes": "\(limit)", "log.segment.bytes": "400", "log.index.interval.bytes": "1",
            "log.cleaner.enable": "false",
        ], uniquingKeysWith: { $1 })

    private func setFree(_ free: Int64, _ test: TestBroker) {
        var space = FileSystemSpace()
        (space.totalBytes, space.usableBytes) = (1_000_000_000, free)
        test.faults.pretend(space)
        test.broker.maintenance.lookAtDisk()
    }

    private func tryToProduce(
        _ test: TestBroker, _ topic: String, _ value: String, acks: Int16 = 1
    ) throws -> TestBroker.Produced {
        try test.produce(
            topic, BatchFixtures.batch(values: [value], timestamp: test.clock.wallMilliseconds), acks: acks)
    }

    private func tryToCreate(
        _ test: TestBroker, _ topic: String, partitions: Int32 = 1
    ) throws -> (ErrorCode, String?) {
        let request = CreateTopicsRequest(topics: [.init(name: topic, numPartitions: partitions, replicationFactor: 1)])
        let answer = try #require(try test.send(request).topics.first)
        return (answer.errorCode, answer.errorMessage)
    }

    private func tryToGrow(_ test: TestBroker, _ topic: String, to count: Int32) throws -> ErrorCode {
        let request = CreatePartitionsRequest(topics: [.init(name: topic, count: count)])
        return try #require(try test.send(request).results.first).errorCode
    }

    private func tryToConfigure(_ test: TestBroker, _ topic: String, _ retention: String) throws -> ErrorCode {
        let config = IncrementalAlterConfigsRequest.AlterConfigsResource(
            resourceType: 2, resourceName: topic,
            configs: [.init(name: "retention.ms", configOperation: 0, value: retention)])
        return try #require(try test.send(IncrementalAlterConfigsRequest(resources: [config])).responses.first)
            .errorCode
    }

    private func deleteRecords(_ test: TestBroker, _ topic: String, before offset: Int64) throws -> ErrorCode {
        let request = DeleteRecordsRequest(topics: [
            .init(name: topic, partitions: [.init(partitionIndex: 0, offset: offset)])
        ])
        return try #require(try test.send(request).topics.first?.partitions.first).errorCode
    }

    // MARK: The reserve

    @Test func belowTheLimitOnlyWhatTakesSpaceIsRefused() throws {
        try withBroker(Self.settings) { test in
            try test.createTopic("a")
            try test.createTopic("doomed")
            for index in 0..<20 { try test.produce("a", values: "\(index)") }
            let member = try test.stableGroup("members")[0]
            setFree(Self.limit - 1, test)
            for acks in [Int16(1), -1] {
                let answer = try tryToProduce(test, "a", "refused", acks: acks)
                #expect(answer.errorCode == .kafkaStorageError)
                #expect(answer.errorMessage?.contains("log.disk.min.free.bytes") == true)
            }
            let (code, message) = try tryToCreate(test, "b")
            #expect(code == .kafkaStorageError && message?.contains("log.disk.min.free.bytes") == true)
            #expect(try tryToGrow(test, "a", to: 3) == .kafkaStorageError)
            #expect(!names(in: test.path).contains { $0.hasPrefix("b-") || $0 == "a-1" })
            // Everything else goes on, and what frees space or is small may use the reserve.
            #expect(try test.fetch(.init(topic: "a")).first.error == .none)
            #expect(try test.heartbeat("members", member, 1) == .none)
            #expect(try test.commit("g", "a", [0: 7]) == [.none])
            #expect(try test.offsets("g") == ["a": [0: 7]])
            #expect(try tryToConfigure(test, "a", "1000000") == .none)
            #expect(try deleteRecords(test, "a", before: 5) == .none)
            #expect(try test.deleteTopic("doomed") == .none)
            setFree(Self.limit * 2, test)
            #expect(try test.produce("a", values: "taken").baseOffset == 20)
            #expect(try tryToCreate(test, "b").0 == .none)
            #expect(try tryToGrow(test, "a", to: 3) == .none)
            #expect(try test.values("a") == (5..<20).map(String.init) + ["taken"])
        }
    }

    @Test func belowHalfTheLimitCommitsAreRefusedAndHeartbeatsAreNot() throws {
        try withBroker(Self.settings) { test in
            try test.createTopic("a")
            try test.createTopic("doomed")
            let member = try test.stableGroup("members")[0]
            #expect(try test.commit("g", "a", [0: 1]) == [.none])
            #expect(try test.commit("g", "doomed", [0: 1]) == [.none])
            setFree(Self.limit / 2 - 1, test)
            #expect(try test.commit("g", "a", [0: 2]) == [.coordinatorNotAvailable])
            #expect(try test.offsets("g")["a"] == [0: 1])
            #expect(try test.heartbeat("members", member, 1) == .none)
            // What was committed for a topic goes with it all the same.
            #expect(try test.deleteTopic("doomed") == .none)
            #expect(try test.offsets("g") == ["a": [0: 1]])
            setFree(Self.limit * 2, test)
            #expect(try test.commit("g", "a", [0: 3]) == [.none])
            try test.restartAfterKill()
            #expect(try test.offsets("g") == ["a": [0: 3]])
        }
    }

    /// The offsets topic is a topic as well, but not one that a client has asked for.
    @Test func theFirstCommitMayUseTheReserve() throws {
        try withBroker(Self.settings) { test in
            try test.createTopic("a")
            setFree(Self.limit - 1, test)
            #expect(try test.commit("g", "a", [0: 7]) == [.none])
        }
    }

    @Test func aTopicOfManyPartitionsHasToFit() throws {
        try withBroker(Self.settings) { test in
            try test.createTopic("a")
            setFree(Self.limit + 1_000_000, test)
            #expect(try tryToCreate(test, "many", partitions: 100).0 == .kafkaStorageError)
            #expect(try tryToCreate(test, "fewer", partitions: 50).0 == .none)
        }
    }

    /// What is there needs no space, whatever its producer has heard of it.
    @Test func aRepeatedBatchIsAcknowledgedOnAFullDisk() throws {
        try withBroker(Self.settings) { test in
            try test.createTopic("a")
            let batch = BatchFixtures.idempotentBatch(values: ["x"], producerID: 3)
            #expect(try test.produce("a", batch).baseOffset == 0)
            setFree(0, test)
            let again = try test.produce("a", batch, acks: -1)
            #expect(again.errorCode == .none && again.baseOffset == 0)
            let next = BatchFixtures.idempotentBatch(values: ["y"], producerID: 3, baseSequence: 1)
            #expect(try test.produce("a", next).errorCode == .kafkaStorageError)
            setFree(Self.limit * 2, test)
            #expect(try test.produce("a", next).baseOffset == 1, "the producer goes on where it was")
        }
    }

    @Test func itResumesByItself() throws {
        try withBroker(Self.settings) { test in
            try test.createTopic("a")
            setFree(0, test)
            #expect(try tryToProduce(test, "a", "x").errorCode == .kafkaStorageError)
            test.faults.pretend(nil)
            try eventually("it is taken") { try tryToProduce(test, "a", "x").errorCode == .none }
        }
    }

    @Test func aStartOnAFullDiskServesWhatIsThere() throws {
        try withBroker(Self.settings) { test in
            try test.createTopic("a")
            for index in 0..<20 { try test.produce("a", values: "\(index)", acks: -1) }
            #expect(try test.commit("g", "a", [0: 7]) == [.none])
            setFree(0, test)
            test.faults.inject(.init(.write, .fail(errno: ENOSPC)))
            for isClean in [false, true, false] {
                if isClean { try test.restart() } else { try test.restartAfterKill() }
                #expect(try test.values("a") == (0..<20).map(String.init))
                #expect(try test.offsets("g") == ["a": [0: 7]])
                #expect(try tryToProduce(test, "a", "x").errorCode == .kafkaStorageError)
            }
            test.faults.clear()
            setFree(Self.limit * 2, test)
            #expect(try test.produce("a", values: "20", acks: -1).baseOffset == 20)
        }
    }

    /// A round at once, and no file stays for its delay.
    @Test func retentionMakesRoomWhenItIsShort() throws {
        var settings = Self.settings
        settings["log.retention.check.interval.ms"] = "86400000"
        try withBroker(settings) { test in
            try test.createTopic("a", configs: ["retention.ms": "1000"])
            for index in 0..<20 { try test.produce("a", values: "\(index)") }
            test.clock.advance(milliseconds: 2_000)
            setFree(Self.limit - 1, test)
            try eventually("all has expired") { try test.partition("a").bounds().logStartOffset == 20 }
            try eventually("the files are gone") { !test.hasFile(endingWith: ".deleted", in: "a-0") }
        }
    }

    @Test func compactionStopsBeforeItTakesTheLastOfTheReserve() throws {
        try withBroker(Self.settings) { test in
            try test.createTopic("a", configs: ["cleanup.policy": "compact"])
            for index in 0..<60 {
                let batch = BatchFixtures.batch(
                    records: [("\(index % 5)", "\(index)")], timestamp: test.clock.wallMilliseconds)
                try test.produce("a", batch)
            }
            test.forgive()
            setFree(Self.limit / 8 - 1, test)
            #expect(test.broker.maintenance.runCompaction() == 0)
            #expect(try test.values("a").count == 60 && !test.hasFile(endingWith: ".cleaned", in: "a-0"))
            setFree(Self.limit / 8, test)
            #expect(test.broker.maintenance.runCompaction() == 1, "it may be what makes room")
            #expect(try test.values("a").suffix(5) == (55..<60).map(String.init))
        }
    }

    // MARK: A disk that refuses

    /// Where the disk refuses: the kind of call, and on which files.
    struct Refusal: CustomTestStringConvertible, Sendable {
        let place: String
        let operation: FaultyFileSystem.Operation
        let pathSuffix: String
        /// Whether an append to a log with room in its segment needs it.
        var hitsAppends = false
        var testDescription: String { place }
    }

    static let refusals = [
        Refusal(place: "append", operation: .write, pathSuffix: ".log", hitsAppends: true),
        Refusal(place: "roll", operation: .create, pathSuffix: ".log"),
        Refusal(place: "seal", operation: .truncate, pathSuffix: ".log"),
        Refusal(place: "preallocation", operation: .allocate, pathSuffix: ".log"),
        Refusal(place: "offset index", operation: .write, pathSuffix: ".index"),
        Refusal(place: "new offset index", operation: .create, pathSuffix: ".index"),
        Refusal(place: "time index", operation: .write, pathSuffix: ".timeindex"),
        Refusal(place: "producer snapshot", operation: .write, pathSuffix: ".snapshot"),
        Refusal(place: "new producer snapshot", operation: .create, pathSuffix: ".snapshot"),
        Refusal(place: "catalogue", operation: .write, pathSuffix: "catalogue.tmp"),
        Refusal(place: "catalogue's name", operation: .rename, pathSuffix: "catalogue"),
        Refusal(place: "partition directory", operation: .makeDirectory, pathSuffix: "-0"),
        Refusal(place: "partition metadata", operation: .write, pathSuffix: "partition.metadata"),
        Refusal(place: "epochs", operation: .create, pathSuffix: "leader-epoch-checkpoint"),
        Refusal(place: "checkpoint", operation: .write, pathSuffix: "checkpoint.tmp"),
        Refusal(place: "log starts", operation: .write, pathSuffix: ".crc32c.tmp"),
        Refusal(place: "producer ids", operation: .write, pathSuffix: "producer-ids.tmp"),
        Refusal(place: "cleaned segment", operation: .write, pathSuffix: ".log.cleaned"),
        Refusal(place: "cleaned index", operation: .write, pathSuffix: "index.cleaned"),
        Refusal(place: "swap", operation: .rename, pathSuffix: ".swap"),
        Refusal(place: "every write", operation: .write, pathSuffix: "", hitsAppends: true),
    ]

    /// Everything is tried while the disk refuses, and has happened or has not; then the disk is well again, and everything
    /// works, without a restart.
    @Test(arguments: refusals, [ENOSPC, EIO])
    func whateverIsRefusedServiceResumesByItself(_ refusal: Refusal, errno: Int32) throws {
        var settings = Self.settings
        settings["log.disk.min.free.bytes"] = "0"
        try withBroker(settings) { test in
            try test.createTopic("a")
            try test.createTopic("c", configs: ["cleanup.policy": "compact"])
            for index in 0..<10 { try test.produce("a", values: "a\(index)") }
            try produceKeys(test, 0..<30)
            #expect(try test.commit("g", "a", [0: 1]) == [.none])
            test.faults.inject(.init(refusal.operation, .fail(errno: errno), pathSuffix: refusal.pathSuffix))
            var expected = (0..<10).map { "a\($0)" }
            for index in 0..<40 {
                let answer = try tryToProduce(test, "a", "b\(index)", acks: index % 2 == 0 ? 1 : -1)
                if answer.errorCode == .none { expected.append("b\(index)") }
                if refusal.hitsAppends { #expect(answer.errorCode == .kafkaStorageError) }
            }
            #expect(try test.values("a") == expected, "what was refused is not there, what was taken is")
            let committed = try test.commit("g", "a", [0: 2])
            #expect(try test.offsets("g") == ["a": [0: committed == [.none] ? 2 : 1]])
            let created = try tryToCreate(test, "new").0
            #expect((test.broker.topics.current.byName["new"] != nil) == (created == .none))
            let configured = try tryToConfigure(test, "a", "12345678")
            let overrides = try test.topic("a").config.overrides
            #expect(overrides == (configured == .none ? ["retention.ms": "12345678"] : [:]))
            _ = try test.send(InitProducerIDRequest())
            _ = test.broker.maintenance.runCompaction()
            _ = test.broker.maintenance.runRetention()
            let compacted = try test.values("c")
            #expect(compacted.suffix(5) == (25..<30).map(String.init))
            test.faults.clear()
            try checkService(test, &expected)
        }
    }

    private func produceKeys(_ test: TestBroker, _ range: Range<Int>) throws {
        for index in range {
            let batch = BatchFixtures.batch(
                records: [("\(index % 5)", "\(index)")], timestamp: test.clock.wallMilliseconds)
            let answer = try test.send(test.produceRequest("c", [(0, batch)]))
            try #require(answer.responses.first?.partitionResponses.first?.errorCode == ErrorCode.none)
        }
    }

    /// Everything works: nothing of what was refused is in the way.
    private func checkService(_ test: TestBroker, _ expected: inout [String]) throws {
        for index in 0..<10 {
            #expect(
                try test.produce("a", values: "after \(index)", acks: -1).baseOffset == Int64(expected.count))
            expected.append("after \(index)")
        }
        #expect(try test.values("a") == expected)
        #expect(try test.commit("g", "a", [0: 3]) == [.none])
        #expect(try test.offsets("g") == ["a": [0: 3]])
        if test.broker.topics.current.byName["new"] == nil { try test.createTopic("new") }
        #expect(try test.produce("new", values: "x", acks: -1).baseOffset == 0)
        #expect(try tryToConfigure(test, "a", "87654321") == .none)
        #expect(try test.send(InitProducerIDRequest()).errorCode == .none)
        try produceKeys(test, 30..<60)
        _ = test.broker.maintenance.runCompaction()
        #expect(try test.values("c").suffix(5) == (55..<60).map(String.init))
        #expect(try deleteRecords(test, "a", before: 5) == .none)
        #expect(try test.values("a") == Array(expected.dropFirst(5)))
        try test.restartAfterKill()
        #expect(try test.values("a") == Array(expected.dropFirst(5)))
        #expect(try test.values("new") == ["x"])
        #expect(try test.offsets("g") == ["a": [0: 3]])
        #expect(try test.values("c").suffix(5) == (55..<60).map(String.init))
    }

    @Test func shortWritesAreCompletedEverywhere() throws {
        try withBroker(Self.settings) { test in
            test.faults.inject(.init(.write, .shortWrite(bytes: 7)))
            try test.createTopic("a")
            try test.createTopic("c", configs: ["cleanup.policy": "compact"])
            var expected: [String] = []
            try produceKeys(test, 0..<30)
            try checkService(test, &expected)
        }
    }

    /// After each of the calls that deletions make on a disk without a byte to spare.
    @Test func whatIsDeletedMakesTheRoomThatItNeeds() throws {
        try withBroker(Self.settings) { test in
            try test.createTopic("a")
            for index in 0..<30 { try test.produce("a", values: "\(index)") }
            // Until a segment is removed.
            test.faults.inject(.init(.write, .fail(errno: ENOSPC)))
            test.faults.inject(.init(.create, .fail(errno: ENOSPC), pathSuffix: ".log"))
            test.faults.inject(
                .init(.unlink, .delay { [faults = test.faults] in faults.clear() }, pathSuffix: ".log", times: 1))
            #expect(try deleteRecords(test, "a", before: 30) == .none)
            #expect(try test.values("a") == [])
            #expect(names(in: test.path + "/a-0").filter { $0.hasSuffix(".log") }.count == 1)
            try test.restartAfterKill()
            #expect(try test.partition("a").bounds().logStartOffset == 30)
            #expect(try test.produce("a", values: "30").baseOffset == 30)
        }
    }

    /// No new file fits; a deletion has space of its own, once, and again when there was room in between.
    @Test func aTopicCanBeDeletedWithoutAByte() throws {
        try withBroker(Self.settings) { test in
            for topic in ["a", "b", "c"] {
                try test.createTopic(topic)
                try test.produce(topic, values: topic)
            }
            test.broker.maintenance.lookAtDisk()
            #expect(names(in: test.path).contains("spare"))
            test.faults.inject(.init(.create, .fail(errno: ENOSPC)))
            test.faults.inject(.init(.allocate, .fail(errno: ENOSPC)))
            #expect(try tryToConfigure(test, "a", "1000000") == .kafkaStorageError, "this makes no room")
            #expect(try test.deleteTopic("a") == .none)
            #expect(!names(in: test.path).contains { $0.hasPrefix("a-") || $0 == "spare" || $0.hasSuffix(".tmp") })
            #expect(try test.deleteTopic("b") == .kafkaStorageError)
            #expect(try test.values("b") == ["b"])
            test.faults.clear()
            test.broker.maintenance.lookAtDisk()
            test.faults.inject(.init(.write, .fail(errno: ENOSPC), pathSuffix: "catalogue.tmp", times: 1))
            #expect(try test.deleteTopic("b") == .none)
            try test.restartAfterKill()
            #expect(test.broker.topics.current.all.map(\.name) == ["c"])
            #expect(names(in: test.path).filter { $0.hasSuffix("-0") } == ["c-0"])
        }
    }

    /// A longer name may need another block of the directory.
    @Test func whatCannotBeRenamedIsRemovedAtOnce() throws {
        try withBroker(Self.settings) { test in
            try test.createTopic("a")
            try test.produce("a", values: "a")
            test.faults.inject(.init(.rename, .fail(errno: ENOSPC), pathSuffix: "-delete"))
            #expect(try test.deleteTopic("a") == .none)
            #expect(!names(in: test.path).contains { $0.hasPrefix("a-") || $0.hasPrefix("a.") })
            try test.createTopic("a")
            #expect(try test.produce("a", values: "new").baseOffset == 0)
        }
    }

    /// Space that the broker must leave to others is not set aside, either.
    @Test func nothingIsSetAsideOfTheReserve() throws {
        try withBroker(Self.settings) { test in
            try test.createTopic("a")
            test.faults.inject(.init(.create, .fail(errno: ENOSPC), pathSuffix: "catalogue.tmp", times: 1))
            #expect(try test.deleteTopic("a") == .none)
            setFree(Self.limit - 1, test)
            #expect(!names(in: test.path).contains("spare"))
            setFree(Self.limit * 2, test)
            #expect(names(in: test.path).contains("spare"))
        }
    }

    /// What a deleted topic has left in the checkpoints must not become its successor's, whatever the disk does in between.
    @Test(arguments: ["log-start-offsets.crc32c.tmp", "log-start-offset-checkpoint.tmp"])
    func aCreationThatWasRefusedForgetsNothing(_ file: String) throws {
        try withBroker(Self.settings) { test in
            try test.createTopic("a")
            for index in 0..<20 { try test.produce("a", values: "\(index)") }
            #expect(try deleteRecords(test, "a", before: 15) == .none)
            #expect(try test.deleteTopic("a") == .none)
            test.faults.inject(.init(.write, .fail(errno: ENOSPC), pathSuffix: file))
            #expect(try tryToCreate(test, "a").0 == .kafkaStorageError)
            test.faults.clear()
            try test.createTopic("a")
            for index in 0..<5 { try test.produce("a", values: "\(index)", acks: -1) }
            try test.restartAfterKill()
            #expect(try test.partition("a").bounds().logStartOffset == 0)
            #expect(try test.values("a") == (0..<5).map(String.init))
        }
    }
}
