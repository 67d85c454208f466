// FakeBroker: a broker for tests of the client, on a port of its own. It keeps batches in memory and can misbehave.

import KafkaProtocol
import KafkaRecords
import NIOCore
import NIOPosix
import Synchronization

@testable import KafkaClient

final class FakeBroker: Sendable {
    /// How it answers.
    enum Manner: Sendable {
        case proper
        /// Writes these bytes to whoever says something, and closes.
        case raw([UInt8])
        /// Accepts, reads, and never says a word.
        case silent
        /// Closes as soon as something arrives.
        case closing
    }

    struct State {
        /// Highest ApiVersions version that is understood.
        var apiVersionsMax: Int16 = 4
        /// Whether the refusal of a version comes with the list of APIs.
        var refusalHasHint = true
        var partitionCount: Int32 = 2
        /// What Metadata answers as the broker's address; nil is the real one.
        var advertised: BrokerAddress?
        /// Errors that the next Produce requests get, one a partition of a request.
        var produceErrors: [ErrorCode] = []
        var batches: [Int32: [[UInt8]]] = [:]
        var nextOffset: [Int32: Int64] = [:]
        /// Of every partition; offsets before it are refused.
        var startOffset: Int64 = 0
        var seenVersions: [ApiKey: Int16] = [:]
        var requestCount = 0
        var groups = FakeGroups()
    }

    let state: Mutex<State>
    private let manner: Manner
    private let channel: Mutex<(any Channel)?>
    private let connections = Mutex<[any Channel]>([])

    private init(_ manner: Manner, _ state: State) {
        self.manner = manner
        self.state = Mutex(state)
        channel = Mutex(nil)
    }

    static func start(_ manner: Manner = .proper, _ configure: (inout State) -> Void = { _ in }) async throws
        -> FakeBroker
    {
        var state = State()
        configure(&state)
        let broker = FakeBroker(manner, state)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    try child.pipeline.syncOperations.addHandler(Session(broker))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        broker.channel.withLock { $0 = channel }
        return broker
    }

    var address: BrokerAddress {
        BrokerAddress(host: "127.0.0.1", port: channel.withLock { $0?.localAddress?.port ?? 0 })
    }

    func stop() async { try? await channel.withLock { $0 }?.close() }

    /// As a broker that restarts: all connections end, and new ones are taken.
    func dropConnections() {
        for connection in connections.withLock({ connections in
            defer { connections = [] }
            return connections
        }) {
            connection.close(promise: nil)
        }
    }

    /// Appends batches of one record each, as if somebody had produced them.
    func produce(_ records: [(timestamp: Int64, value: String)], partition: Int32, compression: Compression = .none)
        throws
    {
        for record in records {
            var builder = RecordBatchBuilder(compression: compression)
            builder.append(timestamp: record.timestamp, key: nil, value: Array(record.value.utf8).span.bytes)
            append(try builder.build(), partition: partition)
        }
    }

    /// As the end of a transaction: an offset without data.
    func appendControlBatch(partition: Int32) throws {
        var builder = RecordBatchBuilder(isTransactional: true, isControl: true)
        builder.append(timestamp: 5, key: [UInt8](repeating: 0, count: 4).span.bytes, value: nil)
        append(try builder.build(), partition: partition)
    }

    /// Appends a batch; its base offset is set.
    func append(_ batch: [UInt8], partition: Int32) {
        state.withLock { state in
            var bytes = batch
            guard var header = try? BatchHeader(parsing: bytes.span.bytes) else { return }
            header.baseOffset = state.nextOffset[partition] ?? 0
            header.write(into: &bytes)
            state.batches[partition, default: []].append(bytes)
            state.nextOffset[partition] = header.nextOffset
        }
    }

    static let topicID = Uuid(high: 7, low: 9)
    static let topicName = "events"

    private final class Session: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let broker: FakeBroker
        private var frames = FrameReader(frameMaxBytes: 100 << 20)

        init(_ broker: FakeBroker) { self.broker = broker }

