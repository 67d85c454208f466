import KafkaProtocol

/// JoinGroup 0 to 9: joins a classic group. Answered when the group's rebalance is over, or at once if there is none.
///
/// From version 4 on a member without an id is given one and has to come again (KIP-394); older clients cannot follow that.
enum JoinGroupHandler {
    static func handle(_ request: JoinGroupRequest, _ frame: RawSpan, _ context: RequestContext) -> Outcome {
        let groups = context.broker.groups
        if let objection = objection(to: request, groups.limits) {
            let response = JoinGroupResponse(errorCode: objection, memberID: request.memberID)
            return .reply(reply(response, context))
        }
        let client = GroupClient(context)
        let newMemberID = MemberID.generate(request.groupInstanceID ?? client.id)
        groups.perform(
            on: request.groupID, creatingTopic: true, waiter: .join { context.complete(reply($0, context)) },
            refuse: { JoinGroupResponse(errorCode: $0.code, memberID: request.memberID) },
            complete: { context.complete(reply($0, context)) },
            step: { (group, effects, moment) throws(GroupError) in
                let join = ClassicJoin(
                    request: request, version: context.version, client: client, token: moment.token,
                    newMemberID: newMemberID)
                try group.join(
                    join, limits: groups.limits, topics: context.broker.topics.current, now: moment.now, &effects)
                return nil
            })
        return .pending
    }

    /// Before version 7 the name of the protocol must not be null; errors have none.
    private static func reply(_ response: JoinGroupResponse, _ context: RequestContext) -> Reply {
        var response = response
        if context.version < 7, response.protocolName == nil { response.protocolName = "" }
        return context.reply(response)
    }

    /// Those of members are compared with one another. Clients bring one or two.
    private static let protocolsMax = 100

    private static func objection(to request: JoinGroupRequest, _ limits: GroupLimits) -> ErrorCode? {
        if request.groupID.isEmpty { return .invalidGroupID }
        let timeouts = limits.sessionTimeoutMin...max(limits.sessionTimeoutMin, limits.sessionTimeoutMax)
        guard timeouts.contains(Int64(request.sessionTimeoutMs)) else { return .invalidSessionTimeout }
        // Instance ids obey the rules of topic names.
        if let instanceID = request.groupInstanceID, TopicName.objection(to: instanceID) != nil {
            return .invalidConfig
        }
        if request.protocols.count > protocolsMax { return .inconsistentGroupProtocol }
        // Longer ones could not be stored.
        let names = [request.protocolType] + request.protocols.map(\.name)
        return names.allSatisfy { $0.utf8.count <= Int(Int16.max) } ? nil : .inconsistentGroupProtocol
    }
}
