// The groups whose records are in one partition of `__consumer_offsets`, behind one lock.
//
// A step: the lock is taken, the group's state machine runs on a copy, the records are appended, and only if that worked the
// copy takes the place of the original. So a step that cannot be stored has not happened; of one that only deletes, what is
// stored has. What is answered leaves when the
// records are durable (as with acks=all), without the lock.
// Until the partition has been read at start, steps wait.
// Thread rule: Sendable. The lock is held for the step and the `pwritev` of its records. Lock order: shard, then partition.

import KafkaProtocol
import LogStorage
import Synchronization

final class GroupShard: Sendable {
    struct State: Sendable {
        var groups: [String: Group] = [:]
        var waiting: [ReplyToken: Waiter] = [:]
        var nextToken: ReplyToken = 0
        var isLoaded = false
        /// What every step is refused with, if the partition could not be read.
        var loadFailure: ErrorCode?
        /// Steps that came before the partition was read.
        var parked: [@Sendable () -> Void] = []

        mutating func wait(_ waiter: Waiter) -> ReplyToken {
            nextToken += 1
            waiting[nextToken] = waiter
            return nextToken
        }
    }

    /// Takes the answer to a request that waits for its group.
    enum Waiter: Sendable {
        case join(@Sendable (JoinGroupResponse) -> Void)
        case sync(@Sendable (SyncGroupResponse) -> Void)

        func fail(_ code: ErrorCode) {
            switch self {
            case .join(let answer): answer(JoinGroupResponse(errorCode: code))
            case .sync(let answer): answer(SyncGroupResponse(errorCode: code))
            }
        }
    }

    /// Answers that are ready, to be let out without the lock.
    struct Answers: Sendable {
        private var ready: [(waiter: Waiter, answer: GroupEffects.Answer)] = []

        mutating func take(_ effects: GroupEffects, from state: inout State) {
            for (token, answer) in effects.answers {
                // Who is missing was answered when the broker began to stop.
                guard let waiter = state.waiting.removeValue(forKey: token) else { continue }
                ready.append((waiter, answer))
            }
        }

        func send() {
            for (waiter, answer) in ready {
                switch (waiter, answer) {
                case (.join(let send), .join(let response)): send(response)
                case (.sync(let send), .sync(let response)): send(response)
                default: preconditionFailure("a token stands for one kind of request")
                }
            }
        }

        func fail(_ code: ErrorCode) {
            for (waiter, _) in ready { waiter.fail(code) }
        }
    }

    let index: Int32
    let state = Mutex(State())

    init(index: Int32) {
        self.index = index
    }

    /// Runs `step` now, or once the shard is loaded. True if it ran now.
    func whenLoaded(_ step: @escaping @Sendable () -> Void) -> Bool {
        let isLoaded = state.withLock { state in
            if !state.isLoaded { state.parked.append(step) }
            return state.isLoaded
        }
        if isLoaded { step() }
        return isLoaded
    }

    /// Puts what was read from the partition in place and runs what has waited for it.
    ///
    /// - Parameter prepare: runs under the lock, before any step.
    func loaded(_ groups: [String: Group], _ prepare: (inout State) -> Void = { _ in }) {
        finishLoading { state in
            state.groups = groups
            prepare(&state)
        }
    }

    /// The partition could not be read: what has waited for it is refused, and what comes.
    func loadFailed(_ code: ErrorCode) {
        finishLoading { $0.loadFailure = code }
    }

    private func finishLoading(_ change: (inout State) -> Void) {
        let parked = state.withLock { state in
            change(&state)
            state.isLoaded = true
            defer { state.parked = [] }
            return state.parked
        }
        for step in parked { step() }
    }

    /// Answers everybody who waits, when the broker stops.
    func failWaiting(_ code: ErrorCode) {
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for waiter in waiting { waiter.fail(code) }
    }
}
