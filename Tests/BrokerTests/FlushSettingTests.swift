import Broker
import Glibc
import KafkaProtocol
import LogStorage
import TestSupport
import Testing

@Suite struct FlushSettingTests {
    private func recoveryPoint(_ test: TestBroker, _ topic: String) throws -> Int64? {
        try test.partition(topic).withLog { $0.recoveryPoint }
    }

    @Test func soManyRecordsAreNotLeftUnflushed() throws {
        try withBroker { test in
            try test.createTopic("a", configs: ["flush.messages": "3"])
            try test.produce("a", values: "1", "2")
            #expect(try recoveryPoint(test, "a") == 0)
            try test.produce("a", values: "3")
            #expect(try recoveryPoint(test, "a") == 3, "the reply waits for the disk")
            try test.produce("a", values: "4")
            #expect(try recoveryPoint(test, "a") == 3)
        }
    }

    @Test func aFlushOfThemThatFailsIsSaid() throws {
        try withBroker { test in
            try test.createTopic("a", configs: ["flush.messages": "1"])
            test.faults.inject(.init(.flush, .fail(errno: EIO)))
            let answer = try test.produce("a", BatchFixtures.batch(values: ["1"]))
            #expect(answer.errorCode == .kafkaStorageError)
        }
    }

    @Test func recordsAreNotLeftUnflushedForLonger() throws {
        try withBroker { test in
            try test.createTopic("a", configs: ["flush.ms": "1000"])
            try test.createTopic("b")
            for topic in ["a", "b"] { try test.produce(topic, values: "1") }
            test.clock.advance(milliseconds: 999)
            test.broker.maintenance.runTimedFlush()
            #expect(try recoveryPoint(test, "a") == 0)
            test.clock.advance(milliseconds: 1)
            test.broker.maintenance.runTimedFlush()
            try eventually("it is flushed") { try recoveryPoint(test, "a") != 0 }
            #expect(try recoveryPoint(test, "b") == 0)
        }
    }
}
