// FakeGroups: the coordinator of the fake broker: classic groups of one member at a time, and offsets.

import KafkaClient
import KafkaProtocol

struct FakeGroups {
    struct Group {
        var generation: Int32 = 0
        /// By id, what the member said of itself.
        var members: [String: (clientID: String, metadata: [UInt8])] = [:]
        var assignments: [String: [UInt8]] = [:]
        var isInRebalance = false
        var offsets: [TopicPartition: CommittedOffset] = [:]
        /// What ConsumerGroupDescribe answers; nil for a classic group.
        var consumerKind: ConsumerGroupDescribeResponse.DescribedGroup?

        var state: String {
            consumerKind?.groupState ?? (members.isEmpty ? "Empty" : isInRebalance ? "CompletingRebalance" : "Stable")
        }
    }

    var groups: [String: Group] = [:]
    /// Errors that the next requests of an API get, one a request.
    var errors: [ApiKey: [ErrorCode]] = [:]
    var requests: [ApiKey: Int] = [:]
    private var memberCount = 0

    var served: [ApiKey: ClosedRange<Int16>] = [
        .findCoordinator: 0...4, .joinGroup: 0...9, .syncGroup: 0...5, .heartbeat: 0...4, .leaveGroup: 0...5,
        .offsetCommit: 2...10, .offsetFetch: 1...10, .offsetDelete: 0...0, .listGroups: 0...5, .describeGroups: 0...6,
        .consumerGroupDescribe: 0...1, .deleteGroups: 0...2,
    ]

    /// Counts a request and takes the error that is set for it.
    private mutating func failure(_ apiKey: ApiKey) -> ErrorCode? {
        requests[apiKey, default: 0] += 1
        guard errors[apiKey]?.isEmpty == false else { return nil }
        let code = errors[apiKey]?.removeFirst()
        return code == ErrorCode.none ? nil : code
    }

    private func memberFailure(_ group: String, _ memberID: String, _ generation: Int32) -> ErrorCode? {
        guard let known = groups[group], known.members[memberID] != nil else { return .unknownMemberID }
        return known.generation == generation ? nil : .illegalGeneration
    }

    mutating func find(_ request: FindCoordinatorRequest, _ address: BrokerAddress) -> FindCoordinatorResponse {
        let code = failure(.findCoordinator) ?? .none
        let found = request.coordinatorKeys.map {
            FindCoordinatorResponse.Coordinator(
                key: $0, nodeID: 1, host: address.host, port: Int32(address.port), errorCode: code)
        }
        return FindCoordinatorResponse(
            errorCode: code, nodeID: 1, host: address.host, port: Int32(address.port), coordinators: found)
    }

    mutating func join(_ request: JoinGroupRequest, _ clientID: String?) -> JoinGroupResponse {
        if let code = failure(.joinGroup) { return JoinGroupResponse(errorCode: code, memberID: request.memberID) }
        if request.memberID.isEmpty {
            memberCount += 1
            return JoinGroupResponse(errorCode: .memberIDRequired, memberID: "member-\(memberCount)")
        }
        var group = groups[request.groupID] ?? Group()
        group.generation += 1
        group.members = [request.memberID: (clientID ?? "", request.protocols.first?.metadata ?? [])]
        group.isInRebalance = true
        groups[request.groupID] = group
        return JoinGroupResponse(
            generationID: group.generation, protocolType: request.protocolType,
            protocolName: request.protocols.first?.name, leader: request.memberID, memberID: request.memberID,
            members: group.members.map { .init(memberID: $0.key, metadata: $0.value.metadata) })
    }

    mutating func sync(_ request: SyncGroupRequest) -> SyncGroupResponse {
        if let code = failure(.syncGroup) ?? memberFailure(request.groupID, request.memberID, request.generationID) {
            return SyncGroupResponse(errorCode: code)
        }
        groups[request.groupID]?.isInRebalance = false
        for each in request.assignments { groups[request.groupID]?.assignments[each.memberID] = each.assignment }
        return SyncGroupResponse(
            protocolType: request.protocolType, protocolName: request.protocolName,
            assignment: groups[request.groupID]?.assignments[request.memberID] ?? [])
    }

    mutating func beat(_ request: HeartbeatRequest) -> HeartbeatResponse {
        HeartbeatResponse(
            errorCode: failure(.heartbeat) ?? memberFailure(request.groupID, request.memberID, request.generationID)
                ?? .none)
    }

    mutating func leave(_ request: LeaveGroupRequest) -> LeaveGroupResponse {
        if let code = failure(.leaveGroup) { return LeaveGroupResponse(errorCode: code) }
        for member in request.members.map(\.memberID) + [request.memberID] {
            groups[request.groupID]?.members[member] = nil
        }
        return LeaveGroupResponse(members: request.members.map { .init(memberID: $0.memberID) })
    }

