// One HTTP connection that asks for metrics: GET or HEAD of /metrics; 404 for other paths, 405 for other methods.
//
// Thread rule: everything runs on the channel's event loop.

import NIOCore
import NIOHTTP1

final class MetricsHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    static let path = "/metrics"
    private static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private let text: @Sendable () -> [UInt8]
    private var request: HTTPRequestHead?

    init(text: @escaping @Sendable () -> [UInt8]) { self.text = text }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            request = head
        case .body:
            // Nobody who asks for metrics sends one: it is not read on.
            if let head = request.take() { answer(head, .payloadTooLarge, to: context, closing: true) }
        case .end:
            guard let head = request.take() else { return }
            answer(head, status(of: head), to: context, closing: !head.isKeepAlive)
        }
    }

    private func status(of head: HTTPRequestHead) -> HTTPResponseStatus {
        let path = head.uri.prefix { $0 != "?" }
        if path != Self.path { return .notFound }
        return head.method == .GET || head.method == .HEAD ? .ok : .methodNotAllowed
    }

    private func answer(
        _ head: HTTPRequestHead, _ status: HTTPResponseStatus, to context: ChannelHandlerContext, closing: Bool
    ) {
        let body = status == .ok ? text() : Array("\(status.code) \(status.reasonPhrase)\n".utf8)
        var headers = HTTPHeaders()
        headers.add(name: "Content-Type", value: status == .ok ? Self.contentType : "text/plain")
        headers.add(name: "Content-Length", value: String(body.count))
        if status == .methodNotAllowed { headers.add(name: "Allow", value: "GET, HEAD") }
        if closing { headers.add(name: "Connection", value: "close") }
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: head.version, status: status, headers: headers))),
            promise: nil)
        if head.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        if closing {
            written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
    }

    /// Of a client that breaks off or speaks no HTTP.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
