import KafkaProtocol

/// ConsumerGroupHeartbeat 0 and 1 (KIP-848): joins a consumer group (epoch 0), stays in it, leaves it (-1, or -2 for a static
/// member that will be back), and tells the member what it is to have. From version 1 on members make their ids themselves, and
/// may subscribe with a pattern.
enum ConsumerGroupHeartbeatHandler {
    private typealias Response = ConsumerGroupHeartbeatResponse

    static func handle(
        _ request: ConsumerGroupHeartbeatRequest, _ frame: RawSpan, _ context: RequestContext
    ) -> Outcome {
        let groups = context.broker.groups
        if let objection = request.objection(version: context.version, limits: groups.limits) {
            return .reply(context.reply(refusal(objection)))
        }
        return context.answer { answer in
            guard let text = request.subscribedTopicRegex, !text.isEmpty, request.memberEpoch >= 0 else {
                return perform(request, nil, context, answer)
            }
            groups.patterns.resolve(text) { result in
                switch result {
                case .success(let resolved): perform(request, resolved, context, answer)
                case .failure(let error):
                    answer(
                        refusal(
                            GroupError(
                                .invalidRegularExpression,
                                "SubscribedTopicRegex `\(text)` is not a valid regular expression: \(error.description)."
                            )))
                }
            }
        }
    }

    private static func perform(
        _ request: ConsumerGroupHeartbeatRequest, _ pattern: ResolvedPattern?, _ context: RequestContext,
        _ answer: @escaping @Sendable (Response) -> Void
    ) {
        let broker = context.broker
        let beat = ConsumerHeartbeat(
            request: request, client: GroupClient(context),
            memberID: request.memberID.isEmpty ? Uuid.random().description : request.memberID, pattern: pattern)
        broker.groups.perform(
            on: request.groupID, beat.isJoin || beat.isLeave ? .copied : .inPlace, creatingTopic: beat.isJoin,
            refuse: { refusal($0) }, complete: answer,
            step: { (group, effects, moment) throws(GroupError) in
                try group.heartbeat(
                    beat, limits: broker.groups.limits(of: request.groupID), topics: broker.topics.current,
                    now: moment.now, &effects)
            })
    }

    private static func refusal(_ error: GroupError) -> Response {
        Response(errorCode: error.code, errorMessage: error.message)
    }
}
