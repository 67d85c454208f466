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

    @Test(arguments: ["", "x", "nan", "-nan", "inf", "1.5", "-0.1", "0,5"]) func whatIsNoRatioIsRefused(
        _ value: String
    ) throws {
        #expect(try objection(to: value) != nil)
    }
}
