import Synchronization

/// Collects the parts of an answer that are finished one by one, on whichever thread, and hands them over in order.
final class Gather<Part: Sendable>: Sendable {
    private struct State {
        var parts: [Part?]
        var missing: Int
    }

    private let state: Mutex<State>
    private let whenComplete: @Sendable ([Part]) -> Void

    /// With nothing to wait for, `whenComplete` is called at once.
    init(count: Int, whenComplete: @escaping @Sendable ([Part]) -> Void) {
        state = Mutex(State(parts: Array(repeating: nil, count: count), missing: count))
        self.whenComplete = whenComplete
        if count == 0 { whenComplete([]) }
    }

    func put(_ part: Part, at index: Int) {
        let complete = state.withLock { state -> [Part]? in
            precondition(state.parts[index] == nil, "each part comes once")
            state.parts[index] = part
            state.missing -= 1
            return state.missing == 0 ? state.parts.compactMap(\.self) : nil
        }
        if let complete { whenComplete(complete) }
    }
}
