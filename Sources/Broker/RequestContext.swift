import KafkaProtocol
import LogStorage

/// What a handler knows of a request besides its body.
struct RequestContext: Sendable {
    let header: RequestHeader
    let apiKey: ApiKey
    let connection: any ClientConnection
    let broker: Broker
    /// Takes the reply of a request that is answered later.
    let complete: @Sendable (Reply) -> Void

    var version: Int16 { header.apiVersion }

    /// Encodes a response with its size and header in front, and counts the errors that it tells of.
    ///
    /// - Parameter slices: the bytes of the response's spliced records, in order.
    func reply(_ response: some WireMessage, slices: [LogSlice] = []) -> Reply {
        var writer = WireWriter()
        writer.writeInt32(0)
        ResponseHeader.encode(
            correlationID: header.correlationID, flexible: type(of: response).isFlexible(version), apiKey: apiKey,
            into: &writer)
        response.encode(into: &writer, version: version)
        guard writer.messageByteCount <= Reply.maxBytes else { return .tooLarge }
        writer.patchInt32(Int32(writer.messageByteCount - 4), at: 0)
        if !writer.errorCodes.isEmpty { broker.requestErrors.note(apiKey, writer.errorCodes) }
        return Reply(writer, slices: slices)
    }

    /// The outcome of a handler that answers at once if what it needs of the logs is in memory. Where it is not, a thread of
    /// `ColdReads` runs `body` again, which may then wait for the disk.
    ///
    /// - Parameter body: makes the response; throws nothing but `.wouldWait`, and that only if it must not wait.
    func answer<Response: WireMessage>(
        _ body: @escaping @Sendable (DiskAccess) throws(StorageError) -> Response
    ) -> Outcome {
        do throws(StorageError) {
            return .reply(reply(try body(.resident)))
        } catch {
            precondition(error.code == .wouldWait, "an error of a log is part of the response")
        }
        broker.coldReads.run(for: connection) {
            do throws(StorageError) {
                complete(reply(try body(.waiting)))
            } catch {
                preconditionFailure("only what must not wait is refused: \(error.message)")
            }
        }
        return .pending
    }
}
