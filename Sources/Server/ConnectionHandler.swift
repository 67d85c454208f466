// One connection: reads frames, has them executed, writes the replies in order, and knows when to stop reading.
//
// Reading is by demand (no autoRead). It pauses, and frames that were already received wait in `input`, while
//   - `inFlightRequestsMax` requests are unanswered,
//   - as many as `queuedReplyMaxBytes` of replies wait for the channel to take them,
//   - as many bytes of finished replies wait for an earlier one,
//   - a large frame waits for the memory budget,
//   - others have their turn, because the replies of this one were many bytes.
//
// The phases: open -> answering (no more requests; those in flight are answered) -> closingOutput (all replies are passed
// on; the channel sends them, then half-closes) -> lingering (input is discarded until the client closes too: a socket
// closed with unread input resets the connection, and the reset can overtake the last replies) -> closed.
//
// Thread rule: everything runs on the channel's event loop; other threads reach it through `Connection`.

import Broker
import Logging
import NIOCore

final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private enum Phase {
        case open, answering, closingOutput, lingering, closed
    }

    /// Bytes of replies after which the loop's other connections come first. Requests may be so small that one read brings
    /// thousands, and replies so large that making them takes seconds.
    private static let turnReplyMaxBytes = 256 << 10
    private static let lingerTime = TimeAmount.milliseconds(500)

    private let shared: ServerShared
    private let receiveBuffer: ReceiveBuffer
    private let turns: LoopTurns
    private let connection: Connection
    private let counters: RequestCounters

    private var phase = Phase.open
    private var isAdmitted = false
    private var context: ChannelHandlerContext?
    private var frames: FrameReader
    /// Received and not used: less than a size, or frames that wait because reading is paused.
    private var input = ByteBuffer()
    private var replies = ReplyQueue<WaitingReply>()
    private var writer: ReplyWriter
    /// Set while the last replies wait for a turn.
    private var mustCloseOutput = false
    /// Of replies that wait in `replies` for an earlier one.
    private var heldReplyBytes = 0

    private var isReadOutstanding = false
    private var isInTurn = false
    private var isNextTurnScheduled = false
    private var memoryTicket: RequestMemory.Ticket?
    private var isWaitingForMemory = false

    private var watch: StallWatch
    private var timer: Scheduled<Void>?
    private var lingerTimer: Scheduled<Void>?

    init(_ connection: Connection, shared: ServerShared, receiveBuffer: ReceiveBuffer, turns: LoopTurns) {
        self.connection = connection
        self.shared = shared
        self.receiveBuffer = receiveBuffer
        self.turns = turns
        writer = ReplyWriter(connection)
        guard let counters = shared.counters[ObjectIdentifier(connection.eventLoop)] else {
            preconditionFailure("a connection lives on a loop of the server's group")
        }
        self.counters = counters
        frames = FrameReader(frameMaxBytes: shared.configuration.requestMaxBytes, spares: receiveBuffer)
        watch = StallWatch(
            stallTimeout: .milliseconds(Int64(shared.configuration.stallTimeoutMilliseconds)),
            idleTimeout: .milliseconds(Int64(shared.configuration.connectionsMaxIdleMilliseconds)), now: .now())
    }

    // MARK: Channel events

    func channelActive(context: ChannelHandlerContext) {
        if let refusal = shared.registry.admit(connection) {
            shared.logRefusal(refusal, connection)
            counters.noteRefused()
            phase = .closed
            context.close(promise: nil)
            return
        }
        isAdmitted = true
        counters.noteAccepted()
        self.context = context
        connection.handler.value = self
        scheduleTimer()
        requestRead()
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closed
        self.context = nil
        writer.close()
        timer?.cancel()
        lingerTimer?.cancel()
        connection.markClosed()
        guard isAdmitted else { return }
        counters.noteAnswered(replies.count)
        releaseMemory()
        shared.handler.connectionClosed(connection)
        shared.registry.remove(connection)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var received = unwrapInboundIn(data)
        defer { receiveBuffer.giveBack(received) }
        watch.received()
        guard phase == .open else { return }
        isInTurn = true
        if input.readableBytes > 0 {
            input.writeBuffer(&received)
        } else {
            // A slice of the receive buffer, without a copy.
            input = received
        }
        _ = executeInput()
        if input.readableBytes == 0 { input = ByteBuffer() } else { keepInput() }
        isInTurn = false
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReadOutstanding = false
        turn()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { turn() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        shared.logger.debug("Connection of \(connection.remoteAddress) failed: \(error)")
        context.close(promise: nil)
    }

    // MARK: Turns

    /// What follows any event: replies that arrived are written, what waited is executed if it may be now, everything is
    /// sent with one flush, and reading goes on.
    ///
    /// Sending can make the channel writable again and call back; inside a turn that only makes the loop go round.
    private func turn() {
        guard !isInTurn else { return }
        isInTurn = true
        var isPaused = false
        if let context { writer.resume(context) }
        repeat {
            takeReplies()
            isPaused = executeInput()
            flush()
        } while isPaused && mayExecute
        if mustCloseOutput { closeOutput() }
        isInTurn = false
        // Lets go of the memory.
        if phase != .open || input.readableBytes == 0 { input = ByteBuffer() }
        requestRead()
    }

    private func flush() {
        guard let context else { return }
        if writer.finishTurn(context) { context.flush() }
        // A channel that takes no more says when it does.
        if writer.isWaiting, context.channel.isWritable { scheduleNextTurn() }
    }

    private func requestRead() {
        guard !isReadOutstanding, !isNextTurnScheduled, mayExecute || phase == .lingering, let context else { return }
        isReadOutstanding = true
        context.read()
    }

    // MARK: Requests

    private var mayExecute: Bool {
        guard phase == .open, !isWaitingForMemory else { return false }
        return replies.count < shared.configuration.inFlightRequestsMax
            && heldReplyBytes < shared.configuration.queuedReplyMaxBytes
            && writer.waitingBytes < shared.configuration.queuedReplyMaxBytes
    }

    /// Executes the frames of the input; true if it stopped because reading has to pause, not for lack of bytes.
    private func executeInput() -> Bool {
        guard input.readableBytes > 0, !isNextTurnScheduled else { return false }
        let begin = writer.writtenBytes
        shared.handler.beginBurst()
        defer { shared.handler.endBurst() }
        while input.readableBytes > 0 {
            guard mayExecute || makeRoom() else { return true }
            guard writer.writtenBytes - begin < Self.turnReplyMaxBytes else {
                scheduleNextTurn()
                return false
            }
            switch frames.next(&input) {
            case .frame(let frame, let isCollected):
                execute(frame)
                if isCollected {
                    receiveBuffer.giveBackSpare(frame)
                    releaseMemory()
                }
            case .needsBytes:
                return false
            case .needsMemory(let bytes):
                guard claimMemory(bytes) else { return true }
            case .malformed(let malformation):
                refuse(malformation)
            }
        }
        return false
    }

    private func scheduleNextTurn() {
        guard !isNextTurnScheduled else { return }
        isNextTurnScheduled = true
        turns.add(connection)
    }

    /// Called by `LoopTurns`.
    func nextTurn() {
        isNextTurnScheduled = false
        turn()
    }

    /// Sends what is ready, which may be all that keeps the next frame from being executed.
    private func makeRoom() -> Bool {
        guard phase == .open, !isWaitingForMemory else { return false }
        takeReplies()
        flush()
        return mayExecute
    }

    private func execute(_ frame: ByteBuffer) {
        let sequence = replies.open()
        counters.noteRequest(
            apiKey: frame.getInteger(at: frame.readerIndex, as: Int16.self) ?? -1, byteCount: frame.readableBytes)
        let outcome = shared.handler.handle(frame.readableBytesSpan, from: connection) { [connection] reply in
            connection.deliver(reply, for: sequence)
        }
        switch outcome {
        case .reply(let reply):
            // The only one is written next and waits for nobody.
            let waiting =
                replies.count > 1 ? connection.waiting(reply) : WaitingReply(reply: reply, claimedBytes: 0)
            settle(sequence, waiting)
        case .noReply:
            settle(sequence, .nothing)
            counters.noteAnswered()
        case .pending: return
        case .close(let reason): close(after: sequence, reason: reason)
        }
        writeReady()
    }

    /// Closes the connection in the place of a reply.
    private func close(after sequence: UInt64, reason: String) {
        shared.logClosing(connection, reason: reason)
        if phase == .open { phase = .answering }
        counters.noteClosed()
        counters.noteAnswered()
        settle(sequence, .close)
    }

    private func refuse(_ malformation: FrameReader.Malformation) {
        phase = .answering
        if case .foreign(let foreign) = malformation, let answer = foreign.answer, let context {
            // Nothing else was ever written: it is the first frame of the connection.
            writer.write(text: answer, to: context)
        }
        shared.logMalformation(malformation, connection)
        settle(replies.open(), .close)
        writeReady()
    }

    /// Moves what was not used into memory of its own if that is small, so that the receive buffer can be used again.
    private func keepInput() {
        guard input.readableBytes > 0 else { return }
        if input.readableBytes * 4 < ReceiveBufferAllocator.sharedBytes { input = input.copied() }
    }

    // MARK: Replies

    /// Called on the event loop after replies of other threads were put into the inbox.
    func repliesArrived() {
        turn()
    }

    private func takeReplies() {
        let completed = connection.takeReplies()
        if completed.isEmpty { return }
        for each in completed { settle(each.sequence, each.reply) }
        writeReady()
    }

    private func settle(_ sequence: UInt64, _ waiting: WaitingReply) {
        if waiting.reply.isTooLarge {
            return close(after: sequence, reason: "a reply would be larger than the protocol allows")
        }
        settle(sequence, .reply(waiting))
    }

    private func settle(_ sequence: UInt64, _ answer: ReplyQueue<WaitingReply>.Answer) {
        if replies.settle(sequence, answer) {
            if replies.count > 1, case .reply(let waiting) = answer { heldReplyBytes += waiting.reply.byteCount }
        } else {
            if case .reply(let waiting) = answer, waiting.claimedBytes > 0 {
                connection.replyMemory.release(waiting.claimedBytes)
            }
            shared.logger.error(
                "A request of \(connection.remoteAddress) was answered twice; the second reply is dropped.")
        }
    }

    private func writeReady() {
        guard let context else { return }
        while let action = replies.next() {
            switch action {
            case .write(let waiting):
                let reply = waiting.reply
                if waiting.claimedBytes > 0 { connection.replyMemory.release(waiting.claimedBytes) }
                if heldReplyBytes > 0 { heldReplyBytes -= reply.byteCount }
                counters.noteAnswered(byteCount: reply.byteCount)
                writer.write(reply, to: context)
            case .close:
                return closeOutput()
            }
        }
        watch.answered()
        if phase == .answering && replies.isEmpty { closeOutput() }
    }

    // MARK: Memory of large frames

    private func claimMemory(_ bytes: Int) -> Bool {
        let ticket = memoryTicket ?? shared.requestMemory.makeTicket()
        memoryTicket = ticket
        let isGranted = shared.requestMemory.claim(ticket, bytes: bytes) { [connection] in
            connection.eventLoop.execute { connection.handler.value?.memoryGranted(bytes) }
        }
        if isGranted {
            frames.grant(bytes: bytes)
        } else {
            isWaitingForMemory = true
        }
        return isGranted
    }

    private func memoryGranted(_ bytes: Int) {
        isWaitingForMemory = false
        frames.grant(bytes: bytes)
        watch.received()
        turn()
    }

    private func releaseMemory() {
        if let ticket = memoryTicket.take() { shared.requestMemory.release(ticket) }
    }

    // MARK: Closing

    /// Takes no more requests, answers those in flight, closes.
    func drain() {
        guard phase == .open else { return }
        phase = .answering
        writeReady()
        turn()
    }

    func closeNow() { context?.close(promise: nil) }

    private func closeOutput() {
        guard phase == .answering, let context else { return }
        flush()
        mustCloseOutput = writer.isWaiting
        guard !mustCloseOutput else { return }
        phase = .closingOutput
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { [weak self] result in
            switch result {
            case .success: self?.linger()
            case .failure: self?.closeNow()
            }
        }
        context.close(mode: .output, promise: sent)
    }

    private func linger() {
        guard phase == .closingOutput, let context else { return }
        phase = .lingering
        lingerTimer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingerTime) { [weak self] in
            self?.closeNow()
        }
        requestRead()
    }

    // MARK: Stalls

    private func scheduleTimer() {
        timer = context?.eventLoop.assumeIsolated().scheduleTask(in: watch.interval) { [weak self] in
            self?.checkStalls()
        }
    }

    private func checkStalls() {
        guard let context else { return }
        // Only a channel that is closed does not say it, and that one has nothing left to send.
        let inChannel = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        let unsent = inChannel + writer.waitingBytes
        let verdict = watch.check(
            now: .now(), unsentBytes: unsent, sentBytes: writer.passedOnBytes - inChannel,
            isExpectingBytes: frames.holdsMemory && mayExecute, isBusy: !replies.isEmpty || isWaitingForMemory)
        switch verdict {
        case .fine: scheduleTimer()
        case .idle:
            shared.logger.debug("Closing the connection of \(connection.remoteAddress): idle")
            context.close(promise: nil)
        case .slowReader, .slowSender:
            shared.logStall(verdict, unsentBytes: unsent, connection)
            context.close(promise: nil)
        }
    }
}

extension ByteBuffer {
    /// The same readable bytes in memory of their own, of just that size.
    fileprivate func copied() -> ByteBuffer {
        var copy = ByteBufferAllocator().buffer(capacity: readableBytes)
        copy.writeImmutableBuffer(self)
        return copy
    }
}
