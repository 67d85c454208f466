import KafkaProtocol

/// What settings belong to: a topic, this broker, or a group, which need not exist.
enum ConfigResource {
    case topic(Topic)
    case broker
    case group(String)

    private enum Kind {
        static let topic: Int8 = 2
        static let broker: Int8 = 4
        static let group: Int8 = 32
    }

    /// Finds the resource that a request names. The broker is named by its number, or by nothing for "all brokers".
    init(type: Int8, name: String, _ broker: Broker) throws(TopicError) {
        switch type {
        case Kind.topic:
            if let objection = TopicName.objection(to: name) {
                throw TopicError(.invalidTopicException, "Topic name is invalid: \(objection)")
            }
            guard let topic = broker.topics.current.byName[name] else {
                throw TopicError(.unknownTopicOrPartition, "The topic '\(name)' does not exist.")
            }
            self = .topic(topic)
        case Kind.broker:
            guard name.isEmpty || name == String(broker.nodeID) else {
                throw TopicError(
                    .invalidRequest,
                    "Unexpected broker id, expected \(broker.nodeID) or empty string, but received \(name)")
            }
            self = .broker
        case Kind.group:
            guard !name.isEmpty, name.utf8.count <= Int(Int16.max) else {
                throw TopicError(.invalidGroupID, "A group's settings need the id of the group.")
            }
            self = .group(name)
        default:
            throw TopicError(
                .invalidRequest, "Unsupported resource type: \(type); settings belong to topics, brokers and groups.")
        }
    }

    /// Values that were set by hand on the resource.
    func overrides(_ broker: Broker) -> [String: String] {
        switch self {
        case .topic(let topic): topic.config.overrides
        case .broker: broker.topics.brokerOverrides
        case .group(let id): broker.topics.groupOverrides[id] ?? [:]
        }
    }

    func definition(_ name: String) -> SettingDefinition? {
        switch self {
        case .topic: TopicSettingTable.entry(named: name)?.definition
        case .broker: BrokerSettingTable.definition(named: name)
        case .group: GroupSettingTable.entry(named: name)?.definition
        }
    }

    /// The value in force.
    func value(_ name: String, _ broker: Broker) -> String? {
        switch self {
        case .topic(let topic):
            guard TopicSettingTable.entry(named: name) != nil else { return nil }
            return TopicConfig.layers(
                of: name, overrides: topic.config.overrides, broker: broker.settings,
                dynamicBroker: broker.topics.brokerOverrides)[0].value
        case .broker:
            guard BrokerSettingTable.definition(named: name) != nil else { return nil }
            return broker.topics.brokerOverrides[name] ?? broker.settings[name].text
        case .group:
            guard let entry = GroupSettingTable.entry(named: name) else { return nil }
            return GroupSettingTable.layers(of: entry, overrides: overrides(broker), broker: broker.settings)[0].value
        }
    }

    /// Checks new values, and puts them in the place of the old ones unless that is only a trial.
    func replaceOverrides(with overrides: [String: String], validateOnly: Bool, _ broker: Broker) throws(TopicError) {
        if case .group(let id) = self {
            if let objection = GroupSettingTable.objection(to: overrides, broker: broker.settings) {
                throw TopicError(.invalidConfig, objection)
            }
            if !validateOnly { try broker.topics.setOverrides(overrides, group: id) }
            return
        }
        for (name, value) in overrides.sorted(by: { $0.key < $1.key }) {
            guard let definition = definition(name) else {
                let kind = if case .topic = self { "topic" } else { "broker" }
                throw TopicError(.invalidConfig, "Unknown \(kind) config name: \(name)")
            }
            if case .broker = self, !BrokerSettingTable.dynamicNames.contains(name) {
                throw TopicError(.invalidRequest, "Cannot update these configs dynamically: Set(\(name))")
            }
            if let objection = definition.objection(to: value) { throw TopicError(.invalidConfig, objection) }
        }
        guard !validateOnly else { return }
        switch self {
        case .topic(let topic):
            guard !topic.isInternal else {
                throw TopicError(.invalidRequest, "The topic \(topic.name) belongs to the broker.")
            }
            try broker.topics.setOverrides(overrides, topic: topic.name)
        case .broker: try broker.topics.setBrokerOverrides(overrides)
        case .group: return
        }
    }
}
