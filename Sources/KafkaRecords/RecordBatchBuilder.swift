// RecordBatchBuilder: makes one batch v2, record by record.
//
// The records are encoded as they come, behind room for the header; `build` compresses them if asked and fills the
// header in. The first record's timestamp is the base timestamp, as in the Java client.

/// Collects records and makes a batch of them. A value: a copy can be built on its own.
package struct RecordBatchBuilder: Sendable {
    package var baseOffset: Int64
    package var partitionLeaderEpoch: Int32
    package var producerID: Int64
    package var producerEpoch: Int16
    package var baseSequence: Int32
    package let compression: Compression
    package let compressionLevel: Int?
    /// The attributes of the batch, the codec's bits included.
    private let attributes: Int16

    /// The header's room and the records so far.
    private var bytes: [UInt8]
    private var baseTimestamp: Int64 = -1
    private var maxTimestamp: Int64 = -1
    private var lastOffsetDelta: Int32 = -1
    /// Records appended since the last `build`.
    package private(set) var count = 0

    package init(
        compression: Compression = .none, level: Int? = nil, timestampType: TimestampType = .createTime,
        baseOffset: Int64 = 0, partitionLeaderEpoch: Int32 = -1, producerID: Int64 = -1, producerEpoch: Int16 = -1,
        baseSequence: Int32 = -1, isTransactional: Bool = false, isControl: Bool = false
    ) {
        self.compression = compression
        self.compressionLevel = level
        self.baseOffset = baseOffset
        self.partitionLeaderEpoch = partitionLeaderEpoch
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.baseSequence = baseSequence
        var attributes = Int16(compression.rawValue)
        if timestampType == .logAppendTime { attributes |= BatchAttributes.logAppendTime }
        if isTransactional { attributes |= BatchAttributes.transactional }
        if isControl { attributes |= BatchAttributes.control }
        self.attributes = attributes
        bytes = [UInt8](repeating: 0, count: BatchLayout.headerSize)
    }

    /// The size of the batch if it were built now without compressing.
    package var estimatedSizeInBytes: Int { bytes.count }

    /// Adds a record.
    /// - Parameters:
    ///   - timestamp: milliseconds since 1970; -1 is "none".
    ///   - offsetDelta: its place in the batch; nil is the one behind the last. Only compacted batches have gaps.
    package mutating func append(
        timestamp: Int64, key: [UInt8]?, value: [UInt8]?, headers: [RecordHeader] = [], offsetDelta: Int32? = nil
    ) {
        begin(timestamp, key?.count, value?.count, headers, offsetDelta)
        bytes.appendVarint(Int64(key?.count ?? -1))
        if let key { bytes += key }
        bytes.appendVarint(Int64(value?.count ?? -1))
        if let value { bytes += value }
        end(headers)
    }

    /// The same from borrowed bytes, which are copied into the batch once.
    @_disfavoredOverload
    package mutating func append(
        timestamp: Int64, key: RawSpan?, value: RawSpan?, headers: [RecordHeader] = [], offsetDelta: Int32? = nil
    ) {
        begin(timestamp, key?.byteCount, value?.byteCount, headers, offsetDelta)
        bytes.appendVarint(Int64(key?.byteCount ?? -1))
        if let key { bytes.append(key) }
        bytes.appendVarint(Int64(value?.byteCount ?? -1))
        if let value { bytes.append(value) }
        end(headers)
    }

    /// The finished batch. Afterwards the builder is empty and keeps its settings (`baseOffset`, `baseSequence`, …).
    ///
    /// `lastOffsetDelta` nil is the last record's; a compacted batch may keep a larger one, and then have no records.
    /// Throws `.invalidBatch` if there is nothing to build or more than a batch's length field can say.
    package mutating func build(lastOffsetDelta: Int32? = nil) throws(RecordError) -> [UInt8] {
        let last = lastOffsetDelta ?? self.lastOffsetDelta
        guard last >= self.lastOffsetDelta, last >= 0 else { throw .invalidBatch("no records to build it of") }
        var batch: [UInt8] = []
        if compression != .none, count > 0 {
            let records = bytes.span.bytes.extracting(droppingFirst: BatchLayout.headerSize)
            batch = [UInt8](repeating: 0, count: BatchLayout.headerSize)
            batch += try compression.compress(records, level: compressionLevel)
        }
        let size = batch.isEmpty ? bytes.count : batch.count
        guard let length = Int32(exactly: size - BatchLayout.lengthOverhead), let count = Int32(exactly: count)
        else { throw .invalidBatch("\(size) bytes are too many") }
        // Moved, not copied: nothing can fail from here on.
        if batch.isEmpty { swap(&batch, &bytes) }
        BatchHeader(
            baseOffset: baseOffset, batchLength: length, partitionLeaderEpoch: partitionLeaderEpoch,
            attributes: attributes, lastOffsetDelta: last, baseTimestamp: baseTimestamp, maxTimestamp: maxTimestamp,
            producerID: producerID, producerEpoch: producerEpoch, baseSequence: baseSequence, recordCount: count
        ).write(into: &batch)
        rewriteChecksum(&batch)
        reset()
        return batch
    }

    private mutating func reset() {
        if bytes.isEmpty {
            bytes = [UInt8](repeating: 0, count: BatchLayout.headerSize)
        } else {
            bytes.removeSubrange(BatchLayout.headerSize...)
        }
        baseTimestamp = -1
        maxTimestamp = -1
        lastOffsetDelta = -1
        count = 0
    }

    /// Writes what stands before the key.
    private mutating func begin(
        _ timestamp: Int64, _ keyCount: Int?, _ valueCount: Int?, _ headers: [RecordHeader], _ offsetDelta: Int32?
    ) {
        let delta = offsetDelta ?? lastOffsetDelta + 1
        precondition(delta > lastOffsetDelta, "offsets rise within a batch")
        lastOffsetDelta = delta
        if count == 0 { baseTimestamp = timestamp }
        maxTimestamp = max(maxTimestamp, timestamp)
        count += 1

        let timestampDelta = timestamp &- baseTimestamp
        let size =
            1 + Varint.sizeInBytes(timestampDelta) + Varint.sizeInBytes(Int64(delta)) + Self.fieldSize(keyCount)
            + Self.fieldSize(valueCount) + Self.headersSize(headers)
        bytes.appendVarint(Int64(size))
        bytes.append(0)  // attributes: no bit is used
        bytes.appendVarint(timestampDelta)
        bytes.appendVarint(Int64(delta))
    }

    private mutating func end(_ headers: [RecordHeader]) {
        bytes.appendVarint(Int64(headers.count))
        for header in headers {
            bytes.appendVarint(Int64(header.key.utf8.count))
            bytes += header.key.utf8
            bytes.appendVarint(Int64(header.value?.count ?? -1))
            if let value = header.value { bytes += value }
        }
    }

    /// A length and the bytes that it counts; nil is null.
    private static func fieldSize(_ count: Int?) -> Int {
        Varint.sizeInBytes(Int64(count ?? -1)) + (count ?? 0)
    }

    private static func headersSize(_ headers: [RecordHeader]) -> Int {
        var size = Varint.sizeInBytes(Int64(headers.count))
        for header in headers { size += fieldSize(header.key.utf8.count) + fieldSize(header.value?.count) }
        return size
    }
}
