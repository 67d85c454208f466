import KafkaProtocol
import LogStorage

/// What a fetch wants from one partition, and what it got.
struct FetchTarget: Sendable {
    let key: FetchKey
    /// nil if the broker does not have the partition; `error` then says so.
    let partition: Partition?
    let error: ErrorCode
    let position: FetchPosition
}

/// The partition as the client names it: by topic id from version 13 on, before by topic name.
struct FetchKey: Hashable, Sendable {
    let topic: String
    let topicID: Uuid
    let partition: Int32
}

/// Where in a partition to read, and what the client believes about it.
struct FetchPosition: Equatable, Sendable {
    var fetchOffset: Int64
    var maxBytes: Int32
    /// -1: the client does not know it.
    var currentLeaderEpoch: Int32
    /// Epoch of the last record that the client has, -1 if it does not say (KIP-595).
    var lastFetchedEpoch: Int32

    init(_ request: FetchRequest.FetchPartition) {
        fetchOffset = request.fetchOffset
        maxBytes = request.partitionMaxBytes
        currentLeaderEpoch = request.currentLeaderEpoch
        lastFetchedEpoch = request.lastFetchedEpoch
    }
}

struct FetchResult: Sendable {
    var error: ErrorCode = .none
    var bounds: Partition.Bounds?
    var slice: LogSlice?
    /// Where the client's log and ours part ways.
    var diverging: FetchResponse.EpochEndOffset?
    var readAhead: ReadAhead?

    var byteCount: Int { slice?.count ?? 0 }
}

extension FetchTarget {
    /// Reads from the partition; nil if that had to wait for the disk and must not.
    func read(maxBytes: Int, atLeastOneBatch: Bool, access: DiskAccess) -> FetchResult? {
        guard let partition else { return FetchResult(error: error) }
        do throws(StorageError) {
            if access == .waiting { try partition.prepareLookup(of: position.fetchOffset) }
            let bounds = try partition.bounds(access)
            if let error = LeaderEpoch.objection(to: position.currentLeaderEpoch, actual: bounds.leaderEpoch) {
                return FetchResult(error: error, bounds: bounds)
            }
            if let diverging = try divergence(partition) { return FetchResult(bounds: bounds, diverging: diverging) }
            let read = try partition.read(
                from: position.fetchOffset, maxBytes: min(maxBytes, max(0, Int(position.maxBytes))),
                atLeastOneBatch: atLeastOneBatch, access: access)
            return FetchResult(bounds: read.bounds, slice: read.slice, readAhead: read.readAhead)
        } catch {
            if error.code == .wouldWait { return nil }
            if error.code == .corrupt { partition.noteDamage(error.message) }
            return FetchResult(error: ErrorCode(error))
        }
    }

    private func divergence(_ partition: Partition) throws(StorageError) -> FetchResponse.EpochEndOffset? {
        guard position.lastFetchedEpoch >= 0 else { return nil }
        let end = try partition.endOffset(forLeaderEpoch: position.lastFetchedEpoch)
        guard end.epoch >= 0, end.endOffset >= 0 else {
            // An empty answer would look like "nothing new", and the client would ask the same for ever.
            throw StorageError(
                .offsetOutOfRange(start: position.fetchOffset, end: position.fetchOffset),
                "The log has no epoch \(position.lastFetchedEpoch) of which it could say where it ended.")
        }
        guard end.epoch < position.lastFetchedEpoch || end.endOffset < position.fetchOffset else { return nil }
        return .init(epoch: end.epoch, endOffset: end.endOffset)
    }
}
