import KafkaProtocol

/// Heartbeat 0 to 4: keeps a classic member alive and tells it of a rebalance.
enum HeartbeatHandler {
    static func handle(_ request: HeartbeatRequest, _ frame: RawSpan, _ context: RequestContext) -> Outcome {
        guard !request.groupID.isEmpty else {
            return .reply(context.reply(HeartbeatResponse(errorCode: .invalidGroupID)))
        }
        if let code = context.broker.groups.heartbeat(request) {
            return .reply(context.reply(HeartbeatResponse(errorCode: code)))
        }
        return context.answer { answer in
            context.broker.groups.perform(
                on: request.groupID, .inPlace, refuse: { HeartbeatResponse(errorCode: $0.code) }, complete: answer,
                step: { (group, effects, moment) throws(GroupError) in
                    try group.heartbeat(request, now: moment.now, &effects)
                })
        }
    }
}
