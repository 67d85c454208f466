// Judges from time to time whether a client still takes and sends bytes.
//
// A client stalls when replies wait for it and none of their bytes leave, or when it owes the rest of a large request
// that holds memory; it is idle when nothing happens and nothing is owed by anybody. Checked every quarter of a timeout.
//
// Thread rule: a plain value; its connection's event loop owns it.

import NIOCore

struct StallWatch {
    enum Verdict: Equatable {
        case fine, slowReader, slowSender, idle
    }

    let interval: TimeAmount
    private let stallTimeout: TimeAmount
    private let idleTimeout: TimeAmount
    private var lastSend: NIODeadline
    private var lastReceive: NIODeadline
    private var lastActivity: NIODeadline
    private var sentBytes = 0
    private var hasReceived = false
    private var hasAnswered = false

    init(stallTimeout: TimeAmount, idleTimeout: TimeAmount, now: NIODeadline) {
        self.stallTimeout = stallTimeout
        self.idleTimeout = idleTimeout
        interval = max(.milliseconds(1), TimeAmount.nanoseconds(min(stallTimeout, idleTimeout).nanoseconds / 4))
        lastSend = now
        lastReceive = now
        lastActivity = now
    }

    /// Only notes the event: the clock is read at the next check, not at every request.
    mutating func received() { hasReceived = true }
    mutating func answered() { hasAnswered = true }

    mutating func check(
        now: NIODeadline, unsentBytes: Int, sentBytes: Int, isExpectingBytes: Bool, isBusy: Bool
    ) -> Verdict {
        let hasSent = sentBytes != self.sentBytes
        if hasSent || unsentBytes == 0 { lastSend = now }
        if hasReceived || !isExpectingBytes { lastReceive = now }
        if hasReceived || hasAnswered || hasSent || isBusy || unsentBytes > 0 { lastActivity = now }
        self.sentBytes = sentBytes
        hasReceived = false
        hasAnswered = false
        if now - lastSend >= stallTimeout { return .slowReader }
        if now - lastReceive >= stallTimeout { return .slowSender }
        if now - lastActivity >= idleTimeout { return .idle }
        return .fine
    }
}
