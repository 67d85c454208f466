import KafkaRecords
import TestSupport
import Testing

extension Compression {
    fileprivate func hasShape(of bytes: [UInt8]) -> Bool { hasShape(bytes.span.bytes) }
}

@Suite struct CompressedShapeTests {
    private static let codecs: [Compression] = [.gzip, .snappy, .lz4, .zstd]

    private func payloads() -> [[UInt8]] {
        var generator = SeededGenerator(seed: 5)
        let text = generator.text(200_000)
        let noise = generator.bytes(200_000)
        return [
            [1], Array(text.prefix(100)), text, noise, Array(text.prefix(70_000)) + noise,
            [UInt8](repeating: 0, count: 90_000),
        ]
    }

    @Test(arguments: codecs) func whatTheCodecWritesHasItsShapeAndNoOther(codec: Compression) throws {
        for payload in payloads() {
            let bytes = try codec.compress(payload.span.bytes)
            // Of raw snappy there is little to see: few bytes of anything could be it.
            for other in Self.codecs where other != .snappy || bytes.count > 300 {
                #expect(other.hasShape(of: bytes) == (other == codec), "\(codec) as \(other)")
            }
            #expect(!codec.hasShape(of: [UInt8]()))
        }
    }

    @Test func whatOtherLibrariesWriteHasTheShapeOfItsCodec() {
        #expect(Compression.gzip.hasShape(of: ForeignPayloads.gzipWithName))
        #expect(Compression.lz4.hasShape(of: ForeignPayloads.lz4Linked))
        #expect(Compression.zstd.hasShape(of: ForeignPayloads.zstdStreamed))
        #expect(Compression.zstd.hasShape(of: ForeignPayloads.zstdSkippable))
    }

    @Test(arguments: [Compression.snappy, .lz4, .zstd]) func whatIsCutOffOrTooLongIsSeen(codec: Compression) throws {
        var generator = SeededGenerator(seed: 6)
        let bytes = try codec.compress(generator.text(300_000).span.bytes)
        for count in stride(from: 0, to: bytes.count, by: 97) {
            let cut = Array(bytes[..<count])
            // Java's framing of snappy ends wherever a block does.
            if codec.hasShape(of: cut) {
                #expect(codec == .snappy)
                #expect((try? codec.decompress(cut.span.bytes, limitBytes: 1 << 20)) != nil)
            }
        }
        #expect(!codec.hasShape(of: (bytes + [0])))
        #expect(codec.hasShape(of: (bytes + bytes)), "a stream behind a stream is read as one")
    }

    @Test func rawSnappyThatClaimsAnImpossibleSize() {
        // "abc" as a literal.
        #expect(Compression.snappy.hasShape(of: [3, 8, 0x61, 0x62, 0x63]))
        #expect(!Compression.snappy.hasShape(of: [0xFF, 0xFF, 0xFF, 0x0F, 8, 0x61, 0x62, 0x63]))
        #expect(!Compression.snappy.hasShape(of: [0, 8, 0x61, 0x62, 0x63]))
        #expect(!Compression.snappy.hasShape(of: [0x80, 0x80, 0x80, 0x80, 0x80, 0x80]))
        let text = String(repeating: "plain text, not compressed at all ", count: 30)
        #expect(!Compression.snappy.hasShape(of: Array(text.utf8)))
    }

    /// It is a promise to the reader only in one direction: nothing that can be decompressed is refused.
    @Test(arguments: codecs) func nothingGoodIsRefused(codec: Compression) throws {
        var generator = SeededGenerator(seed: 8)
        var readable = 0
        let good = try codec.compress(generator.text(2_000).span.bytes)
        for _ in 0..<5_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            let hasShape = codec.hasShape(of: bytes)
            guard (try? codec.decompress(bytes.span.bytes, limitBytes: 1 << 20)) != nil else { continue }
            readable += 1
            #expect(hasShape, "\(bytes)")
        }
        print("\(codec): \(readable) of 5000 damaged payloads could be decompressed")
    }
}
