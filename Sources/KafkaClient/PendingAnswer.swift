// PendingAnswer: an answer that is still on its way, for callers that send the next request before it is there.

import KafkaProtocol
import NIOCore

/// A decoded response and the frame that its `Records.frame` ranges point into.
package struct Answer<Response: WireMessage>: Sendable {
    package let response: Response
    package let version: Int16
    /// The whole frame without its size.
    package let frame: ByteBuffer

    /// The bytes of a `records` field of the response.
    package func bytes(_ range: Range<Int>) -> ByteBuffer {
        // The range was made by decoding this very frame, so the slice is there.
        guard let slice = frame.getSlice(at: frame.readerIndex + range.lowerBound, length: range.count) else {
            preconditionFailure("a range of another frame")
        }
        return slice
    }
}

package struct PendingAnswer<Response: WireMessage>: Sendable {
    let frame: EventLoopFuture<ByteBuffer>
    let version: Int16
    let address: BrokerAddress

    /// Calls back on the connection's event loop once the answer was read, before `get` returns it; not if there is none.
    package func whenArrived(_ body: @escaping @Sendable () -> Void) {
        frame.whenSuccess { _ in body() }
    }

    /// Waits for the answer and decodes it.
    package func get() async throws(ClientError) -> Answer<Response> {
        let frame: ByteBuffer
        do {
            frame = try await self.frame.get()
        } catch {
            throw error as? ClientError ?? ClientError(.connectionClosed, "\(address): \(error)")
        }
        do throws(WireError) {
            return try decode(frame)
        } catch {
            throw .malformed(Response.apiKey, address, error)
        }
    }

    private func decode(_ frame: ByteBuffer) throws(WireError) -> Answer<Response> {
        var reader = WireReader(frame.readableBytesSpan)
        _ = try ResponseHeader.decode(
            from: &reader, flexible: Response.isFlexible(version), apiKey: Response.apiKey)
        let response = try Response(from: &reader, version: version)
        try reader.expectEnd()
        return Answer(response: response, version: version, frame: frame)
    }
}
