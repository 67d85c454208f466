// Connections of one event loop that have more to do than one turn allows: they go on one after the other, and the loop looks
// at its sockets in between.
//
// Before it does that, a loop runs tasks until none is due. So one turn is scheduled at a time, for all connections, and the
// next one when it has ended: not at once, but after a pause that is over when the loop has looked.
//
// Thread rule: bound to its event loop.

import DequeModule
import NIOCore

final class LoopTurns: Sendable {
    private static let pause = TimeAmount.microseconds(20)

    private let eventLoop: any EventLoop
    private let waiting: NIOLoopBoundBox<Deque<Connection>>
    /// Also while one is running.
    private let isScheduled: NIOLoopBoundBox<Bool>

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        waiting = .makeBoxSendingValue([], eventLoop: eventLoop)
        isScheduled = .makeBoxSendingValue(false, eventLoop: eventLoop)
    }

    /// Gives a connection one more turn, when those before it had theirs.
    func add(_ connection: Connection) {
        waiting.value.append(connection)
        schedule()
    }

    private func schedule() {
        guard !isScheduled.value, !waiting.value.isEmpty else { return }
        isScheduled.value = true
        eventLoop.scheduleTask(in: Self.pause) { self.runNext() }
    }

    private func runNext() {
        waiting.value.popFirst()?.handler.value?.nextTurn()
        isScheduled.value = false
        schedule()
    }
}
