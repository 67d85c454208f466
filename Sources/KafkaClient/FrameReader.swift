// FrameReader: cuts the bytes of a connection into frames, and recognises peers that do not speak Kafka.
//
// Layout: a size (Int32, big-endian), then that many bytes. Threads: a plain value of the connection's handler.

import NIOCore

struct FrameReader {
    /// What a peer is that does not speak the Kafka protocol.
    enum Stranger: Error, Equatable {
        case tls
        case http
        case unknown(size: Int32)
    }

    private var received = ByteBuffer()
    private let frameMaxBytes: Int
    private var isFirst = true

    init(frameMaxBytes: Int) { self.frameMaxBytes = frameMaxBytes }

    mutating func feed(_ bytes: ByteBuffer) {
        if received.readableBytes == 0 {
            received = bytes
        } else {
            received.writeImmutableBuffer(bytes)
        }
    }

    /// The next whole frame without its size; nil if more bytes are needed.
    mutating func next() throws(Stranger) -> ByteBuffer? {
        if isFirst { try recogniseStranger() }
        guard let size = received.getInteger(at: received.readerIndex, as: Int32.self) else { return nil }
        guard size >= 4, Int(size) <= frameMaxBytes else { throw .unknown(size: size) }
        guard received.readableBytes >= 4 + Int(size) else {
            // Room for the whole frame at once: growing by doubling would copy a large one several times.
            if received.readableBytes > 64 << 10 {
                received.reserveCapacity(minimumWritableBytes: 4 + Int(size) - received.readableBytes)
            }
            return nil
        }
        isFirst = false
        received.moveReaderIndex(forwardBy: 4)
        return received.readSlice(length: Int(size))
    }

    /// A TLS alert is 15 03 and a minor version; an HTTP answer starts with its protocol's name. Both would be sizes
    /// of more than 300 MB.
    private func recogniseStranger() throws(Stranger) {
        guard let first = received.getInteger(at: received.readerIndex, as: UInt16.self) else { return }
        if first == 0x1503 || first == 0x1603 { throw .tls }
        if received.getString(at: received.readerIndex, length: 4) == "HTTP" { throw .http }
    }
}

extension ClientError {
    static func stranger(_ stranger: FrameReader.Stranger, at address: BrokerAddress) -> ClientError {
        switch stranger {
        case .tls:
            ClientError(
                .notKafka,
                "\(address) speaks TLS, and this client only plain text: give the port of a PLAINTEXT listener")
        case .http:
            ClientError(
                .notKafka, "\(address) answers in HTTP, not in the Kafka protocol: give the port of the Kafka listener")
        case .unknown(let size):
            ClientError(
                .notKafka,
                "\(address) does not answer in the Kafka protocol (a frame of \(size) bytes): is this the right port?")
        }
    }

    static func closedAtHandshake(_ address: BrokerAddress, _ cause: String?) -> ClientError {
        ClientError(
            .notKafka,
            "\(address) closed the connection at the first request" + (cause.map { " (\($0))" } ?? "")
                + ": is this the port of a Kafka broker, and a PLAINTEXT listener? "
                + "Brokers behind TLS or SASL close such connections")
    }

    static func closed(_ address: BrokerAddress, _ cause: String?) -> ClientError {
        ClientError(
            .connectionClosed,
            "\(address) closed the connection before it answered" + (cause.map { " (\($0))" } ?? "")
                + ": look into the broker's log for the reason")
    }
}
