// Lets at most twenty messages of a kind into the log in ten seconds, and says how many were left out: what a client can
// repeat at will must not fill the disk.
//
// Thread rule: Sendable, one mutex.

import NIOCore
import Synchronization

final class LogLimiter: Sendable {
    private static let interval = TimeAmount.seconds(10)
    private static let messagesMax = 20

    private struct State {
        var intervalEnd = NIODeadline.uptimeNanoseconds(0)
        var admitted = 0
        var suppressed = 0
    }

    private let state = Mutex(State())

    /// Calls `log` with what to put behind the message, or not at all.
    func admit(now: NIODeadline = .now(), _ log: (_ suffix: String) -> Void) {
        let suppressed = state.withLock { state -> Int? in
            if now >= state.intervalEnd {
                state.intervalEnd = now + Self.interval
                state.admitted = 0
            }
            guard state.admitted < Self.messagesMax else {
                state.suppressed += 1
                return nil
            }
            state.admitted += 1
            defer { state.suppressed = 0 }
            return state.suppressed
        }
        guard let suppressed else { return }
        log(suppressed == 0 ? "" : " (and \(suppressed) more like this since the last message)")
    }
}
