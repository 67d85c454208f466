import KafkaProtocol
import LogStorage

/// Fetch 4 to 18: reads record batches as they are stored, by topic name (up to 12) or id (from 13 on), with sessions from
/// version 7 on (KIP-227), waiting for `min_bytes` up to `max_wait`. What is not in memory is read by `ColdReads` first.
///
/// Not implemented: replica fetches are answered like those of consumers; preferred read replicas and snapshots do not
/// exist on one node.
enum FetchHandler {
    static func handle(_ request: FetchRequest, _ frame: RawSpan, _ context: RequestContext) -> Outcome {
        let positions = positions(in: request)
        guard positions.count <= context.broker.partitionsMax else {
            return .close(
                reason:
                    "it fetches \(positions.count) partitions at once, more than this broker may have (partitions.max)")
        }
        let mode: SessionMode
        switch session(for: request, positions, context) {
        case .success(let found): mode = found
        case .failure(let refusal):
            return .reply(context.reply(FetchResponse(errorCode: refusal.code, sessionID: 0)))
        }
        let plan = plan(request, positions, mode, context)
        let outcome = plan.readIfResident()
        if let outcome, plan.isSatisfied(by: outcome) { return .reply(reply(plan, outcome, mode, context)) }
        ParkedFetch.park(
            plan, seen: outcome, connection: context.connection, registry: context.broker.parkedFetches,
            coldReads: context.broker.coldReads
        ) {
            context.complete(reply(plan, $0, mode, context))
        }
        return .pending
    }

    // MARK: Sessions

    /// How a request stands to its session.
    private enum SessionMode: Sendable {
        /// The request states everything, the reply too.
        case none
        /// The same, and the broker remembers it from now on.
        case new(FetchSession)
        /// Both state only what changed.
        case incremental(FetchSession)

        var session: FetchSession? {
            switch self {
            case .none: nil
            case .new(let session), .incremental(let session): session
            }
        }
    }

    private struct Refusal: Error {
        let code: ErrorCode
    }

    /// Epoch that asks for no session, or ends one.
    private static let finalEpoch: Int32 = -1
    /// Epoch that asks for a new session.
    private static let initialEpoch: Int32 = 0

    private static func session(
        for request: FetchRequest, _ positions: Positions, _ context: RequestContext
    ) -> Result<SessionMode, Refusal> {
        let sessions = context.broker.fetchSessions
        let usesTopicIDs = context.version >= 13
        if request.sessionEpoch == initialEpoch || request.sessionEpoch == finalEpoch {
            if request.sessionID != 0 { sessions.remove(request.sessionID) }
            guard request.sessionEpoch == initialEpoch, !request.topics.isEmpty,
                let session = sessions.create(usesTopicIDs: usesTopicIDs)
            else { return .success(.none) }
            guard session.update(positions, forgetting: []) else {
                sessions.remove(session.id)
                return .success(.none)
            }
            return .success(.new(session))
        }
        guard let session = sessions.find(request.sessionID) else {
            return .failure(Refusal(code: .fetchSessionIDNotFound))
        }
        guard session.usesTopicIDs == usesTopicIDs else {
            return .failure(Refusal(code: .fetchSessionTopicIDError))
        }
        guard session.advance(from: request.sessionEpoch) else {
            return .failure(Refusal(code: .invalidFetchSessionEpoch))
        }
        guard session.update(positions, forgetting: forgotten(in: request)) else {
            // The client then states everything again, and works without a session if that is still too much.
            sessions.remove(session.id)
            return .failure(Refusal(code: .fetchSessionIDNotFound))
        }
        return .success(.incremental(session))
    }

    private typealias Positions = [(key: FetchKey, position: FetchPosition)]

    private static func positions(in request: FetchRequest) -> Positions {
        let all: Positions = request.topics.flatMap { topic in
            topic.partitions.map { partition in
                let key = FetchKey(topic: topic.topic, topicID: topic.topicID, partition: partition.partition)
                return (key, FetchPosition(partition))
            }
        }
        return all.count > 1 ? all.distinct(by: \.key) : all
    }

