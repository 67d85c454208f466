import Testing

@testable import Broker

/// What is accepted as the value of a setting is what is used.
@Suite struct SettingValueTests {
    private static let ratio = "min.cleanable.dirty.ratio"

    private func objection(to value: String) throws -> String? {
        try #require(TopicSettingTable.entry(named: Self.ratio)).definition.objection(to: value)
    }

    @Test(arguments: ["0", "1", "0.25", "1e-3"]) func ratiosAreTakenAsTheyAre(_ value: String) throws {
        #expect(try objection(to: value) == nil)
        let config = TopicConfig(overrides: [Self.ratio: value], broker: BrokerSettings(), dynamicBroker: [:])
        #expect(config.log.minCleanableDirtyRatio == Double(value))
        let name = try #require(TopicSettingTable.entry(named: Self.ratio)?.brokerName)
        let broker = try BrokerSettings(file: nil, flags: [name: value])
        #expect(
            TopicConfig(overrides: [:], broker: broker, dynamicBroker: [:]).log.minCleanableDirtyRatio == Double(value))
    }

    @Test func longValuesAreRefused() throws {
        let entry = try #require(TopicSettingTable.entry(named: "follower.replication.throttled.replicas"))
        #expect(entry.definition.objection(to: String(repeating: "1", count: 32_767)) == nil)
        let objection = try #require(entry.definition.objection(to: String(repeating: "1", count: 32_768)))
        #expect(objection.contains("more than 32767 bytes") && objection.utf8.count < 500)
    }

    @Test(arguments: ["", "x", "nan", "-nan", "inf", "1.5", "-0.1", "0,5"]) func whatIsNoRatioIsRefused(
        _ value: String
    ) throws {
        #expect(try objection(to: value) != nil)
    }
}
