// Puts the replies of one connection into the order of its requests.
//
// A request takes a slot when it arrives. Slots are settled in any order; `next` gives out what is ready at the head, and
// nothing behind a slot that is still open. A slot settled with no reply vanishes. Behind a slot that says close, nothing
// is given out any more.
//
// Layout: `slots[head...]` are the slots that were not given out, the first of them has the sequence `firstSequence`.
// Thread rule: a plain value; its connection's event loop owns it.

struct ReplyQueue<Reply> {
    enum Answer {
        case reply(Reply)
        case nothing
        case close
    }

    enum Action {
        case write(Reply)
        /// Everything before was given out; nothing will follow.
        case close
    }

    private var slots: [Answer?] = []
    private var head = 0
    private var firstSequence: UInt64 = 0
    private var isClosed = false

    /// Requests that were not answered, or whose answer was not given out.
    var count: Int { slots.count - head }
    var isEmpty: Bool { count == 0 }

    /// Takes a slot for a request that arrived; its sequence.
    mutating func open() -> UInt64 {
        slots.append(nil)
        return firstSequence + UInt64(slots.count - head) - 1
    }

    /// Says what became of a request; false if that had been said before (the answer is dropped).
    mutating func settle(_ sequence: UInt64, _ answer: Answer) -> Bool {
        guard sequence >= firstSequence else { return false }
        let index = head + Int(sequence - firstSequence)
        precondition(index < slots.count, "an answer belongs to a request that arrived")
        guard slots[index] == nil else { return false }
        slots[index] = answer
        return true
    }

    /// The next thing to do, nil if the head is not ready.
    mutating func next() -> Action? {
        while !isClosed, head < slots.count, let answer = slots[head] {
            slots[head] = nil
            head += 1
            firstSequence += 1
            dropConsumed()
            switch answer {
            case .reply(let reply): return .write(reply)
            case .nothing: continue
            case .close:
                isClosed = true
                return .close
            }
        }
        return nil
    }

    /// Keeps the array short without moving the rest at every step.
    private mutating func dropConsumed() {
        if head == slots.count {
            slots.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 64, head * 2 >= slots.count {
            slots.removeFirst(head)
            head = 0
        }
    }
}
