import KafkaProtocol

/// DescribeGroups 0 to 6: classic groups with their members. A group that does not exist is "Dead"; version 6 also says so by
/// GROUP_ID_NOT_FOUND (KIP-1043).
enum DescribeGroupsHandler {
    private typealias Described = DescribeGroupsResponse.DescribedGroup

    static func handle(_ request: DescribeGroupsRequest, _ context: RequestContext) -> DescribeGroupsResponse {
        DescribeGroupsResponse(
            groups: request.groups.distinct(by: \.self).map { id in
                var described = describe(id, context)
                if request.includeAuthorizedOperations, described.errorCode == .none {
                    described.authorizedOperations = AuthorizedOperations.group
                }
                return described
            })
    }

    private static func describe(_ id: String, _ context: RequestContext) -> Described {
        if let code = context.broker.groups.loadFailure(of: id) { return Described(errorCode: code, groupID: id) }
        let membership = context.broker.groups.find(id)?.membership
        guard case .classic(let group)? = membership else {
            let isTold = context.version >= 6
            let problem = membership == nil ? "Group \(id) not found." : "Group \(id) is not a classic group."
            return Described(
                errorCode: isTold ? .groupIDNotFound : .none, errorMessage: isTold ? problem : nil, groupID: id,
                groupState: "Dead")
        }
        let isStable = group.phase == .stable
        return Described(
            groupID: id, groupState: group.phase.name, protocolType: group.protocolType ?? "",
            // What the members do not agree on yet is not told, as with Kafka.
            protocolData: isStable ? group.protocolName ?? "" : "",
            members: group.members.values.map { member in
                .init(
                    memberID: member.id, groupInstanceID: member.instanceID, clientID: member.client.id,
                    clientHost: member.client.host,
                    memberMetadata: isStable ? member.metadata(of: group.protocolName) : [],
                    memberAssignment: isStable ? member.assignment : [])
            })
    }
}
