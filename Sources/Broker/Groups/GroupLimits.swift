/// The settings that groups obey. Times in milliseconds, with Kafka's names and, where nothing is said, its defaults.
struct GroupLimits: Equatable, Sendable {
    /// `group.min.session.timeout.ms`
    var sessionTimeoutMin: Int64 = 6_000
    /// `group.max.session.timeout.ms`
    var sessionTimeoutMax: Int64 = 1_800_000
    /// `group.initial.rebalance.delay.ms`: how long the first member of an empty group waits for more.
    var initialRebalanceDelay: Int64 = 500
    /// `group.max.size`
    var membersMax = 10_000
    /// `offset.metadata.max.bytes`
    var offsetMetadataMaxBytes = 4_096
    /// `group.coordinator.groups.max`, over the whole broker
    var groupsMax = 100_000
    /// `group.coordinator.member.max.bytes`, over the whole broker
    var memberBytesMax = 256 << 20

    /// `group.consumer.session.timeout.ms`
    var consumerSessionTimeout: Int64 = 45_000
    /// `group.consumer.heartbeat.interval.ms`
    var consumerHeartbeatInterval: Int64 = 5_000
    /// `group.consumer.max.size`
    var consumerMembersMax = Int(Int32.max)
    /// `group.consumer.assignors`; the first is the default.
    var assignors = [GroupAssignor.uniform, .range]
    /// `group.consumer.migration.policy`
    var migrationPolicy = GroupMigrationPolicy.bidirectional

    /// How long the JoinGroup of a new member may wait before the member counts as gone; Kafka's, not configurable.
    static let newMemberJoinTimeout: Int64 = 5 * 60 * 1_000

    init() {}

    init(_ settings: BrokerSettings) {
        sessionTimeoutMin = Int64(settings.integer("group.min.session.timeout.ms"))
        sessionTimeoutMax = Int64(settings.integer("group.max.session.timeout.ms"))
        initialRebalanceDelay = Int64(settings.integer("group.initial.rebalance.delay.ms"))
        membersMax = settings.integer("group.max.size")
        offsetMetadataMaxBytes = settings.integer("offset.metadata.max.bytes")
        groupsMax = settings.integer("group.coordinator.groups.max")
        memberBytesMax = settings.integer("group.coordinator.member.max.bytes")
        consumerSessionTimeout = Int64(settings.integer("group.consumer.session.timeout.ms"))
        consumerHeartbeatInterval = Int64(settings.integer("group.consumer.heartbeat.interval.ms"))
        consumerMembersMax = settings.integer("group.consumer.max.size")
        assignors = settings.list("group.consumer.assignors").compactMap(GroupAssignor.init)
        migrationPolicy =
            GroupMigrationPolicy(rawValue: settings["group.consumer.migration.policy"].text) ?? .bidirectional
    }

    /// Settings that only make sense together.
    static func check(_ settings: BrokerSettings) throws(SettingsError) {
        for (name, kind) in [("session.timeout.ms", "session"), ("heartbeat.interval.ms", "heartbeat")] {
            let value = settings.integer("group.consumer.\(name)")
            let least = settings.integer("group.consumer.min.\(name)")
            let most = settings.integer("group.consumer.max.\(name)")
            guard (least...max(least, most)).contains(value) else {
                throw SettingsError(
                    "group.consumer.\(name) is \(value), which is not between group.consumer.min.\(name) (\(least)) and "
                        + "group.consumer.max.\(name) (\(most)): consumers need a \(kind) time within them.")
            }
        }
        let interval = settings.integer("group.consumer.heartbeat.interval.ms")
        let timeout = settings.integer("group.consumer.session.timeout.ms")
        guard interval < timeout else {
            throw SettingsError(
                "group.consumer.heartbeat.interval.ms (\(interval)) has to be less than group.consumer.session.timeout.ms "
                    + "(\(timeout)), or members would time out between two heartbeats.")
        }
    }
}
