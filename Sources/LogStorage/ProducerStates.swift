// What one partition remembers about its idempotent producers, by Kafka's rules: duplicates of the last five batches are
// recognised, gaps refused, older epochs fenced (KIP-98; ProducerStateManager and ProducerAppendInfo in Kafka).
//
// Layout on disk: `ProducerSnapshot`. Crash rule: rebuilt from the newest good snapshot and the batches behind it.
// Thread rule: plain value, guarded by the partition's lock. Without producers it owns no memory.

import KafkaRecords

/// What to do with a batch that carries a producer id.
package enum ProducerCheck: Equatable, Sendable {
    case append
    /// The same batch was appended before: answer with these and append nothing.
    case duplicate(baseOffset: Int64, lastOffset: Int64, timestamp: Int64)
    /// Refuse with the protocol's error of the same name; the message is for the client.
    case rejected(ProducerRejection, message: String)
}

package enum ProducerRejection: Equatable, Sendable {
    /// INVALID_PRODUCER_EPOCH: a newer epoch of this producer has written.
    case invalidProducerEpoch
    /// OUT_OF_ORDER_SEQUENCE_NUMBER: batches between are missing, or it is a duplicate older than five batches.
    case outOfOrderSequence
}

/// One producer as DescribeProducers shows it.
package struct ProducerSummary: Equatable, Sendable {
    package let producerID: Int64
    package let producerEpoch: Int16
    package let lastSequence: Int32
    /// Milliseconds since 1970 of its last batch.
    package let lastTimestamp: Int64
    package let coordinatorEpoch: Int32
    /// -1 without a transaction.
    package let currentTransactionStartOffset: Int64
}

struct ProducerStates: Equatable {
    private(set) var entries: [Int64: ProducerEntry] = [:]

    /// Judges a batch from a client. Changes nothing.
    func check(_ header: BatchHeader) -> ProducerCheck {
        guard let entry = entries[header.producerID] else { return .append }
        // Kafka, too, takes any first sequence of a producer it does not know: its records may have been deleted.
        if let duplicate = entry.duplicate(of: header) {
            return .duplicate(
                baseOffset: duplicate.firstOffset, lastOffset: duplicate.lastOffset, timestamp: duplicate.timestamp)
        }
        if header.producerEpoch < entry.epoch {
            return .rejected(
                .invalidProducerEpoch,
                message: "Epoch \(header.producerEpoch) of producer \(header.producerID) is older than the last seen "
                    + "epoch \(entry.epoch).")
        }
        if header.producerEpoch > entry.epoch {
            if header.baseSequence == 0 || entry.epoch == ProducerEntry.noEpoch { return .append }
            return outOfOrder(header, expected: 0)
        }
        let expected = entry.lastSequence == Int32.max ? 0 : entry.lastSequence + 1
        return header.baseSequence == expected ? .append : outOfOrder(header, expected: expected)
    }

    private func outOfOrder(_ header: BatchHeader, expected: Int32) -> ProducerCheck {
        .rejected(
            .outOfOrderSequence,
            message: "Sequence number \(header.baseSequence) of producer \(header.producerID) (epoch "
                + "\(header.producerEpoch)) is out of order: \(expected) expected.")
    }

    /// Takes note of an appended batch; batches without a producer id and control batches carry no sequence.
    ///
    /// - Parameter now: when the producer was heard of. Not what the records say: an idempotent producer of old events would
    ///   be forgotten at the next start.
    mutating func record(_ header: BatchHeader, now: Int64, limit: Int) {
        guard header.producerID >= 0 else { return }
        if entries[header.producerID] == nil {
            if entries.count >= limit { forgetIdlest() }
            entries[header.producerID] = ProducerEntry()
        }
        if header.isControl {
            entries[header.producerID]?.closeTransaction(epoch: header.producerEpoch, timestamp: now)
        } else {
            entries[header.producerID]?.append(header, now: now)
        }
    }

    mutating func restore(_ producerID: Int64, _ entry: ProducerEntry) { entries[producerID] = entry }

    /// Takes over older batches of producers whose newest one is the same here and there.
    mutating func recall(_ older: ProducerStates) {
        for (id, found) in older.entries where entries[id].map({ $0.epoch == found.epoch }) ?? false {
            guard let last = entries[id]?.last, found.last?.lastOffset == last.lastOffset else { continue }
            entries[id]?.takeBatches(of: found)
        }
    }

    /// Forgets who wrote nothing for `idleMilliseconds`.
    mutating func expire(now: Int64, idleMilliseconds: Int64) {
        // The timestamp came from a client and may be anything: nothing may be subtracted from it or it from anything.
        let oldest = now - idleMilliseconds
        for (id, entry) in entries where entry.transactionStart < 0 && entry.lastTimestamp <= oldest {
            entries[id] = nil
        }
        if entries.isEmpty { entries = [:] }
    }

    private mutating func forgetIdlest() {
        guard let idlest = entries.min(by: { $0.value.lastTimestamp < $1.value.lastTimestamp }) else { return }
        entries[idlest.key] = nil
    }

    /// Where the oldest transaction starts that has not ended.
    var firstOpenTransaction: Int64? {
        entries.values.lazy.map(\.transactionStart).filter { $0 >= 0 }.min()
    }

    /// Last offset of each producer's last batch.
    var lastOffsets: [Int64: Int64] { entries.compactMapValues { $0.last?.lastOffset } }

    var summaries: [ProducerSummary] {
        entries.map { id, entry in
            ProducerSummary(
                producerID: id, producerEpoch: entry.epoch, lastSequence: entry.lastSequence,
                lastTimestamp: entry.lastTimestamp, coordinatorEpoch: entry.coordinatorEpoch,
                currentTransactionStartOffset: entry.transactionStart)
        }.sorted { $0.producerID < $1.producerID }
    }
}
