import LogStorage

/// A partition and what of it is to be made durable.
struct PendingFlush: Sendable {
    let partition: Partition
    let target: FlushTarget
}

extension PendingFlush {
    /// What has to be made durable of partitions, and which of them are offline.
    ///
    /// - Parameter acceptsJournal: as of `Log.beginFlush`.
    static func begin(
        _ partitions: some Sequence<Partition>, acceptsJournal: Bool
    ) -> (flushes: [PendingFlush], failures: [ObjectIdentifier: StorageError]) {
        var flushes: [PendingFlush] = []
        var failures: [ObjectIdentifier: StorageError] = [:]
        for partition in partitions {
            do throws(StorageError) {
                guard let target = try partition.beginFlush(acceptsJournal: acceptsJournal) else { continue }
                flushes.append(PendingFlush(partition: partition, target: target))
            } catch {
                failures[ObjectIdentifier(partition)] = error
            }
        }
        return (flushes, failures)
    }
}
