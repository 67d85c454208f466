// GroupOffsets: reads, commits and deletes the committed offsets of a group.
//
// Topics are named by name: the versions that name them by id (10 and later of OffsetCommit and OffsetFetch) are not asked
// for, since offsets may outlive their topic.

import KafkaProtocol

/// What a group has committed for a partition.
package struct CommittedOffset: Equatable, Sendable {
    package let offset: Int64
    /// What the committer wrote beside it; empty for nothing.
    package let metadata: String

    package init(offset: Int64, metadata: String = "") {
        self.offset = offset
        self.metadata = metadata
    }
}

extension GroupCoordinator {
    /// The last versions that name topics by name.
    static let offsetFetchNewestByName: Int16 = 9
    static let offsetCommitNewestByName: Int16 = 9

    /// Everything that the group has committed, or only what it has of `partitions`. A partition without a commit has no
    /// entry; a group that does not exist has committed nothing.
    package func committedOffsets(
        of group: String, _ partitions: [TopicPartition]? = nil
    ) async throws(ClientError) -> [TopicPartition: CommittedOffset] {
        let topics = partitions?.grouped()
        // Version 8 and later ask for several groups, earlier ones for one.
        let request = OffsetFetchRequest(
            groupID: group, topics: topics?.map { .init(name: $0.topic, partitionIndexes: $0.partitions) },
            groups: [
                OffsetFetchRequest.OffsetFetchRequestGroup(
                    groupID: group, topics: topics?.map { .init(name: $0.topic, partitionIndexes: $0.partitions) })
            ])
        let response = try await sendWhenLoaded(request, upTo: Self.offsetFetchNewestByName) {
            [$0.errorCode] + $0.groups.map(\.errorCode)
        }
        let answered = response.groups.first { $0.groupID == group }
        let code = answered?.errorCode ?? response.errorCode
        if code == .groupIDNotFound { return [:] }
        guard code == .none else { throw .refused("cannot read the offsets of group \"\(group)\"", code) }
        // Both answers have the same fields in types of their own.
        let rows =
            (answered?.topics ?? []).flatMap { topic in
                topic.partitions.map { each in
                    Row(topic.name, each.partitionIndex, each.committedOffset, each.metadata, each.errorCode)
                }
            }
            + response.topics.flatMap { topic in
                topic.partitions.map { each in
                    Row(topic.name, each.partitionIndex, each.committedOffset, each.metadata, each.errorCode)
                }
            }
        var found: [TopicPartition: CommittedOffset] = [:]
        for row in rows {
            // A topic that is gone has no offset to go on from.
            if row.errorCode == .unknownTopicOrPartition { continue }
            guard row.errorCode == .none else {
                throw .refused("cannot read the offset of group \"\(group)\" for \(row.partition)", row.errorCode)
            }
            if row.committed.offset >= 0 { found[row.partition] = row.committed }
        }
        return found
    }

    /// One partition of an OffsetFetch response.
    private struct Row {
        let partition: TopicPartition
        let committed: CommittedOffset
        let errorCode: ErrorCode

        init(_ topic: String, _ partition: Int32, _ offset: Int64, _ metadata: String?, _ errorCode: ErrorCode) {
            self.partition = TopicPartition(topic, partition)
            committed = CommittedOffset(offset: offset, metadata: metadata ?? "")
            self.errorCode = errorCode
        }
    }

    /// Commits on behalf of nobody, which a coordinator takes only while the group has no members.
    ///
    /// Returns the error of each partition that was refused.
    package func commitWithoutMember(
        _ group: String, _ offsets: [TopicPartition: Int64]
    ) async throws(ClientError) -> [TopicPartition: ErrorCode] {
        let response = try await sendWhenLoaded(
            offsetCommitRequest(group, offsets), upTo: Self.offsetCommitNewestByName
        ) { $0.topics.flatMap(\.partitions).map(\.errorCode) }
        return errors(response)
    }

    /// Returns the error of each partition that was refused.
    package func deleteOffsets(
        _ group: String, _ partitions: [TopicPartition]
    ) async throws(ClientError) -> [TopicPartition: ErrorCode] {
        let request = OffsetDeleteRequest(
            groupID: group,
            topics: partitions.grouped().map { topic in
                .init(name: topic.topic, partitions: topic.partitions.map { .init(partitionIndex: $0) })
            })
        let response = try await sendWhenLoaded(request) { [$0.errorCode] }
        guard response.errorCode == .none else {
            throw .refused("cannot delete offsets of group \"\(group)\"", response.errorCode)
        }
        var refused: [TopicPartition: ErrorCode] = [:]
        for topic in response.topics {
            for each in topic.partitions where each.errorCode != .none {
                refused[TopicPartition(topic.name, each.partitionIndex)] = each.errorCode
            }
        }
        return refused
    }
}

/// - Parameters:
///   - generation, memberID: -1 and empty for a commit on behalf of nobody.
func offsetCommitRequest(
    _ group: String, _ offsets: [TopicPartition: Int64], generation: Int32 = -1, memberID: String = ""
) -> OffsetCommitRequest {
    OffsetCommitRequest(
        groupID: group, generationIDOrMemberEpoch: generation, memberID: memberID,
        topics: offsets.keys.grouped().map { topic in
            .init(
                name: topic.topic,
                partitions: topic.partitions.map {
                    .init(
                        partitionIndex: $0, committedOffset: offsets[TopicPartition(topic.topic, $0)] ?? -1,
                        committedMetadata: "")
                })
        })
}

func errors(_ response: OffsetCommitResponse) -> [TopicPartition: ErrorCode] {
    var refused: [TopicPartition: ErrorCode] = [:]
    for topic in response.topics {
        for each in topic.partitions where each.errorCode != .none {
            refused[TopicPartition(topic.name, each.partitionIndex)] = each.errorCode
        }
    }
    return refused
}
