import CChecksum
import KafkaRecords
import TestSupport
import Testing

@Suite struct ChecksumTests {
    /// RFC 3720, appendix B.4, and the check value of the CRC catalogue.
    static let vectors: [(bytes: [UInt8], expected: UInt32)] = [
        (Array("123456789".utf8), 0xE306_9283),
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        ([UInt8](0..<32), 0x46DD_794E),
        ([UInt8]((0..<32).reversed()), 0x113F_DB5C),
        ([], 0),
    ]

    @Test(arguments: vectors)
    func knownAnswers(bytes: [UInt8], expected: UInt32) {
        #expect(crc32c(bytes.span.bytes) == expected)
        #expect(martlet_crc32c_portable(0, bytes, bytes.count) == expected)
    }

    @Test func instructionsAgreeWithTablesForEveryLengthAndAlignment() {
        var generator = SeededGenerator(seed: 11)
        let bytes = generator.bytes(3 * 3 * 1024 + 3 * 128 + 17)
        var lengths = Array(0...900)
        lengths += stride(from: 901, to: bytes.count - 8, by: 61)
        for length in lengths {
            for start in 0..<min(8, bytes.count - length) {
                let part = Array(bytes[start..<(start + length)])
                #expect(
                    crc32c(bytes.span.bytes.extracting(start..<(start + length)), seed: 7) == portable(part, seed: 7))
            }
        }
    }

    @Test func continuesFromASeed() {
        var generator = SeededGenerator(seed: 12)
        let bytes = generator.bytes(10_000)
        let whole = crc32c(bytes.span.bytes)
        for cut in [0, 1, 7, 384, 3072, 5000, 10_000] {
            let first = crc32c(bytes.span.bytes.extracting(first: cut))
            #expect(crc32c(bytes.span.bytes.extracting(droppingFirst: cut), seed: first) == whole)
        }
    }

    private func portable(_ bytes: [UInt8], seed: UInt32) -> UInt32 {
        martlet_crc32c_portable(seed, bytes, bytes.count)
    }
}
