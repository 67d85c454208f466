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

    /// How long the JoinGroup of a new member may wait before the member counts as gone; Kafka's, not configurable.
    static let newMemberJoinTimeout: Int64 = 5 * 60 * 1_000

    init() {}

    init(_ settings: BrokerSettings) {
        sessionTimeoutMin = Int64(settings.integer("group.min.session.timeout.ms"))
        sessionTimeoutMax = Int64(settings.integer("group.max.session.timeout.ms"))
        initialRebalanceDelay = Int64(settings.integer("group.initial.rebalance.delay.ms"))
        membersMax = settings.integer("group.max.size")
        offsetMetadataMaxBytes = settings.integer("offset.metadata.max.bytes")
    }
}
