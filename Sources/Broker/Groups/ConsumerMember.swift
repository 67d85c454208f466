import KafkaProtocol

/// A member of a consumer group: what it asked for, how far it has come with its assignment, and until when it may be silent.
struct ConsumerMember: Equatable, Sendable {
    /// How far a member is on its way to the target assignment. The numbers are those of the records.
    enum State: Int8, Sendable {
        /// It has everything it is to have in its epoch.
        case stable = 0
        /// It has to give partitions up before it may go on to the next epoch.
        case unrevoked = 1
        /// It waits for partitions that others have not given up yet.
        case unreleased = 2
        /// Written by a newer broker.
        case unknown = 127
    }

    typealias ClassicMetadata = ConsumerGroupMemberMetadataValue.ClassicMemberMetadata

    /// Epoch of a static member that went away and is expected back.
    static let awayEpoch: Int32 = -2
    static let leftEpoch: Int32 = -1

    let id: String

    // MARK: What it asked for (ConsumerGroupMemberMetadata)

    var instanceID: String?
    var rackID: String?
    var client = GroupClient(id: "", host: "")
    /// Sorted, each once.
    var subscribedTopics: [String] = []
    /// A pattern that topic names have to match as a whole; nil if it has none.
    var subscribedPattern: String?
    var rebalanceTimeout: Int32 = -1
    var assignorName: String?
    /// Set if it speaks the classic protocol.
    var classic: ClassicMetadata?

    // MARK: How far it has come (ConsumerGroupCurrentMemberAssignment)

    var epoch: Int32 = 0
    var previousEpoch: Int32 = -1
    var state = State.stable
    var assigned = PartitionAssignment()
    var pendingRevocation = PartitionAssignment()

    // MARK: Time, not stored

    var deadlines = Deadlines()

    /// Monotonic milliseconds at which the member is dropped.
    struct Deadlines: Equatable, Sendable {
        /// Unless it is heard of.
        var session = Int64.max
        /// Unless it gives up what it has to.
        var revocation: Int64?
        /// Unless the classic member joins again.
        var join: Int64?
        /// Unless the classic member asks for its assignment.
        var sync: Int64?

        var next: Int64 { min(session, revocation ?? .max, join ?? .max, sync ?? .max) }
    }

    init(id: String) {
        self.id = id
    }

    var isClassic: Bool { classic != nil }

    func isReconciled(to assignmentEpoch: Int32) -> Bool { state == .stable && epoch == assignmentEpoch }

    mutating func moveTo(epoch newEpoch: Int32) {
        previousEpoch = epoch
        epoch = newEpoch
    }

    /// The protocols of a classic member, in its order.
    var classicProtocols: [JoinGroupRequest.JoinGroupRequestProtocol] {
        classic?.supportedProtocols.map { .init(name: $0.name, metadata: $0.metadata) } ?? []
    }
}

// MARK: Records

extension ConsumerMember {
    mutating func take(_ value: ConsumerGroupMemberMetadataValue) {
        instanceID = value.instanceID
        rackID = value.rackID
        client = GroupClient(id: value.clientID, host: value.clientHost)
        subscribedTopics = Set(value.subscribedTopicNames).sorted()
        subscribedPattern = value.subscribedTopicRegex.flatMap { $0.isEmpty ? nil : $0 }
        rebalanceTimeout = value.rebalanceTimeoutMs
        assignorName = value.serverAssignor
        classic = value.classicMemberMetadata
    }

    var metadataValue: ConsumerGroupMemberMetadataValue {
        ConsumerGroupMemberMetadataValue(
            instanceID: instanceID, rackID: rackID, clientID: client.id, clientHost: client.host,
            subscribedTopicNames: subscribedTopics, subscribedTopicRegex: subscribedPattern,
            rebalanceTimeoutMs: rebalanceTimeout, serverAssignor: assignorName, classicMemberMetadata: classic)
    }

    mutating func take(_ value: ConsumerGroupCurrentMemberAssignmentValue) {
        epoch = value.memberEpoch
        previousEpoch = value.previousMemberEpoch
        state = State(rawValue: value.state) ?? .unknown
        assigned = PartitionAssignment(value.assignedPartitions.map { ($0.topicID, $0.partitions) })
        pendingRevocation = PartitionAssignment(value.partitionsPendingRevocation.map { ($0.topicID, $0.partitions) })
    }

    var currentValue: ConsumerGroupCurrentMemberAssignmentValue {
        ConsumerGroupCurrentMemberAssignmentValue(
            memberEpoch: epoch, previousMemberEpoch: previousEpoch, state: state.rawValue,
            assignedPartitions: assigned.sorted.map { .init(topicID: $0.topic, partitions: $0.partitions) },
            partitionsPendingRevocation: pendingRevocation.sorted.map {
                .init(topicID: $0.topic, partitions: $0.partitions)
            })
    }
}
