import KafkaProtocol
import LogStorage
import Synchronization

/// The fetch sessions of all clients, as many as the settings allow, in number and in memory (KIP-227).
///
/// When all slots are taken, the session that was unused longest gives way if it has been for two minutes; else the
/// newcomer works without a session, which costs it only larger requests.
/// Thread rule: any thread.
final class FetchSessions: Sendable {
    /// In milliseconds, as Kafka's `min.incremental.fetch.session.eviction.ms`.
    private static let evictableAfterMilliseconds: Int64 = 120_000

    private struct Slot {
        let session: FetchSession
        var lastUsedMilliseconds: Int64
    }

    private let slotsMax: Int
    private let memory: FetchSessionMemory
    private let time: any TimeSource
    private let slots = Mutex<[Int32: Slot]>([:])

    init(slotsMax: Int, bytesMax: Int, time: any TimeSource) {
        self.slotsMax = slotsMax
        memory = FetchSessionMemory(bytesMax: bytesMax)
        self.time = time
    }

    /// A new session, or nil if there is no room.
    func create(usesTopicIDs: Bool) -> FetchSession? {
        let now = time.monotonicNanoseconds / 1_000_000
        return slots.withLock { slots in
            if slots.count >= slotsMax {
                guard let oldest = slots.min(by: { $0.value.lastUsedMilliseconds < $1.value.lastUsedMilliseconds }),
                    now - oldest.value.lastUsedMilliseconds >= Self.evictableAfterMilliseconds
                else { return nil }
                slots[oldest.key] = nil
            }
            var id = Int32.random(in: 1...(.max))
            while slots[id] != nil { id = Int32.random(in: 1...(.max)) }
            let session = FetchSession(id: id, usesTopicIDs: usesTopicIDs, memory: memory)
            slots[id] = Slot(session: session, lastUsedMilliseconds: now)
            return session
        }
    }

    func find(_ id: Int32) -> FetchSession? {
        let now = time.monotonicNanoseconds / 1_000_000
        return slots.withLock { slots in
            slots[id]?.lastUsedMilliseconds = now
            return slots[id]?.session
        }
    }

    func remove(_ id: Int32) {
        slots.withLock { $0[id] = nil }
    }

    var count: Int { slots.withLock { $0.count } }
}
