// One producer in one partition: its epoch and its last five batches.
//
// Thread rule: plain value without references, so that a table of them is one allocation.

import KafkaRecords

struct ProducerEntry: Equatable {
    static let batchesKept = 5
    static let noEpoch: Int16 = -1
    static let noSequence: Int32 = -1

    struct Batch: Equatable {
        var lastSequence: Int32 = noSequence
        /// Last sequence minus first, and last offset minus first.
        var offsetDelta: Int32 = 0
        var lastOffset: Int64 = -1
        var timestamp: Int64 = -1

        var firstOffset: Int64 { lastOffset - Int64(offsetDelta) }
        /// Numbers before 0 are those below `Int32.max`.
        var firstSequence: Int32 { (lastSequence &- offsetDelta) & Int32.max }
    }

    private(set) var epoch = noEpoch
    private(set) var coordinatorEpoch: Int32 = -1
    /// Milliseconds since 1970 when it was last heard of.
    private(set) var lastTimestamp: Int64 = -1
    /// First offset of the open transaction, -1 without one.
    private(set) var transactionStart: Int64 = -1
    /// A ring; the newest is at `newest`.
    private var ring: [5 of Batch] = .init(repeating: Batch())
    private var ringCount = 0
    private var newest = batchesKept - 1

    init() {}

    /// As a snapshot holds it: only the last batch is known.
    init(epoch: Int16, coordinatorEpoch: Int32, lastTimestamp: Int64, transactionStart: Int64, last: Batch?) {
        self.epoch = epoch
        self.coordinatorEpoch = coordinatorEpoch
        self.lastTimestamp = lastTimestamp
        self.transactionStart = transactionStart
        if let last { push(last) }
    }

    static func == (left: ProducerEntry, right: ProducerEntry) -> Bool {
        left.epoch == right.epoch && left.coordinatorEpoch == right.coordinatorEpoch
            && left.lastTimestamp == right.lastTimestamp && left.transactionStart == right.transactionStart
            && left.batches == right.batches
    }

    /// Oldest first.
    var batches: [Batch] {
        (0..<ringCount).map { ring[(newest + 1 + Self.batchesKept - ringCount + $0) % Self.batchesKept] }
    }
    var last: Batch? { ringCount == 0 ? nil : ring[newest] }
    var lastSequence: Int32 { last?.lastSequence ?? Self.noSequence }

    /// The remembered batch with exactly this epoch and sequence range.
    func duplicate(of header: BatchHeader) -> Batch? {
        guard header.producerEpoch == epoch else { return nil }
        for slot in 0..<ringCount {
            let batch = ring[(newest + Self.batchesKept - slot) % Self.batchesKept]
            if batch.firstSequence == header.baseSequence && batch.lastSequence == header.lastSequence { return batch }
        }
        return nil
    }

    mutating func append(_ header: BatchHeader, now: Int64) {
        adopt(header.producerEpoch)
        push(
            Batch(
                lastSequence: header.lastSequence, offsetDelta: header.lastOffsetDelta, lastOffset: header.lastOffset,
                timestamp: header.maxTimestamp))
        lastTimestamp = now
        if header.isTransactional && transactionStart < 0 { transactionStart = header.baseOffset }
    }

    mutating func closeTransaction(epoch: Int16, timestamp: Int64) {
        adopt(epoch)
        lastTimestamp = timestamp
        transactionStart = -1
    }

    /// The batches of another entry of the same producer and epoch, which knows more of them.
    mutating func takeBatches(of other: ProducerEntry) {
        (ring, ringCount, newest) = (other.ring, other.ringCount, other.newest)
    }

    /// A new epoch starts its sequences again.
    private mutating func adopt(_ newEpoch: Int16) {
        guard newEpoch != epoch else { return }
        epoch = newEpoch
        ringCount = 0
    }

    private mutating func push(_ batch: Batch) {
        newest = (newest + 1) % Self.batchesKept
        ring[newest] = batch
        ringCount = min(ringCount + 1, Self.batchesKept)
    }
}
