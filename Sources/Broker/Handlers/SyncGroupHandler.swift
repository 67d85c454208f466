import KafkaProtocol

/// SyncGroup 0 to 5: takes the leader's assignment and gives every member its part.
enum SyncGroupHandler {
    static func handle(_ request: SyncGroupRequest, _ frame: RawSpan, _ context: RequestContext) -> Outcome {
        guard !request.groupID.isEmpty else {
            return .reply(context.reply(SyncGroupResponse(errorCode: .invalidGroupID)))
        }
        // Since version 5 members have to say what they believe to have agreed on (KIP-559).
        guard context.version < 5 || (request.protocolType != nil && request.protocolName != nil) else {
            return .reply(context.reply(SyncGroupResponse(errorCode: .inconsistentGroupProtocol)))
        }
        context.broker.groups.perform(
            on: request.groupID, waiter: .sync { context.complete(context.reply($0)) },
            refuse: { SyncGroupResponse(errorCode: $0.code) }, complete: { context.complete(context.reply($0)) },
            step: { (group, effects, moment) throws(GroupError) in
                try group.sync(
                    request, token: moment.token, topics: context.broker.topics.current, now: moment.now, &effects)
                return nil
            })
        return .pending
    }
}
