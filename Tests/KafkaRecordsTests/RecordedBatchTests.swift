import KafkaRecords
import TestSupport
import Testing

@Suite struct RecordedBatchTests {
    @Test(arguments: RecordedBatches.codecs.map(\.name))
    func isReadAndAccepted(name: String) throws {
        let recorded = try #require(RecordedBatches.codecs.first { $0.name == name })
        let rules = BatchRules(validateCompressed: true)
        let bytes = recorded.bytes
        let header = try validate(produced: bytes.span.bytes, rules: rules)
        #expect(header.compression == recorded.compression)
        #expect(header.recordCount == 3)
        #expect(header.maxTimestamp == RecordedBatches.timestamp + 7)
        #expect(try BatchHeader(parsing: bytes.span.bytes) == header)
        #expect(try BatchFixtures.records(in: bytes) == RecordedBatches.expected)
    }

    @Test func idempotentHeader() throws {
        let bytes = RecordedBatches.idempotent
        let header = try BatchHeader(parsing: bytes.span.bytes)
        #expect(header.producerID == 4242)
        #expect(header.producerEpoch == 3)
        #expect(header.baseSequence == 17)
        #expect(header.lastSequence == 19)
        #expect(header.isTransactional)
        #expect(!header.isControl)
    }

    /// The builder makes the very bytes that the recorded client makes.
    @Test func theBuilderAgreesToTheByte() throws {
        var builder = RecordBatchBuilder()
        for record in RecordedBatches.expected {
            builder.append(timestamp: record.timestamp, key: record.key, value: record.value, headers: record.headers)
        }
        let size = builder.estimatedSizeInBytes
        // The client leaves the leader epoch 0; it is outside the CRC and the broker's to set.
        let recorded = RecordedBatches.uncompressed
        builder.partitionLeaderEpoch = try BatchHeader(parsing: recorded.span.bytes).partitionLeaderEpoch
        #expect(try builder.build() == recorded)
        #expect(size == recorded.count)
    }

    @Test(arguments: RecordedBatches.codecs.map(\.name), Compression.allCases)
    func recompressing(name: String, target: Compression) throws {
        let recorded = try #require(RecordedBatches.codecs.first { $0.name == name })
        let original = recorded.bytes
        let batch = try RecordBatch(original.span.bytes)
        let bytes = try recompress(batch, to: target, decompressedLimitBytes: 4096)
        let result = try RecordBatch(bytes.span.bytes)
        try result.verifyChecksum()
        #expect(result.header.compression == target)
        #expect(result.header.producerID == batch.header.producerID)
        #expect(result.header.isTransactional == batch.header.isTransactional)
        #expect(try BatchFixtures.records(in: bytes) == RecordedBatches.expected)
    }
}
