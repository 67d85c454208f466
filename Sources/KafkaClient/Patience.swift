// Patience: how long a client that lives on goes on trying when its broker is away (a restart, a crash).
//
// Pauses grow from a tenth of a second to one second. Threads: a plain value.

struct Patience {
    private let limit: Duration
    private let time: ContinuousClock
    private var failingSince: ContinuousClock.Instant?
    private var pauseMilliseconds = firstPauseMilliseconds

    private static let firstPauseMilliseconds = 100
    private static let pauseMaxMilliseconds = 1000

    init(milliseconds: Int, time: ContinuousClock = ContinuousClock()) {
        limit = .milliseconds(milliseconds)
        self.time = time
    }

    /// Something worked: the next failure is a first one.
    mutating func renew() {
        failingSince = nil
        pauseMilliseconds = Self.firstPauseMilliseconds
    }

    /// Waits a little. Throws `error` if it is none that passes, if it has gone on for too long, or if the task was cancelled,
    /// which could not wait.
    mutating func wait(_ error: ClientError) async throws(ClientError) {
        let now = time.now
        let since = failingSince ?? now
        failingSince = since
        guard error.mayPass, now - since < limit, !Task.isCancelled else { throw error }
        await pause(milliseconds: pauseMilliseconds)
        pauseMilliseconds = min(2 * pauseMilliseconds, Self.pauseMaxMilliseconds)
    }
}

extension ClientError {
    /// Whether a broker that restarts may cause it: the same request may succeed on another connection.
    package var mayPass: Bool {
        switch code {
        // A broker on its way down may accept a connection and close it before it answered.
        case .cannotConnect, .connectionClosed, .timedOut, .notKafka: true
        default: isRetriable
        }
    }
}