    mutating func commit(_ request: OffsetCommitRequest) -> OffsetCommitResponse {
        var code = failure(.offsetCommit)
        if request.memberID.isEmpty {
            if code == nil, groups[request.groupID]?.members.isEmpty == false { code = .unknownMemberID }
        } else {
            code = code ?? memberFailure(request.groupID, request.memberID, request.generationIDOrMemberEpoch)
        }
        var group = groups[request.groupID] ?? Group()
        for topic in request.topics where code == nil {
            for each in topic.partitions {
                group.offsets[TopicPartition(topic.name, each.partitionIndex)] = CommittedOffset(
                    offset: each.committedOffset, metadata: each.committedMetadata ?? "")
            }
        }
        groups[request.groupID] = group
        return OffsetCommitResponse(
            topics: request.topics.map { topic in
                .init(
                    name: topic.name,
                    partitions: topic.partitions.map {
                        .init(partitionIndex: $0.partitionIndex, errorCode: code ?? .none)
                    })
            })
    }

    mutating func fetch(_ request: OffsetFetchRequest) -> OffsetFetchResponse {
        let code = failure(.offsetFetch) ?? .none
        let asked = request.groups.first
        let name = asked?.groupID ?? request.groupID
        let offsets = groups[name]?.offsets ?? [:]
        let wanted =
            asked?.topics.map { $0.flatMap { topic in topic.partitionIndexes.map { TopicPartition(topic.name, $0) } } }
            ?? request.topics.map {
                $0.flatMap { topic in topic.partitionIndexes.map { TopicPartition(topic.name, $0) } }
            }
            ?? Array(offsets.keys)
        func offset(_ topic: String, _ partition: Int32) -> CommittedOffset {
            offsets[TopicPartition(topic, partition)] ?? CommittedOffset(offset: -1)
        }
        return OffsetFetchResponse(
            topics: wanted.grouped().map { topic in
                .init(
                    name: topic.topic,
                    partitions: topic.partitions.map {
                        let found = offset(topic.topic, $0)
                        return .init(partitionIndex: $0, committedOffset: found.offset, metadata: found.metadata)
                    })
            }, errorCode: code,
            groups: [
                .init(
                    groupID: name,
                    topics: wanted.grouped().map { topic in
                        .init(
                            name: topic.topic,
                            partitions: topic.partitions.map {
                                let found = offset(topic.topic, $0)
                                return .init(
                                    partitionIndex: $0, committedOffset: found.offset, metadata: found.metadata)
                            })
                    }, errorCode: code)
            ])
    }

    mutating func delete(_ request: OffsetDeleteRequest) -> OffsetDeleteResponse {
        if let code = failure(.offsetDelete) { return OffsetDeleteResponse(errorCode: code) }
        let code: ErrorCode = groups[request.groupID]?.members.isEmpty == false ? .groupSubscribedToTopic : .none
        for topic in request.topics where code == .none {
            for each in topic.partitions {
                groups[request.groupID]?.offsets[TopicPartition(topic.name, each.partitionIndex)] = nil
            }
        }
        return OffsetDeleteResponse(
            topics: request.topics.map { topic in
                .init(
                    name: topic.name,
                    partitions: topic.partitions.map { .init(partitionIndex: $0.partitionIndex, errorCode: code) })
            })
    }

    mutating func list(_ request: ListGroupsRequest) -> ListGroupsResponse {
        let code = failure(.listGroups) ?? .none
        let listed = groups.map { name, group in
            ListGroupsResponse.ListedGroup(
                groupID: name, protocolType: "consumer", groupState: group.state,
                groupType: group.consumerKind == nil ? "classic" : "consumer")
        }
        return ListGroupsResponse(
            errorCode: code,
            groups: listed.filter {
                (request.statesFilter.isEmpty || request.statesFilter.contains($0.groupState))
                    && (request.typesFilter.isEmpty || request.typesFilter.contains($0.groupType))
            })
    }

    mutating func describe(_ request: DescribeGroupsRequest, _ version: Int16) -> DescribeGroupsResponse {
        let code = failure(.describeGroups)
        return DescribeGroupsResponse(
            groups: request.groups.map { name in
                guard let group = groups[name], group.consumerKind == nil else {
                    return .init(
                        errorCode: code ?? (version >= 6 ? .groupIDNotFound : .none), groupID: name, groupState: "Dead")
                }
                return .init(
                    errorCode: code ?? .none, groupID: name, groupState: group.state, protocolType: "consumer",
                    protocolData: group.members.isEmpty ? "" : "range",
                    members: group.members.map { id, member in
                        .init(
                            memberID: id, clientID: member.clientID, clientHost: "/127.0.0.1",
                            memberMetadata: member.metadata, memberAssignment: group.assignments[id] ?? [])
                    })
            })
    }

    mutating func describe(_ request: ConsumerGroupDescribeRequest) -> ConsumerGroupDescribeResponse {
        let code = failure(.consumerGroupDescribe)
        return ConsumerGroupDescribeResponse(
            groups: request.groupIDs.map { name in
                guard code == nil, var group = groups[name]?.consumerKind else {
                    return .init(errorCode: code ?? .groupIDNotFound, groupID: name)
                }
                group.groupID = name
                return group
            })
    }

    mutating func delete(_ request: DeleteGroupsRequest) -> DeleteGroupsResponse {
        let code = failure(.deleteGroups)
        return DeleteGroupsResponse(
            results: request.groupsNames.map { name in
                if let code { return .init(groupID: name, errorCode: code) }
                guard let group = groups[name] else { return .init(groupID: name, errorCode: .groupIDNotFound) }
                if !group.members.isEmpty { return .init(groupID: name, errorCode: .nonEmptyGroup) }
                groups[name] = nil
                return .init(groupID: name)
            })
    }
}
