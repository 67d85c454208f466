// GroupDescription: state and members of a group, of either kind: classic (DescribeGroups) or of the consumer protocol
// (ConsumerGroupDescribe, KIP-848).
//
// A group's kind is found by trying: a coordinator answers GROUP_ID_NOT_FOUND for one of the other kind.

import KafkaProtocol

package struct GroupDescription: Equatable, Sendable {
    package enum Kind: String, Sendable { case classic, consumer }

    package struct Member: Equatable, Sendable {
        package var id: String
        package var instanceID: String?
        package var clientID: String
        package var host: String
        /// nil if the members speak a protocol of their own.
        package var assignment: [TopicPartition]?
        /// Of the consumer protocol: what the member is on its way to, and how far it is.
        package var target: [TopicPartition]?
        package var epoch: Int32?

        package init(
            id: String, instanceID: String? = nil, clientID: String = "", host: String = "",
            assignment: [TopicPartition]? = [], target: [TopicPartition]? = nil, epoch: Int32? = nil
        ) {
            self.id = id
            self.instanceID = instanceID
            self.clientID = clientID
            self.host = host
            self.assignment = assignment
            self.target = target
            self.epoch = epoch
        }
    }

    package var group: String
    package var kind: Kind
    /// As the coordinator calls it, such as Stable or Empty.
    package var state: String
    /// `consumer` for groups of consumers; whatever classic members of another kind say.
    package var protocolType: String
    /// Empty if the group has none at the moment.
    package var assignor: String
    /// Of the consumer protocol.
    package var epoch: Int32?
    package var assignmentEpoch: Int32?
    package var members: [Member]
    package var coordinatorID: Int32
    package var coordinatorAddress: BrokerAddress

    package init(
        group: String, kind: Kind, state: String, protocolType: String = ConsumerProtocol.type, assignor: String = "",
        epoch: Int32? = nil, assignmentEpoch: Int32? = nil, members: [Member] = [], coordinatorID: Int32,
        coordinatorAddress: BrokerAddress
    ) {
        self.group = group
        self.kind = kind
        self.state = state
        self.protocolType = protocolType
        self.assignor = assignor
        self.epoch = epoch
        self.assignmentEpoch = assignmentEpoch
        self.members = members
        self.coordinatorID = coordinatorID
        self.coordinatorAddress = coordinatorAddress
    }
}

extension GroupCoordinator {
    /// Groups in the order of their names. A group that does not exist has no entry; one that has only committed offsets may
    /// have none either, from coordinators that keep no state for it.
    package func describe(_ groups: [String]) async throws(ClientError) -> [String: GroupDescription] {
        var found: [String: GroupDescription] = [:]
        if connection.versions[.consumerGroupDescribe] != nil {
            for group in try await describeConsumerGroups(groups) { found[group.group] = group }
        }
        for group in try await describeClassicGroups(groups.filter { found[$0] == nil }) { found[group.group] = group }
        return found
    }

    private func describeConsumerGroups(_ groups: [String]) async throws(ClientError) -> [GroupDescription] {
        guard !groups.isEmpty else { return [] }
        let response = try await sendWhenLoaded(ConsumerGroupDescribeRequest(groupIDs: groups)) {
            $0.groups.map(\.errorCode)
        }
        var found: [GroupDescription] = []
        for group in response.groups {
            // UNSUPPORTED_VERSION: the broker knows the API and has the protocol switched off.
            if group.errorCode == .groupIDNotFound || group.errorCode == .unsupportedVersion { continue }
            guard group.errorCode == .none else {
                throw .refused("cannot describe group \"\(group.groupID)\"", group.errorCode, group.errorMessage)
            }
            let members = group.members.map { member in
                GroupDescription.Member(
                    id: member.memberID, instanceID: member.instanceID, clientID: member.clientID,
                    host: member.clientHost, assignment: Self.partitions(member.assignment),
                    target: Self.partitions(member.targetAssignment), epoch: member.memberEpoch)
            }
            found.append(
                GroupDescription(
                    group: group.groupID, kind: .consumer, state: group.groupState, assignor: group.assignorName,
                    epoch: group.groupEpoch, assignmentEpoch: group.assignmentEpoch, members: members,
                    coordinatorID: nodeID, coordinatorAddress: address))
        }
        return found
    }

    private static func partitions(_ assignment: ConsumerGroupDescribeResponse.Assignment) -> [TopicPartition] {
        assignment.topicPartitions.flatMap { topic in
            topic.partitions.map { TopicPartition(topic.topicName, $0) }
        }.sorted()
    }

    private func describeClassicGroups(_ groups: [String]) async throws(ClientError) -> [GroupDescription] {
        guard !groups.isEmpty else { return [] }
        let response = try await sendWhenLoaded(DescribeGroupsRequest(groups: groups)) {
            $0.groups.map(\.errorCode)
        }
        var found: [GroupDescription] = []
        for group in response.groups {
            // Before version 6 a group that does not exist is a dead one.
            if group.errorCode == .groupIDNotFound || group.groupState == "Dead" { continue }
            guard group.errorCode == .none else {
                throw .refused("cannot describe group \"\(group.groupID)\"", group.errorCode, group.errorMessage)
            }
            let speaksConsumer = group.protocolType == ConsumerProtocol.type
            let members = group.members.map { member in
                GroupDescription.Member(
                    id: member.memberID, instanceID: member.groupInstanceID, clientID: member.clientID,
                    host: member.clientHost,
                    assignment: speaksConsumer ? ConsumerProtocol.decodeAssignment(member.memberAssignment) : nil)
            }
            found.append(
                GroupDescription(
                    group: group.groupID, kind: .classic, state: group.groupState, protocolType: group.protocolType,
                    assignor: group.protocolData, members: members, coordinatorID: nodeID, coordinatorAddress: address))
        }
        return found
    }
}
