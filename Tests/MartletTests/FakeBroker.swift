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
    }

    let state: Mutex<State>
    private let manner: Manner
    private let channel: Mutex<(any Channel)?>

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

    static let topicID = Uuid(high: 7, low: 9)
    static let topicName = "events"

    private final class Session: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let broker: FakeBroker
        private var frames = FrameReader(frameMaxBytes: 100 << 20)

        init(_ broker: FakeBroker) { self.broker = broker }

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
        let served: [(ApiKey, ClosedRange<Int16>)] = [
            (.apiVersions, 0...state.apiVersionsMax), (.metadata, 0...13), (.produce, 3...13), (.fetch, 4...17),
            (.listOffsets, 1...8),
        ]
        return ApiVersionsResponse(
            apiKeys: served.map {
                ApiVersionsResponse.ApiVersion(
                    apiKey: $0.0.rawValue, minVersion: $0.1.lowerBound, maxVersion: $0.1.upperBound)
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
                        return .init(
                            partitionIndex: partition.partitionIndex,
                            offset: partition.timestamp == -1 ? end : state.startOffset)
                    })
            })
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
