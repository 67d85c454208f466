// Generated from Sources/ProtocolGenerator/Schema by `make generate`. Do not edit.

/// The number that names an API on the wire. Source: the Kafka protocol guide, "Api Keys".
package enum ApiKey: Int16, CaseIterable, Sendable {
    /// Appends record batches to partitions.
    case produce = 0
    /// Reads record batches from partitions, by long polling and with sessions (KIP-227).
    case fetch = 1
    /// Looks offsets up by position or timestamp.
    case listOffsets = 2
    /// Describes brokers, topics and partitions.
    case metadata = 3
    /// Commits offsets of a group.
    case offsetCommit = 8
    /// Reads the committed offsets of a group.
    case offsetFetch = 9
    /// Names the broker that coordinates a group or transaction.
    case findCoordinator = 10
    /// Joins a group of the classic protocol.
    case joinGroup = 11
    /// Keeps a classic member alive.
    case heartbeat = 12
    /// Removes members from a group (KIP-345).
    case leaveGroup = 13
    /// Hands out the assignment that the leader computed.
    case syncGroup = 14
    /// Describes classic groups and their members.
    case describeGroups = 15
    /// Lists groups, filtered by state and type (KIP-518, KIP-848).
    case listGroups = 16
    /// Tells which APIs and versions the broker serves (KIP-35, KIP-511).
    case apiVersions = 18
    /// Creates topics (KIP-4).
    case createTopics = 19
    /// Deletes topics by name or id (KIP-4, KIP-516).
    case deleteTopics = 20
    /// Moves the log start offset forward (KIP-107).
    case deleteRecords = 21
    /// Hands out a producer id and epoch (KIP-98, KIP-360).
    case initProducerID = 22
    /// Tells where a leader epoch ended (KIP-101, KIP-320).
    case offsetForLeaderEpoch = 23
    /// Lists settings with their values and sources (KIP-133, KIP-226).
    case describeConfigs = 32
    /// Replaces all dynamic settings of a resource (KIP-133).
    case alterConfigs = 33
    /// Tells how large each partition is on disk (KIP-113).
    case describeLogDirs = 35
    /// Adds partitions to topics (KIP-195).
    case createPartitions = 37
    /// Deletes empty groups (KIP-229).
    case deleteGroups = 42
    /// Sets, removes, appends to or subtracts from single settings (KIP-339).
    case incrementalAlterConfigs = 44
    /// Deletes committed offsets of a group (KIP-496).
    case offsetDelete = 47
    /// Describes the brokers of the cluster (KIP-700).
    case describeCluster = 60
    /// Lists the producers a partition remembers (KIP-664).
    case describeProducers = 61
    /// Joins, keeps alive and leaves a group of the consumer protocol (KIP-848).
    case consumerGroupHeartbeat = 68
    /// Describes groups of the consumer protocol (KIP-848).
    case consumerGroupDescribe = 69
    /// Describes topics page by page (KIP-966).
    case describeTopicPartitions = 75

    /// The name that Kafka's documentation and tools use.
    package var name: String {
        switch self {
        case .produce: "Produce"
        case .fetch: "Fetch"
        case .listOffsets: "ListOffsets"
        case .metadata: "Metadata"
        case .offsetCommit: "OffsetCommit"
        case .offsetFetch: "OffsetFetch"
        case .findCoordinator: "FindCoordinator"
        case .joinGroup: "JoinGroup"
        case .heartbeat: "Heartbeat"
        case .leaveGroup: "LeaveGroup"
        case .syncGroup: "SyncGroup"
        case .describeGroups: "DescribeGroups"
        case .listGroups: "ListGroups"
        case .apiVersions: "ApiVersions"
        case .createTopics: "CreateTopics"
        case .deleteTopics: "DeleteTopics"
        case .deleteRecords: "DeleteRecords"
        case .initProducerID: "InitProducerId"
        case .offsetForLeaderEpoch: "OffsetForLeaderEpoch"
        case .describeConfigs: "DescribeConfigs"
        case .alterConfigs: "AlterConfigs"
        case .describeLogDirs: "DescribeLogDirs"
        case .createPartitions: "CreatePartitions"
        case .deleteGroups: "DeleteGroups"
        case .incrementalAlterConfigs: "IncrementalAlterConfigs"
        case .offsetDelete: "OffsetDelete"
        case .describeCluster: "DescribeCluster"
        case .describeProducers: "DescribeProducers"
        case .consumerGroupHeartbeat: "ConsumerGroupHeartbeat"
        case .consumerGroupDescribe: "ConsumerGroupDescribe"
        case .describeTopicPartitions: "DescribeTopicPartitions"
        }
    }

    /// The first version with compact lengths and tagged fields (KIP-482), nil if there is none.
    package var firstFlexibleVersion: Int16? {
        switch self {
        case .produce: 9
        case .fetch: 12
        case .listOffsets: 6
        case .metadata: 9
        case .offsetCommit: 8
        case .offsetFetch: 6
        case .findCoordinator: 3
        case .joinGroup: 6
        case .heartbeat: 4
        case .leaveGroup: 4
        case .syncGroup: 4
        case .describeGroups: 5
        case .listGroups: 3
        case .apiVersions: 3
        case .createTopics: 5
        case .deleteTopics: 4
        case .deleteRecords: 2
        case .initProducerID: 2
        case .offsetForLeaderEpoch: 4
        case .describeConfigs: 4
        case .alterConfigs: 2
        case .describeLogDirs: 2
        case .createPartitions: 2
        case .deleteGroups: 2
        case .incrementalAlterConfigs: 1
        case .offsetDelete: nil
        case .describeCluster: 0
        case .describeProducers: 0
        case .consumerGroupHeartbeat: 0
        case .consumerGroupDescribe: 0
        case .describeTopicPartitions: 0
        }
    }
}
