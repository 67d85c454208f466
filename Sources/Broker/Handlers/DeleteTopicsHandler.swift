import KafkaProtocol

/// DeleteTopics 0 to 6: by name, from version 6 on also by id.
enum DeleteTopicsHandler {
    private typealias Result = DeleteTopicsResponse.DeletableTopicResult

    static func handle(_ request: DeleteTopicsRequest, _ context: RequestContext) -> DeleteTopicsResponse {
        let wanted: [(name: String?, id: Uuid)] =
            context.version >= 6
            ? request.topics.map { ($0.name, $0.topicID) } : request.topicNames.map { ($0, .zero) }
        return DeleteTopicsResponse(
            responses: wanted.map { name, id in
                do throws(TopicError) {
                    let topic = try delete(name, id, context)
                    return Result(name: topic.name, topicID: topic.id)
                } catch {
                    return Result(name: name, topicID: id, errorCode: error.code, errorMessage: error.message)
                }
            })
    }

    private static func delete(_ name: String?, _ id: Uuid, _ context: RequestContext) throws(TopicError) -> Topic {
        guard context.broker.settings.boolean("delete.topic.enable") else {
            throw TopicError(
                context.version < 3 ? .invalidRequest : .topicDeletionDisabled, "delete.topic.enable is false.")
        }
        guard name != nil || id != .zero else {
            throw TopicError(.invalidRequest, "Neither topic name nor id were specified.")
        }
        guard name == nil || id == .zero else {
            throw TopicError(.invalidRequest, "You may not specify both topic name and topic id.")
        }
        guard let topic = context.broker.topics.current.find(name: name ?? "", id: id) else {
            throw id == .zero
                ? TopicError(.unknownTopicOrPartition, "This server does not host this topic-partition.")
                : TopicError(.unknownTopicID, "This server does not host this topic ID.")
        }
        guard !topic.isInternal else {
            throw TopicError(.invalidRequest, "The topic \(topic.name) belongs to the broker.")
        }
        try context.broker.topics.delete(topic)
        return topic
    }
}