    private static func forgotten(in request: FetchRequest) -> [FetchKey] {
        request.forgottenTopicsData.flatMap { topic in
            topic.partitions.map { FetchKey(topic: topic.topic, topicID: topic.topicID, partition: $0) }
        }
    }

    // MARK: Reading

    /// The size in front of a reply has 31 bits; half of that leaves room for everything that is no record.
    private static let replyMaxBytes = 1 << 30

    private static func plan(
        _ request: FetchRequest, _ positions: Positions, _ mode: SessionMode, _ context: RequestContext
    ) -> FetchPlan {
        let positions = if case .incremental(let session) = mode { session.positions() } else { positions }
        let topics = context.broker.topics.current
        let limit = min(context.broker.settings.integer("fetch.max.bytes"), replyMaxBytes)
        let maxBytes = min(max(0, Int(request.maxBytes)), limit)
        return FetchPlan(
            targets: positions.map { target($0.key, $0.position, topics, context.version) },
            // More than the most that a reply holds would never be reached.
            minBytes: min(Int(request.minBytes), maxBytes),
            maxBytes: maxBytes,
            maxWaitMilliseconds: Int(request.maxWaitMs),
            readsCommitted: request.isolationLevel == 1)
    }

    private static func target(
        _ key: FetchKey, _ position: FetchPosition, _ topics: TopicDirectory, _ version: Int16
    ) -> FetchTarget {
        guard let topic = topics.find(name: key.topic, id: key.topicID) else {
            let error: ErrorCode = version >= 13 ? .unknownTopicID : .unknownTopicOrPartition
            return FetchTarget(key: key, partition: nil, error: error, position: position)
        }
        if topic.config.compression == .zstd, version < 10 {
            // Such a client could not decompress what it would get (KIP-110).
            return FetchTarget(key: key, partition: nil, error: .unsupportedCompressionType, position: position)
        }
        let partition = topic.partition(key.partition)
        return FetchTarget(key: key, partition: partition, error: .unknownTopicOrPartition, position: position)
    }

    // MARK: Reply

    private static func reply(
        _ plan: FetchPlan, _ outcome: FetchPlan.Outcome, _ mode: SessionMode, _ context: RequestContext
    ) -> Reply {
        var told = Array(repeating: true, count: outcome.results.count)
        if let session = mode.session {
            let isFull = if case .new = mode { true } else { false }
            told = session.record(Array(zip(plan.targets.map(\.key), outcome.results)), isFull: isFull)
        }
        context.broker.coldReads.readAhead(outcome.readAheads)
        var response = FetchResponse(sessionID: mode.session?.id ?? 0)
        var slices: [LogSlice] = []
        for (index, target) in plan.targets.enumerated() where told[index] {
            let result = outcome.results[index]
            if response.responses.last.map({ $0.topic != target.key.topic || $0.topicID != target.key.topicID }) ?? true
            {
                response.responses.append(.init(topic: target.key.topic, topicID: target.key.topicID))
            }
            let data = partitionData(target, result, plan, version: context.version)
            response.responses[response.responses.count - 1].partitions.append(data)
            guard let slice = result.slice else { continue }
            slices.append(slice)
            target.partition?.noteFetched(slice.count)
        }
        return context.reply(response, slices: slices)
    }

    private static func partitionData(
        _ target: FetchTarget, _ result: FetchResult, _ plan: FetchPlan, version: Int16
    ) -> FetchResponse.PartitionData {
        FetchResponse.PartitionData(
            partitionIndex: target.key.partition,
            errorCode: result.error,
            highWatermark: result.bounds?.highWatermark ?? -1,
            lastStableOffset: result.bounds?.highWatermark ?? -1,
            logStartOffset: result.bounds?.logStartOffset ?? -1,
            divergingEpoch: result.diverging ?? .init(),
            abortedTransactions: plan.readsCommitted ? [] : nil,
            records: result.slice.map { .spliced(byteCount: $0.count) } ?? .bytes([]))
    }
}
