// FetchedRecords: the record batches of one fetch response, still in its frame, and a walk over their records.
//
// Nothing is copied on the way: keys and values are views into the frame, or into the decompressed batch. Threads: a
// Sendable value; the views live as long as the call that they are handed to.

import KafkaRecords
import NIOCore

/// A view of one record.
package struct RecordView: ~Escapable {
    package let partition: Int32
    package let offset: Int64
    /// Milliseconds since 1970; -1 is "none".
    package let timestamp: Int64
    private let payload: RawSpan
    private let fields: RecordFields

    @_lifetime(copy payload)
    init(partition: Int32, header: BatchHeader, payload: RawSpan, fields: RecordFields) {
        self.partition = partition
        offset = header.baseOffset &+ Int64(fields.offsetDelta)
        timestamp = header.timestamp(ofDelta: fields.timestampDelta)
        self.payload = payload
        self.fields = fields
    }

    /// nil is the null key.
    package var key: RawSpan? {
        @_lifetime(copy self)
        get {
            guard let range = fields.key else { return nil }
            return payload.extracting(range)
        }
    }

    /// nil is the null value: on a compacted topic a tombstone.
    package var value: RawSpan? {
        @_lifetime(copy self)
        get {
            guard let range = fields.value else { return nil }
            return payload.extracting(range)
        }
    }

    package var headerCount: Int { fields.headerCount }

    /// Hands out name and value of each header, in order.
    package func forEachHeader(_ body: (_ name: RawSpan, _ value: RawSpan?) -> Void) {
        var headers = HeaderIterator(payload, in: fields.headers, count: fields.headerCount)
        while let header = headers.next() {
            if let value = header.value {
                body(payload.extracting(header.key), payload.extracting(value))
            } else {
                body(payload.extracting(header.key), nil)
            }
        }
    }
}

package struct FetchedRecords: Sendable {
    struct Batches: Sendable {
        let partition: Int32
        /// Records before this offset were not asked for: a batch is sent whole.
        let startOffset: Int64
        /// Records from this offset on are not wanted.
        let endOffset: Int64
        /// Where the partition is to be read on after these.
        let nextOffset: Int64
        let bytes: ByteBuffer
    }

    let partitions: [Batches]
    let decompressedLimitBytes: Int

    /// By partition, the first offset that is neither in these records nor before them.
    package var nextOffsets: [Int32: Int64] {
        Dictionary(
            partitions.map { ($0.partition, min($0.nextOffset, $0.endOffset)) }, uniquingKeysWith: { _, later in later }
        )
    }

    /// Hands out the records, partition by partition, in order of their offsets, until `body` returns false.
    ///
    /// Throws `.invalidRecords` for a batch that is damaged; records before it were handed out.
    package func visitRecords(_ body: (RecordView) -> Bool) throws(ClientError) {
        for batches in partitions {
            do throws(RecordError) {
                guard try walk(batches, body) else { return }
            } catch {
                throw ClientError(
                    .invalidRecords, "partition \(batches.partition), from offset \(batches.startOffset) on: \(error)")
            }
        }
    }

    private func walk(_ batches: Batches, _ body: (RecordView) -> Bool) throws(RecordError) -> Bool {
        let bytes = batches.bytes.readableBytesSpan
        var position = 0
        while let header = try wholeBatch(bytes, at: position) {
            let batch = try RecordBatch(bytes.extracting(droppingFirst: position))
            position += header.sizeInBytes
            // Control batches mark the ends of transactions; they are no data.
            if header.isControl || header.lastOffset < batches.startOffset { continue }
            if header.baseOffset >= batches.endOffset { return true }
            try batch.verifyChecksum()
            let goOn: Bool
            if header.compression == Compression.none {
                goOn = try walkRecords(header, batch.payload, batches, body)
            } else {
                let payload = try batch.decompressedPayload(limitBytes: decompressedLimitBytes)
                goOn = try walkRecords(header, payload.span.bytes, batches, body)
            }
            if !goOn { return false }
        }
        return true
    }

    private func walkRecords(
        _ header: BatchHeader, _ payload: RawSpan, _ batches: Batches, _ body: (RecordView) -> Bool
    ) throws(RecordError) -> Bool {
        var iterator = RecordIterator(payload, count: header.recordCount)
        while let fields = try iterator.next() {
            let offset = header.baseOffset &+ Int64(fields.offsetDelta)
            if offset < batches.startOffset || offset >= batches.endOffset { continue }
            let record = RecordView(partition: batches.partition, header: header, payload: payload, fields: fields)
            guard body(record) else { return false }
        }
        return true
    }
}

/// The header of the batch at `position`, nil if the rest is no whole batch: a broker may cut the last one.
func wholeBatch(_ bytes: RawSpan, at position: Int) throws(RecordError) -> BatchHeader? {
    guard bytes.byteCount - position >= BatchLayout.headerSize else { return nil }
    let header = try BatchHeader(parsing: bytes, at: position)
    return header.sizeInBytes <= bytes.byteCount - position ? header : nil
}
