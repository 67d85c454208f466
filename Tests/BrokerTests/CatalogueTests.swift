// The catalogue: what damage to its file does, and what is left of a change that is cut short between any two of its steps.

import Broker
import Glibc
import KafkaProtocol
import LogStorage
import TestSupport
import Testing

@Suite struct CatalogueTests {
    private func catalogue() -> TopicCatalogue {
        var catalogue = TopicCatalogue()
        catalogue.brokerOverrides = ["log.retention.ms": "1000"]
        for (index, name) in ["orders", "über", "a.b-c_d"].enumerated() {
            catalogue.topics[name] = TopicCatalogue.Entry(
                id: Uuid(high: UInt64(index) + 1, low: 7), name: name, partitionCount: 3, replicationFactor: 1,
                overrides: index == 0 ? ["retention.ms": "5", "cleanup.policy": "compact, delete"] : [:])
        }
        return catalogue
    }

    @Test func comesBackAsItWas() {
        #expect(TopicCatalogue(decoding: catalogue().encoded()) == catalogue())
        #expect(TopicCatalogue(decoding: TopicCatalogue().encoded()) == TopicCatalogue())
    }

    /// Whatever one byte is changed to, wherever the file ends, whatever is put in: it is refused, or says the same.
    @Test func damageAtEveryByteIsSeen() {
        let bytes = catalogue().encoded()
        var refused = 0
        func check(_ damaged: [UInt8], _ what: String) {
            let decoded = TopicCatalogue(decoding: damaged)
            if decoded == nil { refused += 1 } else { #expect(decoded == catalogue(), "\(what)") }
        }
        for index in bytes.indices {
            for value in UInt8.min...UInt8.max where value != bytes[index] {
                var damaged = bytes
                damaged[index] = value
                check(damaged, "byte \(index) is \(value)")
            }
            check(Array(bytes[..<index]), "cut at \(index)")
            check(Array(bytes[..<index] + bytes[(index + 1)...]), "without byte \(index)")
            check(Array(bytes[..<index] + [0x0A] + bytes[index...]), "a line end in front of \(index)")
            check(Array(bytes[..<index] + [0] + bytes[index...]), "a zero in front of \(index)")
        }
        check(bytes + bytes, "twice")
        check([UInt8](repeating: 0, count: bytes.count), "zeros")
        // A line end more says nothing, one less at the end neither; everything else does.
        #expect(refused > bytes.count * 257)
    }

    @Test func aDamagedFileKeepsTheBrokerFromStarting() throws {
        try withBroker { test in
            try test.createTopic("orders")
            test.kill()
            let path = test.path + "/catalogue"
            let bytes = try readFile(path)
            try overwrite(path, at: bytes.count / 2, with: [bytes[bytes.count / 2] ^ 1])
            let error = #expect(throws: StorageError.self) { try test.reopen() }
            #expect(error?.code == .corrupt)
            #expect(error?.message.contains(path) == true)
            try writeFile(path, bytes)
            try test.reopen()
            #expect(try test.topic("orders").partitions.count == 1)
        }
    }

    // MARK: Adoption

    /// What internal topics hold is no client's records: it is compacted, not deleted after a week.
    @Test func internalTopicsAreAdoptedWithTheirSettings() throws {
        try withBroker(["offsets.topic.segment.bytes": "1234567"]) { test in
            try test.createTopic("orders", partitions: 2)
            try test.produce("orders", values: "a", partition: 1)
            #expect(try test.commit("g", "orders", [1: 1]) == [.none])
            // Not the topic itself, which would keep the directory locked.
            let (id, count, overrides) = try { topic in (topic.id, topic.partitions.count, topic.config.overrides) }(
                test.topic("__consumer_offsets"))
            test.kill()
            #expect(unlink(test.path + "/catalogue") == 0)
            #expect(rename(test.path + "/orders-0", test.path + "/__transaction_state-0") == 0)
            #expect(unlink(test.path + "/__transaction_state-0/partition.metadata") == 0)
            try test.reopen()
            let adopted = try test.topic("__consumer_offsets")
            #expect(adopted.id == id && adopted.partitions.count == count)
            #expect(adopted.config.overrides == overrides)
            #expect(adopted.config.overrides["cleanup.policy"] == "compact")
            #expect(adopted.config.overrides["segment.bytes"] == "1234567")
            #expect(try test.topic("__transaction_state").config.overrides == ["cleanup.policy": "compact"])
            #expect(try test.topic("orders").config.overrides == [:])
            #expect(!adopted.config.isDeletable)
            #expect(try test.offsets("g") == ["orders": [1: 1]])
        }
    }

    // MARK: Changes that are cut short

    enum Change: CaseIterable { case create, grow, configure, delete, deleteWithoutAByte }

    @Test(arguments: Change.allCases) func aChangeThatIsCutShortHappensOrDoesNot(change: Change) throws {
        var step = 0
        while try cutShort(change, afterSteps: step) { step += 1 }
        // Writing the catalogue alone takes a temporary file, its bytes, two flushes and a rename.
        #expect(step >= 5)
    }

    /// Kills the broker so many steps into a change and looks at what the next one finds. False if the change had fewer.
    private func cutShort(_ change: Change, afterSteps step: Int) throws -> Bool {
        var wasCut = false
        try withBroker { test in
            try test.createTopic("other", partitions: 2)
            try test.produce("other", values: "a", "b", partition: 1)
            if change != .create {
                try test.createTopic("topic", partitions: 2)
                try test.produce("topic", values: "c")
            }
            if change == .deleteWithoutAByte {
                test.faults.inject(.init(.create, .fail(errno: ENOSPC), pathSuffix: "catalogue.tmp"))
            }
            test.faults.crash(afterChanges: step)
            let error = try perform(change, test)
            wasCut = test.faults.hasCrashed
            test.kill()
            test.faults.clear()
            if change == .delete || change == .deleteWithoutAByte { test.forgive() }
            try test.reopen()
            let place = "\(change) cut after \(step) steps, answered \(error)"
            try checkOutcome(change, test, mustHaveHappened: error == .none, place)
        }
        return wasCut
    }

    private func perform(_ change: Change, _ test: TestBroker) throws -> ErrorCode {
        switch change {
        case .create:
            let request = CreateTopicsRequest(topics: [.init(name: "topic", numPartitions: 2, replicationFactor: 1)])
            return try #require(try test.send(request).topics.first).errorCode
        case .grow:
            let request = CreatePartitionsRequest(topics: [.init(name: "topic", count: 4)])
            return try #require(try test.send(request).results.first).errorCode
        case .configure:
            let request = IncrementalAlterConfigsRequest(resources: [
                .init(
                    resourceType: 2, resourceName: "topic",
                    configs: [.init(name: "retention.ms", configOperation: 0, value: "12345")])
            ])
            return try #require(try test.send(request).responses.first).errorCode
        case .delete, .deleteWithoutAByte: return try test.deleteTopic("topic")
        }
    }

    private func checkOutcome(
        _ change: Change, _ test: TestBroker, mustHaveHappened: Bool, _ what: String
    ) throws {
        #expect(try test.values("other", 1) == ["a", "b"], "\(what)")
        let topic = test.broker.topics.current.byName["topic"]
        let happened: Bool
        switch change {
        case .create:
            happened = topic != nil
            #expect(topic == nil || topic?.partitions.count == 2, "\(what)")
        case .grow:
            happened = topic?.partitions.count == 4
            #expect(happened || topic?.partitions.count == 2, "\(what)")
        case .configure:
            happened = topic?.config.overrides == ["retention.ms": "12345"]
            #expect(happened || topic?.config.overrides == [:], "\(what)")
        case .delete, .deleteWithoutAByte:
            happened = topic == nil
            if topic != nil { #expect(try test.values("topic") == ["c"], "\(what)") }
        }
        if mustHaveHappened { #expect(happened, "\(what)") }
        // Nothing lies about that belongs to no topic.
        let expected = Set(
            test.broker.topics.current.all.flatMap { topic in
                topic.partitions.indices.map { "\(topic.name)-\($0)" }
            })
        let found = Set(names(in: test.path).filter { $0.hasPrefix("topic-") || $0.hasPrefix("other-") })
        #expect(found == expected, "\(what)")
        // Whatever became of it, the name can be used.
        if topic == nil { try test.createTopic("topic", partitions: 2) }
        let last = Int32(try test.topic("topic").partitions.count - 1)
        #expect(try test.produce("topic", values: "new", partition: last, acks: -1).baseOffset == 0, "\(what)")
    }
}
