// What the broker holds of a connection: its addresses, a way onto its event loop, and the inbox for replies that were
// finished on other threads.
//
// A burst of completions costs one task of the event loop: the first reply in an empty inbox schedules the task, the rest
// find it scheduled. When the connection has closed, replies are dropped, scheduled work is cancelled, and work that is
// still handed over does not run (the broker is told by `connectionClosed`).
//
// Thread rule: Sendable. The mutex is held for bookkeeping only; the handler is touched on the event loop only.

import Broker
import NIOCore
import Synchronization

final class Connection: ClientConnection {
    let localAddress: NetworkAddress
    let remoteAddress: NetworkAddress
    let eventLoop: any EventLoop
    /// Set while the connection is open.
    let handler: NIOLoopBoundBox<ConnectionHandler?>
    let replyMemory: ReplyMemory.Account
    private let shared: ServerShared
    private let state = Mutex(State())

    private struct State {
        var isClosed = false
        var isDrainScheduled = false
        var replies: [CompletedReply] = []
        var nextWork: UInt64 = 0
        var work: [UInt64: Scheduled<Void>] = [:]
    }

    struct CompletedReply: Sendable {
        let sequence: UInt64
        let reply: WaitingReply
    }

    init(_ channel: any Channel, _ shared: ServerShared) {
        self.shared = shared
        replyMemory = ReplyMemory.Account(shared.replyMemory)
        localAddress = NetworkAddress(channel.localAddress)
        remoteAddress = NetworkAddress(channel.remoteAddress)
        eventLoop = channel.eventLoop
        handler = .makeEmptyBox(eventLoop: channel.eventLoop)
    }

    // MARK: Work on the event loop

    func execute(_ work: @escaping @Sendable () -> Void) {
        guard !isClosed else { return }
        eventLoop.execute { if !self.isClosed { work() } }
    }

    func schedule(afterMilliseconds delay: Int, _ work: @escaping @Sendable () -> Void) -> any ScheduledWork {
        state.withLock { state in
            let id = state.nextWork
            state.nextWork += 1
            guard !state.isClosed else { return DelayedWork(connection: self, id: id) }
            // Under the lock, so that the task cannot run before it is noted; the loop's own lock comes second.
            state.work[id] = eventLoop.scheduleTask(in: .milliseconds(Int64(delay))) {
                if self.forget(id) != nil { work() }
            }
            return DelayedWork(connection: self, id: id)
        }
    }

    private struct DelayedWork: ScheduledWork {
        let connection: Connection
        let id: UInt64

        func cancel() { connection.forget(id)?.cancel() }
    }

    private func forget(_ id: UInt64) -> Scheduled<Void>? {
        state.withLock { $0.work.removeValue(forKey: id) }
    }

    private var isClosed: Bool { state.withLock { $0.isClosed } }

    // MARK: Inbox

    /// Counts bytes of replies that this connection has not taken.
    func claimReplyMemory(_ bytes: Int) {
        if !replyMemory.claim(bytes) { shared.shedReplies() }
    }

    /// A reply that has to wait, counted unless it is small.
    func waiting(_ reply: Reply) -> WaitingReply {
        let bytes = reply.ownByteCount < ReplyMemory.waitingMinBytes ? 0 : reply.ownByteCount
        if bytes > 0 { claimReplyMemory(bytes) }
        return WaitingReply(reply: reply, claimedBytes: bytes)
    }

    /// Takes a finished reply from whichever thread.
    func deliver(_ reply: Reply, for sequence: UInt64) {
        let reply = waiting(reply)
        let mustSchedule = state.withLock { state -> Bool in
            guard !state.isClosed else { return false }
            state.replies.append(CompletedReply(sequence: sequence, reply: reply))
            defer { state.isDrainScheduled = true }
            return !state.isDrainScheduled
        }
        guard mustSchedule else { return }
        eventLoop.execute {
            self.state.withLock { $0.isDrainScheduled = false }
            self.handler.value?.repliesArrived()
        }
    }

    /// Empties the inbox.
    func takeReplies() -> [CompletedReply] {
        state.withLock { state in
            if state.replies.isEmpty { return [] }
            defer { state.replies = [] }
            return state.replies
        }
    }

    /// Runs on the event loop, once.
    func markClosed() {
        handler.value = nil
        let (work, replies) = state.withLock { state in
            defer {
                state.work = [:]
                state.replies = []
            }
            state.isClosed = true
            replyMemory.close()
            return (state.work, state.replies)
        }
        for scheduled in work.values { scheduled.cancel() }
        // The last references to mappings may go here; not under the lock.
        withExtendedLifetime(replies) {}
    }
}

/// A reply on its way to its connection, or behind an earlier one.
struct WaitingReply: Sendable {
    let reply: Reply
    /// What it counts in `ReplyMemory`.
    let claimedBytes: Int
}

extension NetworkAddress {
    /// IPv4 clients of an IPv6 listener appear as `::ffff:192.0.2.1`; the part that people know is given.
    init(_ address: SocketAddress?) {
        let host = address?.ipAddress ?? ""
        let prefix = "::ffff:"
        let isMapped = host.hasPrefix(prefix) && host.contains(".")
        self.init(host: isMapped ? String(host.dropFirst(prefix.count)) : host, port: address?.port ?? 0)
    }
}
