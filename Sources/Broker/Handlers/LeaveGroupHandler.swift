import KafkaProtocol

/// LeaveGroup 0 to 5: takes members out of a classic group, from version 3 on several at once and static ones by name.
enum LeaveGroupHandler {
    static func handle(_ request: LeaveGroupRequest, _ frame: RawSpan, _ context: RequestContext) -> Outcome {
        guard !request.groupID.isEmpty else {
            return .reply(context.reply(LeaveGroupResponse(errorCode: .invalidGroupID)))
        }
        let leaving = context.version >= 3 ? request.members : [.init(memberID: request.memberID)]
        context.broker.groups.perform(
            on: request.groupID,
            refuse: { error in
                error.code == .unknownMemberID
                    ? response(
                        leaving.map {
                            .init(
                                memberID: $0.memberID, groupInstanceID: $0.groupInstanceID, errorCode: .unknownMemberID)
                        }, context.version) : LeaveGroupResponse(errorCode: error.code)
            },
            complete: { context.complete(context.reply($0)) },
            step: { (group, effects, moment) throws(GroupError) in
                let members = try group.leave(
                    leaving, groupID: request.groupID, topics: context.broker.topics.current, now: moment.now, &effects)
                return response(members, context.version)
            })
        return .pending
    }

    /// Before version 3 there is one member, and its error is that of the response.
    private static func response(_ members: [LeaveGroupResponse.MemberResponse], _ version: Int16) -> LeaveGroupResponse
    {
        version >= 3
            ? LeaveGroupResponse(members: members) : LeaveGroupResponse(errorCode: members.first?.errorCode ?? .none)
    }
}
