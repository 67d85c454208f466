import KafkaProtocol
import Synchronization

/// What the connections of one event loop have done so far: a relaxed add on a line of memory that no other loop writes to.
///
/// Thread rule: the loop counts, anybody reads; the numbers of a moment need not fit each other.
package final class RequestCounters: Sendable {
    /// API keys from here on are counted together.
    private static let keysMax = 100

    private let requests = InlineArray<101, Atomic<Int>> { _ in Atomic(0) }
    private let received = Atomic(0)
    private let sent = Atomic(0)
    private let answered = Atomic(0)
    private let closed = Atomic(0)
    private let accepted = Atomic(0)
    private let refused = Atomic(0)

    package init() {}

    package func noteRequest(apiKey: Int16, byteCount: Int) {
        let index = apiKey >= 0 && Int(apiKey) < Self.keysMax ? Int(apiKey) : Self.keysMax
        requests[index].add(1, ordering: .relaxed)
        received.add(byteCount, ordering: .relaxed)
    }

    /// Requests that are answered, or never will be.
    package func noteAnswered(_ count: Int = 1, byteCount: Int = 0) {
        answered.add(count, ordering: .relaxed)
        sent.add(byteCount, ordering: .relaxed)
    }

    package func noteClosed() { closed.add(1, ordering: .relaxed) }
    package func noteAccepted() { accepted.add(1, ordering: .relaxed) }
    package func noteRefused() { refused.add(1, ordering: .relaxed) }

    /// The sum over all loops.
    package struct Totals: Sendable {
        var byName: [String: Int] = [:]
        var receivedBytes = 0
        var sentBytes = 0
        var requests = 0
        var answered = 0
        var closed = 0
        var accepted = 0
        var refused = 0

        package init(_ all: some Sequence<RequestCounters>) {
            for counters in all {
                // The answers first: their requests have been counted by then.
                answered += counters.answered.load(ordering: .relaxed)
                for index in 0...RequestCounters.keysMax {
                    let count = counters.requests[index].load(ordering: .relaxed)
                    guard count > 0 else { continue }
                    requests += count
                    byName[ApiKey(rawValue: Int16(index))?.name ?? "unknown", default: 0] += count
                }
                receivedBytes += counters.received.load(ordering: .relaxed)
                sentBytes += counters.sent.load(ordering: .relaxed)
                closed += counters.closed.load(ordering: .relaxed)
                accepted += counters.accepted.load(ordering: .relaxed)
                refused += counters.refused.load(ordering: .relaxed)
            }
        }
    }
}

/// Error codes that were answered, by API and error. Off the path of what goes well.
final class RequestErrors: Sendable {
    private struct Key: Hashable {
        let api: ApiKey
        let code: ErrorCode
    }

    private let counts = Mutex<[Key: Int]>([:])

    func note(_ api: ApiKey, _ codes: [ErrorCode]) {
        counts.withLock { for code in codes { $0[Key(api: api, code: code), default: 0] += 1 } }
    }

    var all: [(api: String, error: String, count: Int)] {
        counts.withLock { $0 }.map { ($0.key.api.name, $0.key.code.description, $0.value) }
            .sorted { ($0.api, $0.error) < ($1.api, $1.error) }
    }
}
