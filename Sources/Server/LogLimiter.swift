// Lets a message into the log at most once in ten seconds, and says how many were left out: what a client can repeat
// at will must not fill the disk.
//
// Thread rule: Sendable, one mutex.

import NIOCore
import Synchronization

final class LogLimiter: Sendable {
    private static let interval = TimeAmount.seconds(10)

    private struct State {
        var nextAllowed = NIODeadline.uptimeNanoseconds(0)
        var suppressed = 0
    }

    private let state = Mutex(State())

    /// Calls `log` with what to put behind the message, or not at all.
    func admit(now: NIODeadline = .now(), _ log: (_ suffix: String) -> Void) {
        let suppressed = state.withLock { state -> Int? in
            guard now >= state.nextAllowed else {
                state.suppressed += 1
                return nil
            }
            defer { state.suppressed = 0 }
            state.nextAllowed = now + Self.interval
            return state.suppressed
        }
        guard let suppressed else { return }
        log(suppressed == 0 ? "" : " (and \(suppressed) more like this since the last message)")
    }
}
