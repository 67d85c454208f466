import KafkaRecords
import TestSupport
import Testing

@testable import LogStorage

@Suite struct SegmentScanTests {
    private let batches: [[UInt8]] = (0..<7).map { index in
        BatchFixtures.batch(
            values: ["a\(index)", "b\(index)", "c\(index)"], baseOffset: 40 + Int64(index) * 3, leaderEpoch: 0)
    }

    private func scan(_ bytes: [UInt8], nextBase: Int64? = 61) throws -> (scan: SegmentScan, headers: [BatchHeader]) {
        let root = TemporaryDirectory("martlet-scan")
        let path = root.path + "/" + segmentName(40)
        let file = try File(path, .replace, PosixFileSystem())
        try file.write(bytes, at: 0)
        let mapping = try SegmentMapping(file, capacity: bytes.count)
        var headers: [BatchHeader] = []
        let scan = SegmentScan(mapping, size: bytes.count, baseOffset: 40, nextBase: nextBase) { header, _ in
            headers.append(header)
        }
        return (scan, headers)
    }

    /// Of every bit of every batch: only its own batch is hurt, and fields without a checksum are put right.
    @Test func everyBitOfEveryBatch() throws {
        let bytes = batches.flatMap { $0 }
        let bases = batches.indices.map { 40 + Int64($0) * 3 }
        var position = 0
        for (index, batch) in batches.enumerated() {
            for bit in 0..<batch.count * 8 {
                var damaged = bytes
                damaged[position + bit / 8] ^= 1 << (bit % 8)
                let (scan, headers) = try scan(damaged)
                let what = "bit \(bit) of batch \(index)"
                switch bit / 8 {
                case BatchLayout.partitionLeaderEpoch..<BatchLayout.magic:
                    #expect(!scan.isDamaged, "\(what)")
                    #expect(headers.map(\.baseOffset) == bases, "\(what)")
                case ..<BatchLayout.crc:
                    #expect(headers.map(\.baseOffset) == bases, "\(what): \(scan.pieces)")
                    guard scan.pieces.contains(where: { if case .restored = $0 { true } else { false } }) else {
                        Issue.record("\(what) is not put right: \(scan.pieces)")
                        continue
                    }
                default:
                    #expect(headers.map(\.baseOffset) == bases.filter { $0 != bases[index] }, "\(what): \(scan.pieces)")
                    let found = scan.pieces.compactMap { piece -> Range<Int>? in
                        if case .damaged(let range, _, _) = piece { range } else { nil }
                    }
                    #expect(found == [position..<position + batch.count], "\(what)")
                }
            }
            position += batch.count
        }
    }

    /// A record that holds a batch of its own is no batch of the log, even where the outer one is damaged.
    @Test func aBatchInsideARecordIsNotFound() throws {
        let inner = BatchFixtures.batch(values: ["inner"], baseOffset: 44)
        var builder = RecordBatchBuilder(baseOffset: 43)
        builder.append(timestamp: 1, key: nil, value: inner)
        var outer = try builder.build()
        outer[outer.count - 1] ^= 1
        let tail = BatchFixtures.batch(values: ["x"], baseOffset: 44)
        let (scan, headers) = try scan(batches[0] + outer + tail, nextBase: nil)
        #expect(headers.map(\.baseOffset) == [40, 44])
        #expect(scan.pieces.count == 3)
    }

    @Test func zerosBehindTheLastBatchAreNoDamage() throws {
        let (scan, headers) = try scan(batches.flatMap { $0 } + [UInt8](repeating: 0, count: 9_000), nextBase: nil)
        #expect(!scan.isDamaged && headers.count == 7 && scan.nextOffset == 61)
    }

    @Test func aTornEndSaysWhatItTook() throws {
        let whole = batches.flatMap { $0 }
        let last = batches[6]
        // The last byte of a batch is a zero.
        for kept in 1..<last.count - 1 {
            let bytes = Array(whole.dropLast(last.count - kept)) + [UInt8](repeating: 0, count: 5_000)
            let (scan, headers) = try scan(bytes, nextBase: nil)
            #expect(headers.count == 6 && scan.nextOffset == 58)
            // The first bytes of a batch are zeros: of the offset.
            if kept < 8 { continue }
            #expect(scan.endsDamaged, "\(kept) bytes")
            if kept >= BatchLayout.headerSize { #expect(scan.claimedEnd == 61, "\(kept) bytes") }
        }
    }
}
