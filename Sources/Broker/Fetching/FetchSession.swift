import KafkaProtocol
import Synchronization

/// A fetch session: the broker remembers what a client fetches, so that both sides state only what changed (KIP-227).
///
/// Thread rule: any thread; the state is behind a lock, and a session is used by one request at a time: its epoch sees to
/// that.
final class FetchSession: Sendable {
    let id: Int32
    /// Whether its topics are named by id (version 13 and later). A session cannot change that.
    let usesTopicIDs: Bool

    private struct Entry {
        /// With its key, in the array and in the dictionary.
        static let overheadBytes = 250

        var position: FetchPosition
        /// What the client was last told; nil if it was not told anything yet.
        var told: (highWatermark: Int64, logStartOffset: Int64)?
    }

    private struct State {
        var nextEpoch: Int32 = 1
        var keys: [FetchKey] = []
        var entries: [FetchKey: Entry] = [:]
        /// Where the next reading starts, so that no partition goes without for ever when replies are full.
        var firstIndex = 0
        /// Claimed of the memory for all sessions.
        var claimedBytes = 0
    }

    private let memory: FetchSessionMemory
    private let state = Mutex(State())

    init(id: Int32, usesTopicIDs: Bool, memory: FetchSessionMemory) {
        self.id = id
        self.usesTopicIDs = usesTopicIDs
        self.memory = memory
    }

    deinit { memory.release(state.withLock { $0.claimedBytes }) }

    var partitionCount: Int { state.withLock { $0.keys.count } }

    /// Takes the next epoch; false if that is not what the client has.
    func advance(from epoch: Int32) -> Bool {
        state.withLock { state in
            guard epoch == state.nextEpoch else { return false }
            // Epoch 0 asks for a new session, so it is skipped when the number wraps.
            state.nextEpoch = epoch == .max ? 1 : epoch + 1
            return true
        }
    }

    /// False if there is no memory for all of it: the session cannot be used any more.
    func update(_ changes: [(key: FetchKey, position: FetchPosition)], forgetting forgotten: [FetchKey]) -> Bool {
        state.withLock { state in
            for (key, position) in changes {
                if state.entries[key] == nil {
                    guard memory.claim(Self.byteCount(of: key)) else { return false }
                    state.claimedBytes += Self.byteCount(of: key)
                    state.keys.append(key)
                    state.entries[key] = Entry(position: position)
                } else {
                    state.entries[key]?.position = position
                }
            }
            guard !forgotten.isEmpty else { return true }
            for key in forgotten where state.entries.removeValue(forKey: key) != nil {
                state.claimedBytes -= Self.byteCount(of: key)
                memory.release(Self.byteCount(of: key))
            }
            state.keys.removeAll { state.entries[$0] == nil }
            state.firstIndex = 0
            return true
        }
    }

    private static func byteCount(of key: FetchKey) -> Int { Entry.overheadBytes + key.topic.utf8.count }

    /// The partitions to read now, in turn.
    func positions() -> [(key: FetchKey, position: FetchPosition)] {
        state.withLock { state in
            let order = state.keys[state.firstIndex...] + state.keys[..<state.firstIndex]
            return order.compactMap { key in state.entries[key].map { (key, $0.position) } }
        }
    }

    /// Notes what the client is being told, and says which results it has to be told at all: in an incremental reply those
    /// with records, an error, or a moved high watermark or log start.
    func record(_ results: [(key: FetchKey, result: FetchResult)], isFull: Bool) -> [Bool] {
        state.withLock { state in
            var lastWithRecords: FetchKey?
            let mustTell = results.map { key, result in
                if result.byteCount > 0 { lastWithRecords = key }
                guard let told = state.entries[key]?.told, !isFull else {
                    remember(result, of: key, in: &state)
                    return true
                }
                let hasMoved =
                    result.bounds.map {
                        ($0.highWatermark, $0.logStartOffset) != (told.highWatermark, told.logStartOffset)
                    }
                    ?? false
                guard result.byteCount > 0 || result.error != .none || result.diverging != nil || hasMoved else {
                    return false
                }
                remember(result, of: key, in: &state)
                return true
            }
            if let lastWithRecords, let index = state.keys.firstIndex(of: lastWithRecords) {
                state.firstIndex = (index + 1) % state.keys.count
            }
            return mustTell
        }
    }

    private func remember(_ result: FetchResult, of key: FetchKey, in state: inout State) {
        // After an error the client is told everything again.
        state.entries[key]?.told =
            result.error == .none ? result.bounds.map { ($0.highWatermark, $0.logStartOffset) } : nil
    }
}
