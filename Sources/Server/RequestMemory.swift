// One budget over all connections for the bytes of partly received large requests.
//
// A connection claims memory for its request in steps. A step that does not fit waits and is granted later, first come,
// first served; nobody is refused. The request that claimed first among all that hold or wait is granted at once even
// beyond the budget: it can always be completed, so waiting requests never block each other for ever. Hence the bound is
// the budget plus one largest request.
//
// Thread rule: Sendable, one mutex; wake-ups run after it was released, on the releasing thread.

import Synchronization

final class RequestMemory: Sendable {
    /// Names a request's claim; earlier claims have smaller tickets.
    typealias Ticket = UInt64

    private struct Claim {
        var heldBytes = 0
        var wantedBytes = 0
        var granted: (@Sendable () -> Void)?
    }

    private struct State {
        var usedBytes = 0
        var nextTicket: Ticket = 0
        var claims: [Ticket: Claim] = [:]
    }

    private let maxBytes: Int
    private let state = Mutex(State())

    init(maxBytes: Int) {
        self.maxBytes = maxBytes
    }

    var usedBytes: Int { state.withLock { $0.usedBytes } }

    func makeTicket() -> Ticket {
        state.withLock { state in
            defer { state.nextTicket += 1 }
            return state.nextTicket
        }
    }

    /// Claims `bytes` more; true if they are granted, otherwise `granted` is called once they are.
    func claim(_ ticket: Ticket, bytes: Int, granted: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            var claim = state.claims[ticket, default: Claim()]
            precondition(claim.granted == nil, "a request that waits for memory is not read any further")
            let isOldest = state.claims.keys.allSatisfy { $0 >= ticket }
            let fits = isOldest || state.usedBytes + bytes <= maxBytes
            if fits {
                claim.heldBytes += bytes
                state.usedBytes += bytes
            } else {
                claim.wantedBytes = bytes
                claim.granted = granted
            }
            state.claims[ticket] = claim
            return fits
        }
    }

    /// Gives back all that a request holds, and forgets what it waits for.
    func release(_ ticket: Ticket) {
        let granted = state.withLock { state -> [@Sendable () -> Void] in
            guard let claim = state.claims.removeValue(forKey: ticket) else { return [] }
            state.usedBytes -= claim.heldBytes
            return grantWaiting(&state)
        }
        for wake in granted { wake() }
    }

    private func grantWaiting(_ state: inout State) -> [@Sendable () -> Void] {
        var wakes: [@Sendable () -> Void] = []
        for (position, ticket) in state.claims.keys.sorted().enumerated() {
            guard var claim = state.claims[ticket], let wake = claim.granted else { continue }
            guard position == 0 || state.usedBytes + claim.wantedBytes <= maxBytes else { break }
            state.usedBytes += claim.wantedBytes
            claim.heldBytes += claim.wantedBytes
            claim.wantedBytes = 0
            claim.granted = nil
            state.claims[ticket] = claim
            wakes.append(wake)
        }
        return wakes
    }
}
