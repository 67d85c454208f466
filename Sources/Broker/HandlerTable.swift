import KafkaProtocol
import LogStorage

/// One API that is served: its versions and what answers it.
struct Handler: Sendable {
    typealias Run = @Sendable (inout WireReader, RawSpan, RequestContext) throws(WireError) -> Outcome

    let key: ApiKey
    let versions: ClosedRange<Int16>
    let run: Run

    func isFlexible(_ version: Int16) -> Bool { key.firstFlexibleVersion.map { version >= $0 } ?? false }

    /// A handler that works with the frame itself, or answers later.
    static func custom<Request: RequestMessage>(
        versions: ClosedRange<Int16> = Request.versions,
        _ body: @escaping @Sendable (Request, RawSpan, RequestContext) -> Outcome
    ) -> Handler {
        Handler(key: Request.apiKey, versions: versions) { (reader, frame, context) throws(WireError) in
            let request = try Request(from: &reader, version: context.version)
            // Bytes behind the last field are not looked at, as with Kafka: librdkafka 2.16 sends some with Metadata.
            return body(request, frame, context)
        }
    }

    /// A handler that answers at once and never blocks.
    static func inline<Request: RequestMessage>(
        versions: ClosedRange<Int16> = Request.versions,
        _ body: @escaping @Sendable (Request, RequestContext) -> Request.Response
    ) -> Handler {
        custom(versions: versions) { request, _, context in .reply(context.reply(body(request, context))) }
    }

    /// A handler that answers at once and never blocks if what it needs of the logs is in memory; else it is run again where
    /// it may wait for the disk.
    static func resident<Request: RequestMessage>(
        versions: ClosedRange<Int16> = Request.versions,
        _ body: @escaping @Sendable (Request, RequestContext, DiskAccess) throws(StorageError) -> Request.Response
    ) -> Handler {
        custom(versions: versions) { request, _, context in
            context.answer { access throws(StorageError) in try body(request, context, access) }
        }
    }

    /// A handler that may block on the disk and therefore runs on the background queue.
    static func background<Request: RequestMessage>(
        versions: ClosedRange<Int16> = Request.versions,
        _ body: @escaping @Sendable (Request, RequestContext) -> Request.Response
    ) -> Handler {
        custom(versions: versions) { request, _, context in
            context.broker.inBackground { context.complete(context.reply(body(request, context))) }
            return .pending
        }
    }
}

/// Every API that is served. The ApiVersions reply is derived from this table.
enum HandlerTable {
    static let handlers: [Handler] = [
        .custom(ProduceHandler.handle),
        .custom(FetchHandler.handle),
        .custom(ListOffsetsHandler.handle),
        .custom(MetadataHandler.handle),
        .inline(ApiVersionsHandler.handle),
        .custom(OffsetCommitHandler.handle),
        .custom(OffsetFetchHandler.handle),
        .custom(FindCoordinatorHandler.handle),
        .custom(JoinGroupHandler.handle),
        .custom(HeartbeatHandler.handle),
        .custom(LeaveGroupHandler.handle),
        .custom(SyncGroupHandler.handle),
        .background(DescribeGroupsHandler.handle),
        .background(ListGroupsHandler.handle),
        .custom(ConsumerGroupHeartbeatHandler.handle),
        .background(ConsumerGroupDescribeHandler.handle),
        .custom(DeleteGroupsHandler.handle),
        .custom(OffsetDeleteHandler.handle),
        .background(CreateTopicsHandler.handle),
        .background(DeleteTopicsHandler.handle),
        .background(DeleteRecordsHandler.handle),
        .background(InitProducerIDHandler.handle),
        .resident(OffsetForLeaderEpochHandler.handle),
        .background(DescribeConfigsHandler.handle),
        .background(AlterConfigsHandler.handle),
        .background(DescribeLogDirsHandler.handle),
        .background(CreatePartitionsHandler.handle),
        .background(IncrementalAlterConfigsHandler.handle),
        .inline(DescribeClusterHandler.handle),
        .resident(DescribeProducersHandler.handle),
        .resident(DescribeTopicPartitionsHandler.handle),
    ].sorted { $0.key.rawValue < $1.key.rawValue }

    private static let byKey = Dictionary(uniqueKeysWithValues: handlers.map { ($0.key.rawValue, $0) })

    static func handler(forKey key: Int16) -> Handler? { byKey[key] }
}
