import KafkaRecords
import TestSupport
import Testing

@Suite struct CodecTests {
    static let codecs: [Compression] = [.gzip, .snappy, .lz4, .zstd]
    private let limit = 8 << 20

    private func open(_ codec: Compression, _ bytes: [UInt8], limitBytes: Int? = nil) throws(RecordError) -> [UInt8] {
        try codec.decompress(bytes.span.bytes, limitBytes: limitBytes ?? limit)
    }

    @Test(arguments: Compression.allCases)
    func roundTrip(codec: Compression) throws {
        var generator = SeededGenerator(seed: 41)
        for size in [0, 1, 7, 100, 4096, 32_767, 32_768, 32_769, 65_536, 300_000] {
            for original in [generator.text(size), generator.bytes(size), [UInt8](repeating: 0, count: size)] {
                for level in [nil, -100, 0, 1, 9, 100] {
                    if size > 70_000, level == 100 { continue }
                    let compressed = try codec.compress(original.span.bytes, level: level)
                    #expect(try open(codec, compressed) == original)
                    #expect(try open(codec, compressed, limitBytes: size) == original)
                    guard size > 0 else { continue }
                    #expect(throws: RecordError.decompressedTooLarge(limitBytes: size - 1)) {
                        try open(codec, compressed, limitBytes: size - 1)
                    }
                }
            }
        }
    }

    @Test(arguments: codecs)
    func textGetsSmaller(codec: Compression) throws {
        var generator = SeededGenerator(seed: 42)
        let text = generator.text(100_000)
        #expect(try codec.compress(text.span.bytes).count < 50_000)
    }

    @Test(arguments: codecs)
    func everyTruncationIsAnError(codec: Compression) throws {
        var generator = SeededGenerator(seed: 43)
        let original = generator.text(2000)
        let compressed = try codec.compress(original.span.bytes)
        for count in 0..<compressed.count {
            // The Java framing has no end mark: what ends behind its header, or a block, is complete.
            if codec == .snappy, count == 16 { continue }
            let part = Array(compressed[..<count])
            #expect(throws: RecordError.self, "\(count) of \(compressed.count) bytes") { try open(codec, part) }
        }
    }

    @Test(arguments: codecs)
    func flippedBitsNeverTrap(codec: Compression) throws {
        var generator = SeededGenerator(seed: 44)
        let compressed = try codec.compress(generator.text(3000).span.bytes)
        var refused = 0
        for _ in 0..<4000 {
            var damaged = compressed
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                damaged[Int.random(in: 0..<damaged.count, using: &generator)] ^=
                    1 << UInt8.random(in: 0...7, using: &generator)
            }
            do {
                #expect(try open(codec, damaged, limitBytes: 1 << 20).count <= 1 << 20)
            } catch {
                refused += 1
            }
        }
        #expect(refused > 0)
    }

    @Test(arguments: codecs)
    func noiseIsRefused(codec: Compression) {
        var generator = SeededGenerator(seed: 45)
        for size in 0..<200 {
            let noise = generator.bytes(size)
            // Raw snappy has no magic: some noise is well-formed.
            guard let opened = try? open(codec, noise) else { continue }
            #expect(codec == .snappy && opened.count <= 22 * size)
        }
    }

    /// 256 MiB of zeros in a few hundred kilobytes or less are given up on at the limit.
    @Test(arguments: codecs)
    func bombsStopAtTheLimit(codec: Compression) throws {
        let zeros = [UInt8](repeating: 0, count: 16 << 20)
        var bomb = try codec.compress(zeros.span.bytes)
        let one = bomb
        // Frames, members and streams may be concatenated.
        for _ in 0..<15 { bomb += one }
        #expect(bomb.count < 16 << 20)
        #expect(throws: RecordError.decompressedTooLarge(limitBytes: 1 << 20)) {
            try open(codec, bomb, limitBytes: 1 << 20)
        }
        #expect(throws: RecordError.decompressedTooLarge(limitBytes: 20 << 20)) {
            try open(codec, bomb, limitBytes: 20 << 20)
        }
    }

    /// A limit that cannot be met reserves nothing: with the whole address space as limit, small input stays small.
    @Test(arguments: codecs)
    func hugeLimitsReserveNothing(codec: Compression) throws {
        let original: [UInt8] = [1, 2, 3]
        let compressed = try codec.compress(original.span.bytes)
        #expect(try open(codec, compressed, limitBytes: .max) == original)
        #expect(try open(codec, compressed).capacity < 4096)
    }

    @Test(arguments: codecs)
    func concatenatedFramesAreOneStream(codec: Compression) throws {
        let first = try codec.compress(Array("first ".utf8).span.bytes)
        let second = try codec.compress(Array("second".utf8).span.bytes)
        #expect(try open(codec, first + second) == Array("first second".utf8))
        #expect(throws: RecordError.self) { try open(codec, first + Array("garbage behind it".utf8)) }
    }

    @Test func kindsThatOthersWrite() throws {
        let text = ForeignPayloads.text
        #expect(try open(.gzip, ForeignPayloads.gzipWithName) == text)
        #expect(try open(.zstd, ForeignPayloads.zstdStreamed) == text)
        #expect(try open(.zstd, ForeignPayloads.zstdSkippable) == text)
        let linked = try open(.lz4, ForeignPayloads.lz4Linked)
        #expect(linked == Array(repeatElement(text, count: 100).joined()))
    }

    /// The checksums that these kinds carry are looked at.
    @Test func contentChecksumsAreVerified() throws {
        for (codec, bytes) in [(Compression.lz4, ForeignPayloads.lz4Linked), (.zstd, ForeignPayloads.zstdStreamed)] {
            var damaged = bytes
            damaged[damaged.count - 1] ^= 1
            #expect(throws: RecordError.self) { try open(codec, damaged) }
        }
    }

    @Test func snappyRawAndFramed() throws {
        // "abc" as one literal: length 3, tag (3 - 1) << 2.
        let raw: [UInt8] = [3, 8, 0x61, 0x62, 0x63]
        #expect(try open(.snappy, raw) == Array("abc".utf8))
        let header: [UInt8] = [0x82, 0x53, 0x4E, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]
        let framed = header + [0, 0, 0, 5] + raw
        #expect(try Compression.snappy.compress(Array("abc".utf8).span.bytes) == framed)
        #expect(try open(.snappy, framed + [0, 0, 0, 5] + raw) == Array("abcabc".utf8))
        #expect(try open(.snappy, header) == [])
        #expect(throws: RecordError.self) { try open(.snappy, header + [0xFF, 0xFF, 0xFF, 0xFF]) }
        #expect(throws: RecordError.self) { try open(.snappy, header + [0x7F, 0xFF, 0xFF, 0xFF] + raw) }
        #expect(throws: RecordError.self) { try open(.snappy, header + [0, 0, 0, 0]) }
        // A claim of 4 GiB in five bytes.
        #expect(throws: RecordError.corruptCompressedData(.snappy, "its length is malformed")) {
            try open(.snappy, [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], limitBytes: .max)
        }
    }

    /// The Java client reads independent blocks only: the flag byte says version 1, independent, nothing else.
    @Test func lz4FramesAreOfTheJavaKind() throws {
        let bytes = try Compression.lz4.compress([UInt8](repeating: 7, count: 200_000).span.bytes)
        #expect(Array(bytes[..<4]) == [0x04, 0x22, 0x4D, 0x18])
        #expect(bytes[4] == 0b0110_0000)
        #expect(bytes[5] == 0b0100_0000)
    }
}
