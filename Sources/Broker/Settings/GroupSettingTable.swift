/// Settings of single groups (KIP-848), each with the broker setting whose value a group without an own one has.
///
/// Those of classic groups are none: their members bring their timeouts along.
package enum GroupSettingTable {
    package struct Entry: Sendable {
        package let definition: SettingDefinition
        package let brokerName: String

        package var name: String { definition.name }
    }

    private static func entry(_ name: String, _ defaultValue: String, _ documentation: String) -> Entry {
        Entry(
            definition: SettingDefinition(name, .int, defaultValue, .atLeast(1), documentation),
            brokerName: "group.\(name)")
    }

    package static let sessionTimeout = entry(
        "consumer.session.timeout.ms", "45000", "Time after which a member of this group that is silent is dropped.")
    package static let heartbeatInterval = entry(
        "consumer.heartbeat.interval.ms", "5000", "How often members of this group are told to send a heartbeat.")

    package static let entries = [sessionTimeout, heartbeatInterval]

    package static func entry(named name: String) -> Entry? { entries.first { $0.name == name } }

    /// What is wrong with the settings of a group; nil if nothing is. Values are checked alone and against the broker's limits.
    static func objection(to overrides: [String: String], broker: BrokerSettings) -> String? {
        for (name, value) in overrides.sorted(by: { $0.key < $1.key }) {
            guard let entry = entry(named: name) else { return "Unknown group config name: \(name)" }
            if let objection = entry.definition.objection(to: value) { return objection }
            let kind = name.dropFirst("consumer.".count)
            let least = broker.integer("group.consumer.min.\(kind)")
            let most = broker.integer("group.consumer.max.\(kind)")
            guard let number = Int(value), number >= least else {
                return "\(name) must be greater than or equal to group.consumer.min.\(kind)"
            }
            if number > most { return "\(name) must be less than or equal to group.consumer.max.\(kind)" }
        }
        let value = { (entry: Entry) in
            overrides[entry.name].flatMap(Int.init) ?? broker.integer(entry.brokerName)
        }
        return value(heartbeatInterval) < value(sessionTimeout)
            ? nil : "\(sessionTimeout.name) must be greater than \(heartbeatInterval.name)"
    }

    /// The values that a setting has on each level, the one in force first.
    static func layers(of entry: Entry, overrides: [String: String], broker: BrokerSettings) -> [TopicConfig.Layer] {
        var layers: [TopicConfig.Layer] = []
        if let value = overrides[entry.name] { layers.append(.init(name: entry.name, value: value, source: .group)) }
        let stated = broker[entry.brokerName]
        if stated.source != .default {
            layers.append(.init(name: entry.brokerName, value: stated.text, source: .staticBroker))
        }
        layers.append(.init(name: entry.brokerName, value: entry.definition.defaultValue, source: .default))
        return layers
    }
}

extension GroupLimits {
    /// The limits with the settings of one group in their place.
    func replacing(_ overrides: [String: String]?) -> GroupLimits {
        guard let overrides else { return self }
        var limits = self
        if let value = overrides[GroupSettingTable.sessionTimeout.name].flatMap(Int64.init) {
            limits.consumerSessionTimeout = value
        }
        if let value = overrides[GroupSettingTable.heartbeatInterval.name].flatMap(Int64.init) {
            limits.consumerHeartbeatInterval = value
        }
        return limits
    }
}
