// BatchHeader: the 61 bytes before the records of a batch v2, as a plain value.
//
// Layout: BatchLayout. Parsing reads the header only; it does not ask whether the whole batch is there.

/// The header of a record batch v2 (https://kafka.apache.org/documentation/#recordbatch).
package struct BatchHeader: Sendable, Equatable {
    /// The offset of the first record (of a compacted batch: the one that it had).
    package var baseOffset: Int64
    /// Bytes of the batch behind this field.
    package var batchLength: Int32
    package var partitionLeaderEpoch: Int32
    package var magic: Int8
    package var crc: UInt32
    package var attributes: Int16
    /// The offset of the last record minus `baseOffset`; kept by compaction even if that record went.
    package var lastOffsetDelta: Int32
    /// Milliseconds since 1970 to which the records' timestamps are relative.
    package var baseTimestamp: Int64
    /// Milliseconds since 1970; -1 is "none".
    package var maxTimestamp: Int64
    /// -1 for a producer that is not idempotent.
    package var producerID: Int64
    package var producerEpoch: Int16
    package var baseSequence: Int32
    package var recordCount: Int32

    /// Reads the header at `position` of `bytes`.
    ///
    /// Throws `.truncated` unless 61 bytes are there, `.unsupportedMagic` unless the format is 2, and
    /// `.invalidBatchLength` if the length has no room for a header. Whether the whole batch is there is not checked.
    package init(parsing bytes: RawSpan, at position: Int = 0) throws(RecordError) {
        assert(BatchLayout.headerSize == 61, "the header of a record batch v2 has 61 bytes")
        let available = bytes.byteCount - position
        guard position >= 0, available >= BatchLayout.headerSize else {
            throw .truncated(needed: BatchLayout.headerSize, available: max(available, 0))
        }
        magic = bytes.bigEndian(at: position + BatchLayout.magic)
        guard magic == BatchLayout.currentMagic else { throw .unsupportedMagic(magic) }
        batchLength = bytes.bigEndian(at: position + BatchLayout.batchLength)
        guard batchLength >= BatchLayout.minimumBatchLength else { throw .invalidBatchLength(batchLength) }
        baseOffset = bytes.bigEndian(at: position + BatchLayout.baseOffset)
        partitionLeaderEpoch = bytes.bigEndian(at: position + BatchLayout.partitionLeaderEpoch)
        crc = bytes.bigEndian(at: position + BatchLayout.crc)
        attributes = bytes.bigEndian(at: position + BatchLayout.attributes)
        lastOffsetDelta = bytes.bigEndian(at: position + BatchLayout.lastOffsetDelta)
        baseTimestamp = bytes.bigEndian(at: position + BatchLayout.baseTimestamp)
        maxTimestamp = bytes.bigEndian(at: position + BatchLayout.maxTimestamp)
        producerID = bytes.bigEndian(at: position + BatchLayout.producerID)
        producerEpoch = bytes.bigEndian(at: position + BatchLayout.producerEpoch)
        baseSequence = bytes.bigEndian(at: position + BatchLayout.baseSequence)
        recordCount = bytes.bigEndian(at: position + BatchLayout.recordCount)
    }

    package init(
        baseOffset: Int64 = 0, batchLength: Int32 = BatchLayout.minimumBatchLength, partitionLeaderEpoch: Int32 = -1,
        magic: Int8 = BatchLayout.currentMagic, crc: UInt32 = 0, attributes: Int16 = 0, lastOffsetDelta: Int32 = 0,
        baseTimestamp: Int64 = -1, maxTimestamp: Int64 = -1, producerID: Int64 = -1, producerEpoch: Int16 = -1,
        baseSequence: Int32 = -1, recordCount: Int32 = 0
    ) {
        self.baseOffset = baseOffset
        self.batchLength = batchLength
        self.partitionLeaderEpoch = partitionLeaderEpoch
        self.magic = magic
        self.crc = crc
        self.attributes = attributes
        self.lastOffsetDelta = lastOffsetDelta
        self.baseTimestamp = baseTimestamp
        self.maxTimestamp = maxTimestamp
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.baseSequence = baseSequence
        self.recordCount = recordCount
    }

    /// Overwrites the 61 bytes at `position`; traps if the array has no room for them. The CRC is written as it is.
    package func write(into bytes: inout [UInt8], at position: Int = 0) {
        bytes.storeBigEndian(baseOffset, at: position + BatchLayout.baseOffset)
        bytes.storeBigEndian(batchLength, at: position + BatchLayout.batchLength)
        bytes.storeBigEndian(partitionLeaderEpoch, at: position + BatchLayout.partitionLeaderEpoch)
        bytes.storeBigEndian(magic, at: position + BatchLayout.magic)
        bytes.storeBigEndian(crc, at: position + BatchLayout.crc)
        bytes.storeBigEndian(attributes, at: position + BatchLayout.attributes)
        bytes.storeBigEndian(lastOffsetDelta, at: position + BatchLayout.lastOffsetDelta)
        bytes.storeBigEndian(baseTimestamp, at: position + BatchLayout.baseTimestamp)
        bytes.storeBigEndian(maxTimestamp, at: position + BatchLayout.maxTimestamp)
        bytes.storeBigEndian(producerID, at: position + BatchLayout.producerID)
        bytes.storeBigEndian(producerEpoch, at: position + BatchLayout.producerEpoch)
        bytes.storeBigEndian(baseSequence, at: position + BatchLayout.baseSequence)
        bytes.storeBigEndian(recordCount, at: position + BatchLayout.recordCount)
    }
}

// What follows from the fields. Arithmetic wraps: a header may come from a stranger, and reading it must not trap.
extension BatchHeader {
    /// The whole batch, header included.
    package var sizeInBytes: Int { BatchLayout.lengthOverhead + Int(batchLength) }

    package var lastOffset: Int64 { baseOffset &+ Int64(lastOffsetDelta) }

    /// The offset that the record behind this batch gets.
    package var nextOffset: Int64 { lastOffset &+ 1 }

    /// The sequence number of the last record; numbers go on at 0 behind `Int32.max`. -1 without a producer id.
    package var lastSequence: Int32 {
        guard baseSequence >= 0 else { return -1 }
        return (baseSequence &+ lastOffsetDelta) & Int32.max
    }

    /// nil if the id is not one of a known codec.
    package var compression: Compression? { Compression(rawValue: compressionID) }

    package var compressionID: UInt8 { UInt8(attributes & BatchAttributes.compressionMask) }

    package var timestampType: TimestampType {
        attributes & BatchAttributes.logAppendTime == 0 ? .createTime : .logAppendTime
    }

    package var isTransactional: Bool { attributes & BatchAttributes.transactional != 0 }

    /// From when on its tombstones and markers may go, in milliseconds since 1970: once a cleaner has set it, this stands in
    /// the base timestamp's place (KIP-534).
    package var deleteHorizon: Int64? { attributes & BatchAttributes.deleteHorizon == 0 ? nil : baseTimestamp }

    /// The batch holds a transaction marker, not records of a user.
    package var isControl: Bool { attributes & BatchAttributes.control != 0 }
}
