import KafkaRecords
import NIOCore
import TestSupport
import Testing

@testable import KafkaClient
@testable import martlet

@Suite struct RecordOutputTests {
    private func fetched(_ batches: [[UInt8]], from start: Int64 = 0, to end: Int64 = .max) -> FetchedRecords {
        let bytes = ByteBuffer(bytes: batches.flatMap { $0 })
        return FetchedRecords(
            partitions: [.init(partition: 3, startOffset: start, endOffset: end, nextOffset: end, bytes: bytes)],
            decompressedLimitBytes: 1 << 20)
    }

    private func sample(compression: Compression = .none) throws -> [UInt8] {
        var builder = RecordBatchBuilder(compression: compression, baseOffset: 41)
        builder.append(
            timestamp: 1_700_000_000_123, key: Array("k".utf8), value: Array("v\"1".utf8),
            headers: [RecordHeader(key: "a", value: Array("1".utf8)), RecordHeader(key: "b", value: nil)])
        builder.append(timestamp: 1_700_000_000_124, key: nil, value: nil)
        builder.append(timestamp: 1_700_000_000_125, key: [0xFF], value: [])
        return try builder.build()
    }

    private func text(_ format: String, _ records: FetchedRecords) throws -> String {
        let format = try RecordFormat(format)
        var bytes: [UInt8] = []
        try records.visitRecords { record in
            format.append(record, topic: Array("t".utf8), to: &bytes)
            return true
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: Compression.allCases)
    func formatsRecords(codec: Compression) throws {
        let records = fetched([try sample(compression: codec)])
        #expect(
            try text(#"%t/%p/%o %T %k(%K)=%v(%V) %h%%\n"#, records)
                == """
                t/3/41 1700000000123 k(1)=v"1(3) a=1,b=NULL%
                t/3/42 1700000000124 (-1)=(-1) %
                t/3/43 1700000000125 \u{FFFD}(1)=(0) %

                """)
    }

    @Test func formatsTimesAndKcatLetters() throws {
        #expect(try text("%D %s;", fetched([try sample()], to: 42)) == "2023-11-14T22:13:20.123Z v\"1;")
    }

    @Test func refusesUnknownLetters() {
        #expect(throws: CommandFailure.self) { try RecordFormat("%q") }
        #expect(throws: CommandFailure.self) { try RecordFormat("%") }
        #expect(throws: CommandFailure.self) { try RecordFormat(#"\y"#) }
    }

    @Test func writesJSONLines() throws {
        var json = JSONText()
        try fetched([try sample()]).visitRecords { record in
            RecordJSON.write(record, topic: "t", to: &json)
            return true
        }
        let lines = json.text.split(separator: "\n")
        #expect(
            lines[0]
                == #"{"topic":"t","partition":3,"offset":41,"timestamp":1700000000123,"key":"k","value":"v\"1","headers":[{"key":"a","value":"1"},{"key":"b","value":null}]}"#
        )
        #expect(lines[1].contains(#""key":null,"value":null,"headers":[]"#))
        #expect(lines[2].contains(#""key_base64":"/w==","value":"""#))
    }

    @Test func leavesOutWhatWasNotAskedFor() throws {
        let batches = [
            BatchFixtures.batch(values: ["a", "b", "c"], baseOffset: 10),
            BatchFixtures.batch(values: ["d", "e"], baseOffset: 13),
        ]
        #expect(try text("%o%v ", fetched(batches, from: 11, to: 14)) == "11b 12c 13d ")
        // A batch that the broker cut is left for the next fetch.
        let cut = [batches[0], Array(batches[1].dropLast(3))]
        #expect(try text("%v", fetched(cut)) == "abc")
    }

    @Test func stopsWhenTold() throws {
        var seen = 0
        try fetched([BatchFixtures.batch(values: ["a", "b", "c"])]).visitRecords { _ in
            seen += 1
            return seen < 2
        }
        #expect(seen == 2)
    }

    @Test func damageIsAnError() throws {
        var bytes = BatchFixtures.batch(values: ["a", "b", "c"])
        bytes[bytes.count - 1] ^= 1
        let records = fetched([bytes])
        let error = #expect(throws: ClientError.self) { try records.visitRecords { _ in true } }
        #expect(error?.code == .invalidRecords)
        #expect(error?.message.contains("checksum") == true)
    }
}
