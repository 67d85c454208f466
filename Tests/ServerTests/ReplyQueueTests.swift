import TestSupport
import Testing

@testable import Server

@Suite struct ReplyQueueTests {
    /// What `next` gives out until it gives nothing, in words.
    private func drain(_ queue: inout ReplyQueue<Int>) -> [String] {
        var actions: [String] = []
        while let action = queue.next() {
            switch action {
            case .write(let reply): actions.append("write \(reply)")
            case .close: actions.append("close")
            }
        }
        return actions
    }

    private func settle(_ queue: inout ReplyQueue<Int>, _ sequence: UInt64, _ answer: ReplyQueue<Int>.Answer) -> Bool {
        queue.settle(sequence, answer)
    }

    @Test func aReplyWaitsForThoseBeforeIt() {
        var queue = ReplyQueue<Int>()
        let first = queue.open()
        let second = queue.open()
        #expect(settle(&queue, second, .reply(2)))
        #expect(drain(&queue) == [])
        #expect(queue.count == 2)
        #expect(settle(&queue, first, .reply(1)))
        #expect(drain(&queue) == ["write 1", "write 2"])
        #expect(queue.isEmpty)
    }

    @Test func aRequestWithoutReplyVanishes() {
        var queue = ReplyQueue<Int>()
        let sequences = (0..<3).map { _ in queue.open() }
        #expect(settle(&queue, sequences[0], .nothing))
        #expect(settle(&queue, sequences[1], .nothing))
        #expect(drain(&queue) == [])
        #expect(queue.count == 1)
        #expect(settle(&queue, sequences[2], .reply(3)))
        #expect(drain(&queue) == ["write 3"])
    }

    @Test func closingComesAfterTheRepliesBeforeItAndEndsEverything() {
        var queue = ReplyQueue<Int>()
        let sequences = (0..<3).map { _ in queue.open() }
        #expect(settle(&queue, sequences[1], .close))
        #expect(settle(&queue, sequences[2], .reply(3)))
        #expect(drain(&queue) == [])
        #expect(settle(&queue, sequences[0], .reply(1)))
        #expect(drain(&queue) == ["write 1", "close"])
        #expect(drain(&queue) == [])
    }

    @Test func aSecondAnswerIsRefused() {
        var queue = ReplyQueue<Int>()
        let first = queue.open()
        let second = queue.open()
        #expect(settle(&queue, second, .reply(2)))
        #expect(!settle(&queue, second, .reply(20)))
        #expect(settle(&queue, first, .reply(1)))
        #expect(drain(&queue) == ["write 1", "write 2"])
        #expect(!settle(&queue, first, .reply(10)))
    }

    /// Any order of settling, any mix of answers, opening in between: the replies come out in order of arrival.
    @Test(arguments: 1...20) func anyOrderOfSettling(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var queue = ReplyQueue<Int>()
        var open: [UInt64] = []
        var expected: [String] = []
        var written: [String] = []
        var requests = 0
        while requests < 2_000 || !open.isEmpty {
            if requests < 2_000, Bool.random(using: &generator) || open.isEmpty {
                let sequence = queue.open()
                #expect(sequence == UInt64(requests))
                if requests % 7 != 0 { expected.append("write \(requests)") }
                open.append(sequence)
                requests += 1
            } else {
                let sequence = open.remove(at: Int.random(in: 0..<min(open.count, 100), using: &generator))
                #expect(settle(&queue, sequence, sequence % 7 == 0 ? .nothing : .reply(Int(sequence))))
                written += drain(&queue)
            }
        }
        #expect(written == expected)
        #expect(queue.isEmpty)
    }
}
