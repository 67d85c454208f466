// KafkaConnection: one TCP connection to one broker, and its handshake.
//
// Requests may be sent from any task, and the next one before the last was answered: answers come in the order of the
// requests. Threads: Sendable; the channel's handler runs on its event loop.
//
// Source: the Kafka protocol guide, "Network" and "Preliminaries"; KIP-35, KIP-511.

import KafkaProtocol
import NIOCore
import NIOPosix
import Synchronization

package final class KafkaConnection: Sendable {
    package let address: BrokerAddress
    package let settings: ConnectionSettings
    /// What the broker serves.
    package let versions: VersionTable
    private let channel: any Channel
    private let nextCorrelationID: Atomic<Int32>

    private init(
        address: BrokerAddress, settings: ConnectionSettings, versions: VersionTable, channel: any Channel,
        nextCorrelationID: Int32
    ) {
        self.address = address
        self.settings = settings
        self.versions = versions
        self.channel = channel
        self.nextCorrelationID = Atomic(nextCorrelationID)
    }

    /// Connects and asks which versions the broker serves.
    ///
    /// Throws `.cannotConnect`, `.nameNotResolved`, `.timedOut`, or `.notKafka` if what listens there is something else.
    package static func connect(
        to address: BrokerAddress, settings: ConnectionSettings = ConnectionSettings()
    ) async throws(ClientError) -> KafkaConnection {
        let channel = try await open(address, settings)
        var handshake = Handshake(channel: channel, address: address, settings: settings)
        do throws(ClientError) {
            let versions = try await handshake.perform()
            return KafkaConnection(
                address: address, settings: settings, versions: versions, channel: channel,
                nextCorrelationID: handshake.correlationID + 1)
        } catch {
            // That it may be closed already is no news; what went wrong before is.
            try? await channel.close()
            throw error
        }
    }

    private static func open(_ address: BrokerAddress, _ settings: ConnectionSettings) async throws(ClientError)
        -> any Channel
    {
        do {
            return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.milliseconds(Int64(settings.connectTimeoutMilliseconds)))
                .channelOption(.socketOption(.tcp_nodelay), value: 1)
                .channelOption(
                    .recvAllocator,
                    value: AdaptiveRecvByteBufferAllocator(minimum: 4096, initial: 65_536, maximum: 1 << 20)
                )
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            RequestPipe(address: address, responseMaxBytes: settings.responseMaxBytes))
                    }
                }
                .connect(host: address.host, port: address.port).get()
        } catch {
            throw .connecting(to: address, error, timeoutMilliseconds: settings.connectTimeoutMilliseconds)
        }
    }

    /// Whether the peer of this connection is the broker that `host` and `port` name, by name or by address.
    package func reaches(host: String, port: Int) -> Bool {
        if host == address.host && port == address.port { return true }
        return channel.remoteAddress?.ipAddress == host && channel.remoteAddress?.port == port
    }

    /// Sends a request and waits for its answer.
    /// - Parameter version: nil is the highest that both sides know.
    package func send<Request: RequestMessage>(
        _ request: Request, version: Int16? = nil
    ) async throws(ClientError) -> Request.Response {
        try await sendKeepingFrame(request, version: version).response
    }

    /// As `send`, in no later version than `newest`: the caller fills in fields that later ones do not have.
    package func send<Request: RequestMessage>(
        _ request: Request, upTo newest: Int16
    ) async throws(ClientError) -> Request.Response {
        try await send(request, version: try versions.highest(for: Request.self, at: address, upTo: newest))
    }

    /// As `send`, for responses with records: they are ranges of the frame.
    package func sendKeepingFrame<Request: RequestMessage>(
        _ request: Request, version: Int16? = nil
    ) async throws(ClientError) -> Answer<Request.Response> {
        try await begin(request, version: version).get()
    }

    /// Sends a request now; its answer can be waited for later.
    /// - Parameter waitingMilliseconds: how long the broker may rightly hold the answer back.
    package func begin<Request: RequestMessage>(
        _ request: Request, version: Int16? = nil, waitingMilliseconds: Int = 0
    ) throws(ClientError) -> PendingAnswer<Request.Response> {
        let version = try chosen(version, for: Request.self)
        let answer = channel.eventLoop.makePromise(of: ByteBuffer.self)
        let outbound = encode(request, version, waitingMilliseconds, answer)
        channel.ask(outbound, whenClosed: .closed(address, nil))
        return PendingAnswer(frame: answer.futureResult, version: version, address: address)
    }

    /// Sends a request that is never answered (Produce with acks=0); returns when the kernel has its bytes.
    package func sendWithoutAnswer<Request: RequestMessage>(
        _ request: Request, version: Int16? = nil
    ) async throws(ClientError) {
        let version = try chosen(version, for: Request.self)
        let outbound = encode(request, version, 0, nil)
        do {
            try await channel.writeAndFlush(outbound)
        } catch {
            throw error as? ClientError ?? .closed(address, "\(error)")
        }
    }

    /// Closes the connection; answers that are still missing fail.
    package func close() async {
        // Fails only where the broker was faster.
        try? await channel.close()
    }

    private func chosen<Request: RequestMessage>(
        _ version: Int16?, for request: Request.Type
    ) throws(ClientError) -> Int16 {
        if let version { return version }
        return try versions.highest(for: request, at: address)
    }

    private func encode<Request: RequestMessage>(
        _ request: Request, _ version: Int16, _ waitingMilliseconds: Int, _ answer: EventLoopPromise<ByteBuffer>?
    ) -> OutboundRequest {
        let correlationID = nextCorrelationID.wrappingAdd(1, ordering: .relaxed).oldValue
        return OutboundRequest(
            frame: encodeRequest(request, version, correlationID, clientID: settings.clientID),
            apiKey: Request.apiKey, correlationID: correlationID,
            timeoutMilliseconds: settings.requestTimeoutMilliseconds + waitingMilliseconds, answer: answer)
    }
}

/// A whole request frame, its size included.
func encodeRequest<Request: RequestMessage>(
    _ request: Request, _ version: Int16, _ correlationID: Int32, clientID: String?
) -> ByteBuffer {
    var writer = WireWriter()
    writer.writeInt32(0)
    RequestHeader(
        apiKey: Request.apiKey.rawValue, apiVersion: version, correlationID: correlationID, clientID: clientID
    ).encode(into: &writer, flexible: Request.isFlexible(version))
    request.encode(into: &writer, version: version)
    writer.patchInt32(Int32(writer.bytes.count - 4), at: 0)
    return ByteBuffer(bytes: writer.bytes)
}
