// The mapping of one file, as long as the broker can afford it: dropped when others are used more, made again by the next
// reader.
//
// Thread rule: Sendable; the mutex is held for bookkeeping only.

import Synchronization

final class MappingSlot: Sendable {
    private struct State: Sendable {
        var mapping: SegmentMapping?
        /// Since `reclaim` has looked last.
        var wasUsed = false
        var isQueued = false
    }

    enum Reclaim {
        case dropped
        case kept
    }

    private let pool: HandlePool
    private let state = Mutex(State())

    init(_ pool: HandlePool) { self.pool = pool }

    deinit {
        if state.withLock({ $0.mapping != nil }) { pool.noteUnmapped() }
    }

    /// The mapping, if it is still there. Lives as long as the caller holds it.
    var mapping: SegmentMapping? {
        state.withLock { state in
            state.wasUsed = true
            return state.mapping
        }
    }

    func replace(with new: SegmentMapping?) {
        let (old, isQueued) = state.withLock { state in
            let old = state.mapping
            state.mapping = new
            state.wasUsed = true
            defer { if new != nil { state.isQueued = true } }
            return (old, state.isQueued)
        }
        if old != nil { pool.noteUnmapped() }
        if new != nil { pool.noteMapped(self, isQueued: isQueued) }
    }

    /// Drops the mapping if nobody has used it since the last call. Who is kept has to be put into the queue again.
    func reclaim() -> Reclaim {
        let old = state.withLock { state -> SegmentMapping?? in
            if state.mapping != nil && state.wasUsed {
                state.wasUsed = false
                return nil
            }
            state.isQueued = false
            return .some(state.mapping.take())
        }
        guard let old else { return .kept }
        if old != nil { pool.noteUnmapped() }
        return .dropped
    }
}
