// RequestPipe: the channel handler of a connection. Requests go out as they come, answers are matched in order.
//
// A Kafka broker answers the requests of one connection in order, so a queue of promises is all the state there is.
// After a timeout or an answer out of order the connection is closed: what comes later could belong to anything.
// Threads: everything runs on the channel's event loop; the promises carry the answers out.

import KafkaProtocol
import NIOCore

/// One encoded request on its way out.
struct OutboundRequest: Sendable {
    let frame: ByteBuffer
    let apiKey: ApiKey
    let correlationID: Int32
    let timeoutMilliseconds: Int
    /// nil for a request that is never answered (Produce with acks=0).
    let answer: EventLoopPromise<ByteBuffer>?
}

extension Channel {
    /// Sends a request whose answer is waited for. The answer also fails if the channel was closed before: its pipeline is
    /// empty then, and no `RequestPipe` sees the request.
    func ask(_ request: OutboundRequest, whenClosed failure: ClientError) {
        let written = eventLoop.makePromise(of: Void.self)
        written.futureResult.whenFailure { error in
            request.answer?.fail(error as? ClientError ?? failure)
        }
        writeAndFlush(request, promise: written)
    }
}

final class RequestPipe: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = OutboundRequest
    typealias OutboundOut = ByteBuffer

    private struct Waiting {
        let correlationID: Int32
        let answer: EventLoopPromise<ByteBuffer>
        let timeout: Scheduled<Void>
    }

    private let address: BrokerAddress
    private var frames: FrameReader
    private var waiting = CircularBuffer<Waiting>()
    private var hasAnswered = false
    /// Set once the connection is of no more use.
    private var failure: ClientError?

    init(address: BrokerAddress, responseMaxBytes: Int) {
        self.address = address
        frames = FrameReader(frameMaxBytes: responseMaxBytes)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let request = unwrapOutboundIn(data)
        if let failure {
            request.answer?.fail(failure)
            promise?.fail(failure)
            return
        }
        if let answer = request.answer {
            let (apiKey, milliseconds) = (request.apiKey, request.timeoutMilliseconds)
            let timeout = context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(milliseconds))) {
                self.fail(context, .timedOut(apiKey, self.address, milliseconds))
            }
            waiting.append(Waiting(correlationID: request.correlationID, answer: answer, timeout: timeout))
        }
        context.write(wrapOutboundOut(request.frame), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        frames.feed(unwrapInboundIn(data))
        do throws(FrameReader.Stranger) {
            while failure == nil, let frame = try frames.next() { deliver(frame, context) }
        } catch {
            fail(context, .stranger(error, at: address))
        }
    }

    private func deliver(_ frame: ByteBuffer, _ context: ChannelHandlerContext) {
        let correlationID = frame.getInteger(at: frame.readerIndex, as: Int32.self)
        guard let request = waiting.first, correlationID == request.correlationID else {
            let text = "\(address) answered a question that was not asked: is this the port of a Kafka broker?"
            return fail(context, ClientError(hasAnswered ? .malformedAnswer : .notKafka, text))
        }
        hasAnswered = true
        waiting.removeFirst()
        request.timeout.cancel()
        request.answer.succeed(frame)
    }

    func channelInactive(context: ChannelHandlerContext) {
        lost(context, nil)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        lost(context, (error as? IOError).map(systemMessage) ?? "\(error)")
    }

    private func lost(_ context: ChannelHandlerContext, _ cause: String?) {
        fail(context, hasAnswered ? .closed(address, cause) : .closedAtHandshake(address, cause))
    }

    private func fail(_ context: ChannelHandlerContext, _ error: ClientError) {
        guard failure == nil else { return }
        failure = error
        for request in waiting {
            request.timeout.cancel()
            request.answer.fail(error)
        }
        waiting.removeAll()
        context.close(promise: nil)
    }
}
