import KafkaRecords
import TestSupport
import Testing

@Suite struct BatchHeaderTests {
    private let sample = BatchHeader(
        baseOffset: 0x0102_0304_0506_0708, batchLength: 0x1112_1314, partitionLeaderEpoch: 0x2122_2324,
        crc: 0x3132_3334, attributes: 0x0013, lastOffsetDelta: 0x4142_4344, baseTimestamp: 0x5152_5354_5556_5758,
        maxTimestamp: 0x6162_6364_6566_6768, producerID: 0x7172_7374_7576_7778, producerEpoch: 0x0809,
        baseSequence: 0x1A1B_1C1D, recordCount: 0x2A2B_2C2D)

    @Test func theLayoutHasSixtyOneBytes() {
        #expect(BatchLayout.headerSize == 61)
        #expect(BatchLayout.minimumBatchLength == 49)
        #expect(BatchLayout.magic == 16)
        #expect(BatchLayout.crc == 17)
        #expect(BatchLayout.attributes == 21)
        #expect(BatchLayout.recordCount == 57)
    }

    @Test func isWrittenAsTheSpecificationSays() throws {
        var bytes = [UInt8](repeating: 0xEE, count: 63)
        sample.write(into: &bytes, at: 1)
        let expected: [UInt8] = [
            0xEE, 1, 2, 3, 4, 5, 6, 7, 8, 0x11, 0x12, 0x13, 0x14, 0x21, 0x22, 0x23, 0x24, 2, 0x31, 0x32, 0x33, 0x34, 0,
            0x13, 0x41, 0x42, 0x43, 0x44, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x61, 0x62, 0x63, 0x64, 0x65,
            0x66, 0x67, 0x68, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 8, 9, 0x1A, 0x1B, 0x1C, 0x1D, 0x2A, 0x2B,
            0x2C, 0x2D, 0xEE,
        ]
        #expect(bytes == expected)
        #expect(try BatchHeader(parsing: bytes.span.bytes, at: 1) == sample)
    }

    @Test func refusesWhatIsNoHeader() {
        var bytes = [UInt8](repeating: 0, count: 61)
        #expect(throws: RecordError.unsupportedMagic(0)) { try BatchHeader(parsing: bytes.span.bytes) }
        bytes[BatchLayout.magic] = 2
        #expect(throws: RecordError.invalidBatchLength(0)) { try BatchHeader(parsing: bytes.span.bytes) }
        bytes[BatchLayout.batchLength + 3] = 48
        #expect(throws: RecordError.invalidBatchLength(48)) { try BatchHeader(parsing: bytes.span.bytes) }
        bytes[BatchLayout.batchLength] = 0x80
        #expect(throws: RecordError.invalidBatchLength(Int32.min + 48)) { try BatchHeader(parsing: bytes.span.bytes) }
        #expect(throws: RecordError.truncated(needed: 61, available: 59)) {
            try BatchHeader(parsing: bytes.span.bytes, at: 2)
        }
        #expect(throws: RecordError.truncated(needed: 61, available: 0)) {
            try BatchHeader(parsing: bytes.span.bytes, at: 99)
        }
    }

    @Test func derivedValues() {
        let header = BatchHeader(
            baseOffset: 100, batchLength: 88, attributes: 0b11_1100, lastOffsetDelta: 9, producerID: 1,
            baseSequence: Int32.max - 4, recordCount: 10)
        #expect(header.sizeInBytes == 100)
        #expect(header.lastOffset == 109)
        #expect(header.nextOffset == 110)
        #expect(header.lastSequence == 4)
        #expect(header.compression == .zstd)
        #expect(header.timestampType == .logAppendTime)
        #expect(header.isTransactional)
        #expect(header.isControl)

        #expect(BatchHeader(attributes: 5).compression == nil)
        #expect(BatchHeader(attributes: -1).compressionID == 7)
        #expect(BatchHeader().lastSequence == -1)
        #expect(BatchHeader(lastOffsetDelta: 4, baseSequence: Int32.max - 4).lastSequence == Int32.max)
        #expect(BatchHeader(lastOffsetDelta: 5, baseSequence: Int32.max - 4).lastSequence == 0)
        #expect(BatchHeader(baseOffset: .max, lastOffsetDelta: 1).lastOffset == .min)
    }

    @Test func compressionNames() {
        for compression in Compression.allCases { #expect(Compression(name: compression.name) == compression) }
        #expect(Compression(name: "producer") == nil)
    }

    @Test func aViewCoversItsBatchAndNoMore() throws {
        let bytes = BatchFixtures.batch(values: ["a", "b"], baseOffset: 40)
        let longer = bytes + [1, 2, 3]
        let batch = try RecordBatch(longer.span.bytes)
        #expect(batch.bytes.byteCount == bytes.count)
        #expect(batch.payload.byteCount == bytes.count - 61)
        #expect(batch.header.nextOffset == 42)
        try batch.verifyChecksum()
        for count in 0..<bytes.count {
            #expect(throws: RecordError.self) { _ = try RecordBatch(bytes.span.bytes.extracting(first: count)) }
        }
    }

    @Test func theChecksumCoversEverythingButOffsetAndEpoch() throws {
        let bytes = BatchFixtures.batch(values: ["value"])
        for index in 0..<bytes.count {
            var damaged = bytes
            damaged[index] ^= 0x10
            switch index {
            case ..<BatchLayout.batchLength, BatchLayout.partitionLeaderEpoch..<BatchLayout.magic:
                try RecordBatch(damaged.span.bytes).verifyChecksum()
            default:
                #expect(throws: RecordError.self) { try RecordBatch(damaged.span.bytes).verifyChecksum() }
            }
        }
    }
}
