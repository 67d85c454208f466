import Synchronization
import TestSupport
import Testing

@testable import Server

@Suite struct RequestMemoryTests {
    private final class Granted: Sendable {
        let tickets = Mutex<[UInt64]>([])
        var list: [UInt64] { tickets.withLock { $0 } }
        func note(_ ticket: UInt64) -> @Sendable () -> Void { { self.tickets.withLock { $0.append(ticket) } } }
    }

    @Test func waitersAreServedInOrder() {
        let memory = RequestMemory(maxBytes: 100)
        let granted = Granted()
        let tickets = (0..<4).map { _ in memory.makeTicket() }
        #expect(memory.claim(tickets[0], bytes: 80, granted: granted.note(0)))
        #expect(!memory.claim(tickets[1], bytes: 60, granted: granted.note(1)))
        #expect(!memory.claim(tickets[2], bytes: 50, granted: granted.note(2)))
        #expect(memory.claim(tickets[3], bytes: 20, granted: granted.note(3)))
        #expect(memory.usedBytes == 100)
        memory.release(tickets[0])
        // The first is the oldest now; the second has to wait for it.
        #expect(granted.list == [1])
        #expect(memory.usedBytes == 80)
        memory.release(tickets[1])
        #expect(granted.list == [1, 2])
        memory.release(tickets[2])
        memory.release(tickets[3])
        #expect(memory.usedBytes == 0)
    }

    @Test func theOldestMayExceedTheBudget() {
        let memory = RequestMemory(maxBytes: 100)
        let granted = Granted()
        let oldest = memory.makeTicket()
        let other = memory.makeTicket()
        #expect(memory.claim(oldest, bytes: 60, granted: granted.note(0)))
        #expect(!memory.claim(other, bytes: 60, granted: granted.note(1)))
        #expect(memory.claim(oldest, bytes: 60, granted: granted.note(0)))
        #expect(memory.usedBytes == 120)
        memory.release(oldest)
        #expect(granted.list == [1])
    }

    @Test func whoGivesUpWaitingIsForgotten() {
        let memory = RequestMemory(maxBytes: 100)
        let granted = Granted()
        let tickets = (0..<3).map { _ in memory.makeTicket() }
        #expect(memory.claim(tickets[0], bytes: 100, granted: granted.note(0)))
        #expect(!memory.claim(tickets[1], bytes: 1, granted: granted.note(1)))
        #expect(!memory.claim(tickets[2], bytes: 1, granted: granted.note(2)))
        memory.release(tickets[1])
        memory.release(tickets[0])
        #expect(granted.list == [2])
        #expect(memory.usedBytes == 1)
    }

    /// Requests that all want more than there is are completed, one after the other, and the bound holds.
    @Test(arguments: 1...10) func everyRequestIsCompleted(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let memory = RequestMemory(maxBytes: 1_000)
        let granted = Granted()
        var left: [UInt64: Int] = [:]
        for _ in 0..<50 { left[memory.makeTicket()] = Int.random(in: 1...8, using: &generator) }
        var waiting: Set<UInt64> = []
        while !left.isEmpty {
            for ticket in granted.tickets.withLock({ list in
                defer { list = [] }
                return list
            }) {
                #expect(waiting.remove(ticket) != nil)
            }
            let runnable = left.keys.filter { !waiting.contains($0) }.sorted()
            guard let ticket = runnable.randomElement(using: &generator) else {
                Issue.record("all \(left.count) requests wait for each other")
                return
            }
            if left[ticket] == 0 {
                left[ticket] = nil
                memory.release(ticket)
            } else {
                left[ticket, default: 0] -= 1
                if !memory.claim(ticket, bytes: 100, granted: granted.note(ticket)) { waiting.insert(ticket) }
            }
            #expect(memory.usedBytes <= 1_000 + 800)
        }
        #expect(memory.usedBytes == 0)
    }
}
