// Handshake: ApiVersions with the newest version first; a broker that does not know it says so in version 0 (KIP-511).

import KafkaProtocol
import NIOCore

struct Handshake {
    let channel: any Channel
    let address: BrokerAddress
    let settings: ConnectionSettings
    /// Of the last request.
    private(set) var correlationID: Int32 = 0

    init(channel: any Channel, address: BrokerAddress, settings: ConnectionSettings) {
        self.channel = channel
        self.address = address
        self.settings = settings
    }

    mutating func perform() async throws(ClientError) -> VersionTable {
        var version = ApiVersionsRequest.versions.upperBound
        while true {
            let response = try await ask(version)
            if response.errorCode == .none { return VersionTable(response) }
            guard response.errorCode == .unsupportedVersion, version > 0 else {
                throw .refused("\(address) refused the handshake", response.errorCode)
            }
            // What it does speak it may say in the same answer; brokers before Kafka 2.4 do not.
            let spoken = VersionTable(response)[.apiVersions]?.upperBound ?? 0
            version = max(0, min(spoken, version - 1))
        }
    }

    private mutating func ask(_ version: Int16) async throws(ClientError) -> ApiVersionsResponse {
        correlationID += 1
        let request = ApiVersionsRequest(
            clientSoftwareName: "martlet", clientSoftwareVersion: settings.softwareVersion)
        let answer = channel.eventLoop.makePromise(of: ByteBuffer.self)
        let outbound = OutboundRequest(
            frame: encodeRequest(request, version, correlationID, clientID: settings.clientID), apiKey: .apiVersions,
            correlationID: correlationID, timeoutMilliseconds: settings.connectTimeoutMilliseconds, answer: answer)
        channel.ask(outbound, whenClosed: .closedAtHandshake(address, nil))
        let frame: ByteBuffer
        do {
            frame = try await answer.futureResult.get()
        } catch {
            throw error as? ClientError ?? .closedAtHandshake(address, "\(error)")
        }
        do throws(WireError) {
            return try Self.decode(frame, version)
        } catch {
            throw ClientError(
                .notKafka, "\(address) does not answer in the Kafka protocol (\(error)): is this the right port?")
        }
    }

    /// The answer has the asked version, or version 0 if that is not supported: the error code, which stands first in
    /// all versions, tells. What follows it then is only a hint, and some brokers write it in another version.
    static func decode(_ frame: ByteBuffer, _ version: Int16) throws(WireError) -> ApiVersionsResponse {
        var reader = WireReader(frame.readableBytesSpan)
        let flexible = ApiVersionsResponse.isFlexible(version)
        _ = try ResponseHeader.decode(from: &reader, flexible: flexible, apiKey: .apiVersions)
        let body = frame.readableBytesSpan.extracting(droppingFirst: reader.position)
        var peek = WireReader(body)
        guard ErrorCode(rawValue: try peek.readInt16()) == .unsupportedVersion else {
            return try ApiVersionsResponse(from: &reader, version: version)
        }
        let hint = try? ApiVersionsResponse(decoding: body, version: 0)
        return hint ?? ApiVersionsResponse(errorCode: .unsupportedVersion)
    }
}
