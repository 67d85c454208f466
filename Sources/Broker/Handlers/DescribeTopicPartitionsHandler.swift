import KafkaProtocol
import LogStorage

/// DescribeTopicPartitions 0: topics sorted by name, page by page; the cursor names the partition to go on with (KIP-966).
enum DescribeTopicPartitionsHandler {
    /// As Kafka's `max.request.partition.size.limit`.
    private static let partitionsMax = 2000

    static func handle(
        _ request: DescribeTopicPartitionsRequest, _ context: RequestContext, _ access: DiskAccess
    ) throws(StorageError) -> DescribeTopicPartitionsResponse {
        let current = context.broker.topics.current
        let wanted = request.topics.isEmpty ? current.all.map(\.name) : Array(Set(request.topics.map(\.name)))
        let first = request.cursor
        var left = min(max(1, Int(request.responsePartitionLimit)), partitionsMax)
        var response = DescribeTopicPartitionsResponse()
        for name in wanted.sorted() where first.map({ name >= $0.topicName }) ?? true {
            guard left > 0 else {
                response.nextCursor = .init(topicName: name, partitionIndex: 0)
                break
            }
            guard let topic = current.byName[name] else {
                let isName = TopicName.objection(to: name) == nil
                response.topics.append(
                    .init(errorCode: isName ? .unknownTopicOrPartition : .invalidTopicException, name: name))
                continue
            }
            let start = name == first?.topicName ? max(0, Int(first?.partitionIndex ?? 0)) : 0
            let page = topic.partitions.dropFirst(start).prefix(left)
            response.topics.append(try describe(topic, page, nodeID: context.broker.nodeID, access))
            left -= page.count
            if start + page.count < topic.partitions.count {
                response.nextCursor = .init(topicName: name, partitionIndex: Int32(start + page.count))
                break
            }
        }
        return response
    }

    private static func describe(
        _ topic: Topic, _ page: ArraySlice<Partition>, nodeID: Int32, _ access: DiskAccess
    ) throws(StorageError) -> DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic {
        .init(
            name: topic.name, topicID: topic.id, isInternal: topic.isInternal,
            partitions: try page.map { partition throws(StorageError) in
                .init(
                    partitionIndex: partition.name.partition, leaderID: nodeID,
                    leaderEpoch: try partition.knownLeaderEpoch(access), replicaNodes: [nodeID], isrNodes: [nodeID],
                    eligibleLeaderReplicas: [], lastKnownElr: [])
            },
            topicAuthorizedOperations: AuthorizedOperations.topic)
    }
}
