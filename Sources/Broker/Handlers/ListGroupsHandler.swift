import KafkaProtocol

/// ListGroups 0 to 5: every group, filtered by state (KIP-518) and type (KIP-848); filters do not look at case.
enum ListGroupsHandler {
    static func handle(_ request: ListGroupsRequest, _ context: RequestContext) -> ListGroupsResponse {
        let states = Set(request.statesFilter.map { $0.lowercased() })
        let types = Set(request.typesFilter.map { $0.lowercased() })
        let groups = context.broker.groups.all().sorted { $0.key < $1.key }
        return ListGroupsResponse(
            groups: groups.compactMap { id, group in
                let membership = group.membership
                guard states.isEmpty || states.contains(membership.stateName.lowercased()),
                    types.isEmpty || types.contains(membership.typeName.lowercased())
                else { return nil }
                return .init(
                    groupID: id, protocolType: membership.protocolType, groupState: membership.stateName,
                    groupType: membership.typeName)
            })
    }
}
