import KafkaRecords
import TestSupport
import Testing

@Suite struct IteratorTests {
    /// One record by hand: what each byte is stands in the specification's order.
    private let record: [UInt8] = [
        26,  // length 13
        0,  // attributes
        3,  // timestamp delta -2
        2,  // offset delta 1
        2, 0x6B,  // key "k"
        1,  // null value
        4,  // two headers
        2, 0x68, 1,  // "h": null
        0, 2, 0x76,  // "": "v"
    ]

    private func walk(_ payload: [UInt8], count: Int32, contiguous: Bool = false) throws(RecordError) -> [RecordFields]
    {
        var iterator = RecordIterator(payload.span.bytes, count: count, requireContiguous: contiguous)
        var all: [RecordFields] = []
        while let fields = try iterator.next() { all.append(fields) }
        return all
    }

    @Test func fieldsStandWhereTheyStand() throws {
        let fields = try #require(try walk(record, count: 1).first)
        #expect(fields.bytes == 0..<14)
        #expect(fields.timestampDelta == -2)
        #expect(fields.offsetDelta == 1)
        #expect(fields.key == 5..<6)
        #expect(fields.value == nil)
        #expect(fields.headers == 8..<14)
        #expect(fields.headerCount == 2)
        var headers = HeaderIterator(record.span.bytes, in: fields.headers, count: fields.headerCount)
        #expect(headers.next() == HeaderFields(key: 9..<10, value: nil))
        #expect(headers.next() == HeaderFields(key: 12..<12, value: 13..<14))
        #expect(headers.next() == nil)
    }

    @Test func contiguityOnlyWhenAsked() throws {
        #expect(try walk(record, count: 1).count == 1)
        #expect(throws: RecordError.invalidRecord(index: 0, "offset delta 1, 0 expected")) {
            try walk(record, count: 1, contiguous: true)
        }
    }

    /// Whatever one byte is changed to, and whatever two neighbours are: read as the plain reader below reads it.
    @Test func damagedRecordsAreReadAsTheSpecificationSays() {
        var readable = 0
        for index in record.indices {
            for value in UInt8.min...UInt8.max {
                for neighbour in [nil, 0, 1, 2, 0x7F, 0x80, 0xFF] as [UInt8?] {
                    var damaged = record
                    damaged[index] = value
                    if let neighbour, index + 1 < damaged.count { damaged[index + 1] = neighbour }
                    let expected = ReferenceReader.read(damaged, count: 1)
                    #expect((try? walk(damaged, count: 1)) == expected, "\(damaged)")
                    if expected != nil { readable += 1 }
                }
            }
        }
        #expect(readable > 256)
    }

    @Test func wrongLengthsAreErrors() {
        // The record's own length, key, header count, header key, header value: one more or one less.
        for index in [0, 4, 7, 8, 11, 12] {
            for step in [-2, 2] where Int(record[index]) + step >= 0 {
                var damaged = record
                damaged[index] = UInt8(Int(damaged[index]) + step)
                #expect(throws: RecordError.self, "byte \(index)") { try walk(damaged, count: 1) }
            }
        }
    }

    @Test func everyTruncationIsAnError() {
        for count in 0..<record.count {
            #expect(throws: RecordError.self) { try walk(Array(record[..<count]), count: 1) }
        }
    }

    @Test func endlessAndHugeVarintsAreErrors() {
        for length in 5..<20 {
            #expect(throws: RecordError.self) { try walk([UInt8](repeating: 0xFF, count: length) + record, count: 1) }
        }
        // Int32.max and Int32.min as lengths.
        #expect(throws: RecordError.self) { try walk([0xFE, 0xFF, 0xFF, 0xFF, 0x0F] + record, count: 1) }
        #expect(throws: RecordError.self) { try walk([0xFF, 0xFF, 0xFF, 0xFF, 0x0F] + record, count: 1) }
    }

    @Test func emptyPayloads() throws {
        #expect(try walk([], count: 0).isEmpty)
        #expect(try walk([], count: -1).isEmpty)
        #expect(throws: RecordError.self) { try walk([], count: 1) }
        #expect(throws: RecordError.self) { try walk([0], count: 0) }
    }

    /// A header that promises two thousand million records reserves no memory for them.
    @Test func aLyingCountReservesNothing() {
        let bytes = BatchFixtures.edited(BatchFixtures.batch(values: ["a"])) { $0.recordCount = .max }
        #expect(throws: RecordError.self) { try BatchFixtures.records(in: bytes) }
    }

    @Test func randomDamageNeverTraps() throws {
        var generator = SeededGenerator(seed: 31)
        var builder = RecordBatchBuilder()
        for index in 0..<8 {
            let headers = [RecordHeader(key: "h", value: [1, 2]), RecordHeader(key: "", value: nil)]
            builder.append(timestamp: Int64(index) * 1000, key: [1], value: [2, 3], headers: headers)
        }
        let payload = Array(try builder.build()[BatchLayout.headerSize...])
        var parsed = 0
        for _ in 0..<20_000 {
            var damaged = payload
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                damaged[Int.random(in: 0..<damaged.count, using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            let fields = try? walk(damaged, count: 8)
            if fields != nil { parsed += 1 }
            #expect(fields == ReferenceReader.read(damaged, count: 8), "\(damaged)")
        }
        #expect(parsed > 0 && parsed < 20_000)
    }
}