        func channelActive(context: ChannelHandlerContext) {
            let channel = context.channel
            broker.connections.withLock { $0.append(channel) }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch broker.manner {
            case .silent: return
            case .closing: context.close(promise: nil)
            case .raw(let bytes):
                context.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
                context.close(promise: nil)
            case .proper:
                frames.feed(unwrapInboundIn(data))
                while let frame = try? frames.next() {
                    guard let reply = broker.answer(frame) else { continue }
                    context.write(NIOAny(ByteBuffer(bytes: reply)), promise: nil)
                }
                context.flush()
            }
        }
    }

    /// The reply to a frame, its size included; nil for none.
    private func answer(_ frame: ByteBuffer) -> [UInt8]? {
        var reader = WireReader(frame.readableBytesSpan)
        do {
            var header = try RequestHeader(fixedPartFrom: &reader)
            guard let apiKey = ApiKey(rawValue: header.apiKey) else { return nil }
            let flexible = apiKey.firstFlexibleVersion.map { header.apiVersion >= $0 } ?? false
            try header.readRest(from: &reader, flexible: flexible)
            let version = header.apiVersion
            return state.withLock { state in
                state.requestCount += 1
                state.seenVersions[apiKey] = version
                return try? body(apiKey, header, frame, reader.position, &state)
            }
        } catch { return nil }
    }

    private func body(
        _ apiKey: ApiKey, _ header: RequestHeader, _ frame: ByteBuffer, _ position: Int, _ state: inout State
    ) throws -> [UInt8]? {
        let version = header.apiVersion
        var reader = WireReader(frame.readableBytesSpan.extracting(droppingFirst: position))
        switch apiKey {
        case .apiVersions:
            if version > state.apiVersionsMax {
                let hint = apiVersions(state)
                return encode(
                    ApiVersionsResponse(
                        errorCode: .unsupportedVersion, apiKeys: state.refusalHasHint ? hint.apiKeys : []),
                    header, as: 0)
            }
            return encode(apiVersions(state), header)
        case .metadata: return encode(metadata(try MetadataRequest(from: &reader, version: version), state), header)
        case .listOffsets:
            return encode(listOffsets(try ListOffsetsRequest(from: &reader, version: version), state), header)
        case .produce:
            let request = try ProduceRequest(from: &reader, version: version)
            let response = produce(
                request, frame.getSlice(at: frame.readerIndex + position, length: frame.readableBytes - position)!,
                &state)
            return request.acks == 0 ? nil : encode(response, header)
        case .fetch: return encode(fetch(try FetchRequest(from: &reader, version: version), state), header)
        case .findCoordinator:
            let at = state.advertised ?? address
            return encode(state.groups.find(try FindCoordinatorRequest(from: &reader, version: version), at), header)
        case .joinGroup:
            return encode(
                state.groups.join(try JoinGroupRequest(from: &reader, version: version), header.clientID), header)
        case .syncGroup: return encode(state.groups.sync(try SyncGroupRequest(from: &reader, version: version)), header)
        case .heartbeat: return encode(state.groups.beat(try HeartbeatRequest(from: &reader, version: version)), header)
        case .leaveGroup:
            return encode(state.groups.leave(try LeaveGroupRequest(from: &reader, version: version)), header)
        case .offsetCommit:
            return encode(state.groups.commit(try OffsetCommitRequest(from: &reader, version: version)), header)
        case .offsetFetch:
            return encode(state.groups.fetch(try OffsetFetchRequest(from: &reader, version: version)), header)
        case .offsetDelete:
            return encode(state.groups.delete(try OffsetDeleteRequest(from: &reader, version: version)), header)
        case .listGroups:
            return encode(state.groups.list(try ListGroupsRequest(from: &reader, version: version)), header)
        case .describeGroups:
            return encode(
                state.groups.describe(try DescribeGroupsRequest(from: &reader, version: version), version), header)
        case .consumerGroupDescribe:
            return encode(
                state.groups.describe(try ConsumerGroupDescribeRequest(from: &reader, version: version)), header)
        case .deleteGroups:
            return encode(state.groups.delete(try DeleteGroupsRequest(from: &reader, version: version)), header)
        default: return nil
        }
    }

    private func encode<Response: WireMessage>(_ response: Response, _ header: RequestHeader, as version: Int16? = nil)
        -> [UInt8]
    {
        let version = version ?? header.apiVersion
        var writer = WireWriter()
        writer.writeInt32(0)
        ResponseHeader.encode(
            correlationID: header.correlationID, flexible: Response.isFlexible(version), apiKey: Response.apiKey,
            into: &writer)
        response.encode(into: &writer, version: version)
        writer.patchInt32(Int32(writer.bytes.count - 4), at: 0)
        return writer.bytes
    }

    private func apiVersions(_ state: State) -> ApiVersionsResponse {
        let served: [ApiKey: ClosedRange<Int16>] = [
            .apiVersions: 0...state.apiVersionsMax, .metadata: 0...13, .produce: 3...13, .fetch: 4...17,
            .listOffsets: 1...8,
        ].merging(state.groups.served) { $1 }
        return ApiVersionsResponse(
            apiKeys: served.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                ApiVersionsResponse.ApiVersion(
                    apiKey: $0.key.rawValue, minVersion: $0.value.lowerBound, maxVersion: $0.value.upperBound)
            })
    }

    private func metadata(_ request: MetadataRequest, _ state: State) -> MetadataResponse {
        let real = state.advertised ?? address
        let topics = (request.topics ?? []).map { asked in
            let isKnown = asked.name == Self.topicName
            return MetadataResponse.MetadataResponseTopic(
                errorCode: isKnown ? .none : .unknownTopicOrPartition, name: asked.name,
                topicID: isKnown ? Self.topicID : .zero,
                partitions: isKnown
                    ? (0..<state.partitionCount).map { .init(partitionIndex: $0, leaderID: 1, replicaNodes: [1]) } : [])
        }
        return MetadataResponse(
            brokers: [.init(nodeID: 1, host: real.host, port: Int32(real.port))], controllerID: 1, topics: topics)
    }

    private func listOffsets(_ request: ListOffsetsRequest, _ state: State) -> ListOffsetsResponse {
        ListOffsetsResponse(
            topics: request.topics.map { topic in
                .init(
                    name: topic.name,
                    partitions: topic.partitions.map { partition in
                        let end = state.nextOffset[partition.partitionIndex] ?? 0
                        let offset: Int64 =
                            switch partition.timestamp {
                            case -1: end
                            case -2: state.startOffset
                            default: Self.firstBatch(since: partition.timestamp, partition.partitionIndex, state)
                            }
                        return .init(partitionIndex: partition.partitionIndex, offset: offset)
                    })
            })
    }

    /// Exact for batches of one record.
    private static func firstBatch(since timestamp: Int64, _ partition: Int32, _ state: State) -> Int64 {
        let headers = (state.batches[partition] ?? []).compactMap { try? BatchHeader(parsing: $0.span.bytes) }
        return headers.first { $0.maxTimestamp >= timestamp }?.baseOffset ?? -1
    }

    private func produce(_ request: ProduceRequest, _ body: ByteBuffer, _ state: inout State) -> ProduceResponse {
        var results: [ProduceResponse.PartitionProduceResponse] = []
        for partition in request.topicData.flatMap(\.partitionData) {
            if !state.produceErrors.isEmpty {
                let code = state.produceErrors.removeFirst()
                if code != .none {
                    results.append(.init(index: partition.index, errorCode: code, errorMessage: "no luck"))
                    continue
                }
            }
            guard case .frame(let range)? = partition.records,
                var bytes = body.getBytes(at: body.readerIndex + range.lowerBound, length: range.count),
                var header = try? BatchHeader(parsing: bytes.span.bytes)
            else { continue }
            header.baseOffset = state.nextOffset[partition.index] ?? 0
            header.write(into: &bytes)
            state.batches[partition.index, default: []].append(bytes)
            state.nextOffset[partition.index] = header.nextOffset
            results.append(.init(index: partition.index, baseOffset: header.baseOffset))
        }
        let topic = request.topicData.first
        return ProduceResponse(responses: [
            .init(name: topic?.name ?? "", topicID: topic?.topicID ?? .zero, partitionResponses: results)
        ])
    }

    /// One batch a partition and fetch: consumers have to come back.
    private func fetch(_ request: FetchRequest, _ state: State) -> FetchResponse {
        FetchResponse(
            responses: request.topics.map { topic in
                .init(
                    topic: topic.topic, topicID: topic.topicID,
                    partitions: topic.partitions.map { partition in
                        let end = state.nextOffset[partition.partition] ?? 0
                        guard partition.fetchOffset >= state.startOffset, partition.fetchOffset <= end else {
                            return .init(partitionIndex: partition.partition, errorCode: .offsetOutOfRange)
                        }
                        let batch = (state.batches[partition.partition] ?? []).first { bytes in
                            ((try? BatchHeader(parsing: bytes.span.bytes))?.lastOffset ?? -1) >= partition.fetchOffset
                        }
                        return .init(
                            partitionIndex: partition.partition, highWatermark: end, records: .bytes(batch ?? []))
                    })
            })
    }
}
