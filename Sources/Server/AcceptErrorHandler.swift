// Keeps a listener alive when a connection cannot be accepted (no file descriptors left, client gone already): logs.
//
// It stands behind NIO's `AcceptBackoffHandler`, which waits before the next attempt; without the pause the loop would
// spin, as the connection stays acceptable.
//
// Thread rule: on the listener's event loop.

import Glibc
import NIOCore

final class AcceptErrorHandler: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private let shared: ServerShared

    init(_ shared: ServerShared) {
        self.shared = shared
    }

    /// How long to wait after an error of accept(2): only where the next attempt would fail as well.
    static func backoff(_ error: IOError) -> TimeAmount? {
        switch error.errnoCode {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: .milliseconds(100)
        default: nil
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Children that were closed while they were set up are no news.
        if error is IOError { shared.logAcceptError(error) }
    }
}
