import KafkaProtocol
import Synchronization

/// Holds an answer that came before its handler has returned, so that it becomes the handler's outcome: then no other thread
/// has to be woken for it.
private final class AnswerSlot<Response: Sendable>: Sendable {
    private enum State {
        case waiting
        case answered(Response)
        /// The handler has returned; the answer goes its own way.
        case left
    }

    private let state = Mutex(State.waiting)

    /// False if the handler has returned.
    func put(_ response: Response) -> Bool {
        state.withLock { state in
            guard case .waiting = state else { return false }
            state = .answered(response)
            return true
        }
    }

    /// The answer if it is there; otherwise it has to be sent by whoever has it.
    func leave() -> Response? {
        state.withLock { state in
            guard case .answered(let response) = state else {
                state = .left
                return nil
            }
            return response
        }
    }
}

extension RequestContext {
    /// The outcome of a handler whose answer comes through a function, at once or later, on whichever thread.
    func answer<Response: WireMessage>(_ start: (@escaping @Sendable (Response) -> Void) -> Void) -> Outcome {
        let slot = AnswerSlot<Response>()
        start { response in
            if !slot.put(response) { complete(reply(response)) }
        }
        return slot.leave().map { .reply(reply($0)) } ?? .pending
    }
}
