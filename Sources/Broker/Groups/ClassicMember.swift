import KafkaProtocol

/// A member of a classic group. Times are in milliseconds.
struct ClassicMember: Equatable, Sendable {
    let id: String
    /// Name of a static member, which outlives its restarts (KIP-345).
    let instanceID: String?
    let client: GroupClient
    var sessionTimeout: Int64
    /// How long the member may take to join again when the group rebalances.
    var rebalanceTimeout: Int64
    /// In order of preference.
    var protocols: [JoinGroupRequest.JoinGroupRequestProtocol]
    var assignment: [UInt8] = []

    /// Has never been in a generation; such a member may be dropped although its JoinGroup waits.
    var isNew = false
    /// Its JoinGroup or SyncGroup that waits for the others.
    var waitingJoin: ReplyToken?
    var waitingSync: ReplyToken?
    /// Was told the generation and has not fetched its assignment.
    var owesSync = false
    /// Monotonic time at which it is dropped unless it is heard of.
    var sessionDeadline: Int64

    /// A request that waits for others is as good as a heartbeat.
    var isWaiting: Bool { !isNew && (waitingJoin != nil || waitingSync != nil) }

    func metadata(of protocolName: String?) -> [UInt8] {
        protocols.first { $0.name == protocolName }?.metadata ?? []
    }

    func supports(_ protocolName: String) -> Bool { protocols.contains { $0.name == protocolName } }
}
