// When groups have to be looked at again: one heap for all groups, one timer armed for the earliest entry.
//
// Entries are never removed early: a group that was heard of meanwhile is looked at, found in order, and entered anew. So a
// heartbeat costs nothing here.
// Thread rule: Sendable; `fire` is called on the queue, never under a lock.

import Dispatch
import HeapModule
import LogStorage
import Synchronization

final class GroupTimers: Sendable {
    struct Entry: Comparable, Sendable {
        /// Monotonic milliseconds.
        let deadline: Int64
        let group: String

        static func < (left: Entry, right: Entry) -> Bool { left.deadline < right.deadline }
    }

    private struct State {
        var heap = Heap<Entry>()
        /// Deadline for which the timer is armed.
        var armed: Int64?
        var isStopped = false
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "martlet.group-timers")
    private let time: any TimeSource

    init(time: any TimeSource) {
        self.time = time
    }

    var now: Int64 { time.monotonicNanoseconds / 1_000_000 }

    func add(_ deadline: Int64, group: String, fire: @escaping @Sendable () -> Void) {
        let mustArm = state.withLock { state in
            state.heap.insert(Entry(deadline: deadline, group: group))
            guard !state.isStopped, deadline < state.armed ?? .max else { return false }
            state.armed = deadline
            return true
        }
        if mustArm { arm(deadline, fire) }
    }

    private func arm(_ deadline: Int64, _ fire: @escaping @Sendable () -> Void) {
        // A millisecond more, so that rounding does not wake it early.
        let delay = Int(clamping: max(0, deadline - now) + 1)
        queue.asyncAfter(deadline: .now() + .milliseconds(delay)) { [weak self] in
            guard let self, self.disarm(deadline) else { return }
            fire()
        }
    }

    /// False if an earlier timer has taken over.
    private func disarm(_ deadline: Int64) -> Bool {
        state.withLock { state in
            guard !state.isStopped, state.armed == deadline else { return false }
            state.armed = nil
            return true
        }
    }

    /// Takes out the groups whose time has come, and arms the timer for the rest.
    func takeDue(fire: @escaping @Sendable () -> Void) -> [String] {
        let now = now
        let (due, next) = state.withLock { state -> ([String], Int64?) in
            var due: [String] = []
            while let first = state.heap.min, first.deadline <= now {
                due.append(first.group)
                state.heap.removeMin()
            }
            guard let next = state.heap.min?.deadline, !state.isStopped, next < state.armed ?? .max else {
                return (due, nil)
            }
            state.armed = next
            return (due, next)
        }
        if let next { arm(next, fire) }
        return due
    }

    /// Runs `body` on the queue, behind what the timer does there just now. Not to be called on the queue.
    func onQueue(_ body: () -> Void) { queue.sync(execute: body) }

    func stop() {
        state.withLock { state in
            state.isStopped = true
            state.heap = Heap()
        }
    }
}
