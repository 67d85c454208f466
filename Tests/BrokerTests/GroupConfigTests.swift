// Settings of single groups (config resource type 32): set, seen, obeyed, kept over a restart.

import Broker
import KafkaProtocol
import TestSupport
import Testing

@Suite struct GroupConfigTests {
    private static let groupType: Int8 = 32
    private static let interval = "consumer.heartbeat.interval.ms"
    private static let timeout = "consumer.session.timeout.ms"

    private func set(_ values: [String: String], group: String, _ test: TestBroker) throws -> (ErrorCode, String?) {
        let configs = values.sorted { $0.key < $1.key }.map {
            IncrementalAlterConfigsRequest.AlterableConfig(name: $0.key, configOperation: 0, value: $0.value)
        }
        let request = IncrementalAlterConfigsRequest(
            resources: [.init(resourceType: Self.groupType, resourceName: group, configs: configs)])
        let response = try #require(try test.send(request).responses.first)
        return (response.errorCode, response.errorMessage)
    }

    private func described(_ group: String, _ test: TestBroker) throws -> [String: String] {
        let request = DescribeConfigsRequest(resources: [.init(resourceType: Self.groupType, resourceName: group)])
        let result = try #require(try test.send(request).results.first)
        try #require(result.errorCode == .none)
        return result.configs.reduce(into: [:]) { $0[$1.name] = "\($1.value ?? "") \($1.configSource)" }
    }

    private func heartbeatInterval(_ group: String, _ test: TestBroker) throws -> Int32 {
        let request = ConsumerGroupHeartbeatRequest(
            groupID: group, memberID: "member", memberEpoch: 0, rebalanceTimeoutMs: 60_000,
            subscribedTopicNames: ["orders"], topicPartitions: [])
        let response = try test.send(request)
        try #require(response.errorCode == .none, "\(response.errorMessage ?? "")")
        return response.heartbeatIntervalMs
    }

    @Test func aGroupWithoutSettingsHasTheBrokers() throws {
        try withBroker(["group.consumer.heartbeat.interval.ms": "6000"]) { test throws in
            // 4: of the broker's file or flags; 5: default.
            #expect(try described("any", test) == [Self.interval: "6000 4", Self.timeout: "45000 5"])
        }
    }

    @Test func settingsAreObeyedAndOutliveARestart() throws {
        try withBroker { test in
            try test.createTopic("orders")
            #expect(try set([Self.interval: "7000"], group: "g", test) == (.none, nil))
            #expect(try described("g", test) == [Self.interval: "7000 8", Self.timeout: "45000 5"])
            #expect(try heartbeatInterval("g", test) == 7_000)
            #expect(try heartbeatInterval("other", test) == 5_000)
            try test.restartAfterKill()
            #expect(try described("g", test)[Self.interval] == "7000 8")
            #expect(try heartbeatInterval("g", test) == 7_000)
        }
    }

    @Test(arguments: [
        [interval: "4999"], [interval: "15001"], [timeout: "60001"], [timeout: "forty"], ["consumer.colour": "red"],
    ])
    func whatMakesNoSenseIsRefused(_ values: [String: String]) throws {
        try withBroker { test in
            let (code, message) = try set(values, group: "g", test)
            #expect(code == .invalidConfig && message != nil)
            #expect(try described("g", test) == [Self.interval: "5000 5", Self.timeout: "45000 5"])
        }
    }

    @Test func aGroupNeedsAName() throws {
        try withBroker { test throws in
            #expect(try set([Self.interval: "7000"], group: "", test).0 == .invalidGroupID)
        }
    }
}
