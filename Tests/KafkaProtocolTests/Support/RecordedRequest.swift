import KafkaProtocol

/// A request that a real client sent, byte for byte, without the four bytes of its size; and what it says.
struct RecordedRequest: Sendable, CustomStringConvertible {
    let client: String
    let header: RequestHeader
    let message: any RequestMessage
    let frame: [UInt8]

    /// `frame` is hexadecimal.
    init<Message: RequestMessage>(
        _ client: String, version: Int16, id: String, correlation: Int32, _ message: Message, _ frame: String
    ) {
        self.client = client
        self.header = RequestHeader(
            apiKey: Message.apiKey.rawValue, apiVersion: version, correlationID: correlation, clientID: id)
        self.message = message
        self.frame = bytes(frame)
    }

    var description: String { "\(client), \(type(of: message)) version \(header.apiVersion)" }
}
