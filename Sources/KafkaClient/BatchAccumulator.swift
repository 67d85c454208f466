// BatchAccumulator: collects records into one open batch a partition, and hands out requests of finished ones.
//
// No network, no clock: the producer drives it. A batch is closed when the next record would make it larger than its
// limit. A request carries at most one batch a partition, as the protocol wants it. Threads: a plain value.

import KafkaRecords

/// A finished batch on its way to the broker.
package struct ReadyBatch: Equatable, Sendable {
    package let partition: Int32
    package let bytes: [UInt8]
    package let recordCount: Int
}

package struct BatchAccumulator: Sendable {
    private let partitions: [Int32]
    private let batchMaxBytes: Int
    private var partitioner: Partitioner
    private var builders: [RecordBatchBuilder]
    private var ready: [ReadyBatch] = []
    /// Uncompressed bytes in open batches.
    package private(set) var openBytes = 0

    /// What a record takes besides key, value and headers, at most: lengths, timestamp and offset.
    private static let recordOverheadBytes = 40

    /// - Parameters:
    ///   - partitions: the topic's partitions in ascending order.
    ///   - batchMaxBytes: of an uncompressed batch; a record that is larger alone makes a batch alone.
    ///   - seed: of the partitioner.
    package init(
        partitions: [Int32], compression: Compression, level: Int? = nil, batchMaxBytes: Int, seed: UInt64? = nil
    ) {
        self.partitions = partitions
        self.batchMaxBytes = batchMaxBytes
        partitioner = Partitioner(partitionCount: partitions.count, seed: seed)
        builders = Array(repeating: RecordBatchBuilder(compression: compression, level: level), count: partitions.count)
    }

    package var hasReadyBatches: Bool { !ready.isEmpty }

    /// Adds a record to its partition's batch; nil lets the partitioner choose. `partition` has to be one of the topic's.
    ///
    /// Throws if a batch that this record makes full cannot be built (a codec failed).
    package mutating func append(
        timestamp: Int64, key: RawSpan?, value: RawSpan?, headers: [RecordHeader] = [], partition: Int32? = nil
    ) throws(RecordError) {
        let index = partition.map { Int($0) } ?? partitioner.partition(forKey: key)
        precondition(partitions.indices.contains(index), "the caller has checked the partition")
        let size = Self.sizeInBytes(key, value, headers)
        if builders[index].count > 0, builders[index].estimatedSizeInBytes + size > batchMaxBytes { try close(index) }
        let before = builders[index].estimatedSizeInBytes
        builders[index].append(timestamp: timestamp, key: key, value: value, headers: headers)
        openBytes += builders[index].estimatedSizeInBytes - before
    }

    /// Finishes all open batches.
    package mutating func closeAll() throws(RecordError) {
        for index in builders.indices where builders[index].count > 0 { try close(index) }
    }

    /// The batches of the next request, oldest first, at most one a partition, about `maxBytes` in all; at least one if
    /// there is any. Empty if nothing is ready.
    package mutating func takeRequest(maxBytes: Int) -> [ReadyBatch] {
        var taken: [ReadyBatch] = []
        var rest: [ReadyBatch] = []
        var partitions: Set<Int32> = []
        var bytes = 0
        for batch in ready {
            // A batch that waits keeps those behind it in its partition waiting: the order within a partition stays.
            let isFirstOfPartition = partitions.insert(batch.partition).inserted
            if isFirstOfPartition, taken.isEmpty || bytes + batch.bytes.count <= maxBytes {
                taken.append(batch)
                bytes += batch.bytes.count
            } else {
                rest.append(batch)
            }
        }
        ready = rest
        return taken
    }

    private mutating func close(_ index: Int) throws(RecordError) {
        let count = builders[index].count
        openBytes -= builders[index].estimatedSizeInBytes - BatchLayout.headerSize
        let bytes = try builders[index].build()
        ready.append(ReadyBatch(partition: partitions[index], bytes: bytes, recordCount: count))
        partitioner.batchIsFull(index)
    }

    private static func sizeInBytes(_ key: RawSpan?, _ value: RawSpan?, _ headers: [RecordHeader]) -> Int {
        var size = recordOverheadBytes + (key?.byteCount ?? 0) + (value?.byteCount ?? 0)
        for header in headers { size += 10 + header.key.utf8.count + (header.value?.count ?? 0) }
        return size
    }
}
