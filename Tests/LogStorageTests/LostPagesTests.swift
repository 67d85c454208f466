// A segment that loses bytes under its readers: truncated by somebody while it is mapped. The process must live.

import Glibc
import KafkaRecords
import LogStorage
import TestSupport
import Testing

@Suite struct LostPagesTests {
    private static let pageBytes = 4_096

    /// A log whose segment has some hundred pages, read once so that all of them are mapped.
    private func filledLog() throws -> LogFixture {
        let fixture = try LogFixture { $0.indexIntervalBytes = 1 << 20 }
        let value = String(repeating: "x", count: 1_000)
        for _ in 0..<400 { try fixture.append(value) }
        #expect(try fixture.values().count == 400)
        return fixture
    }

    @Test func aTruncatedSegmentIsAnErrorAndNotTheEndOfTheProcess() throws {
        let fixture = try filledLog()
        let size = PosixFileSystem().status(fixture.file(segmentName(0))).status.size
        let location = try #require(try fixture.log.locate(399, maxBytes: 1 << 20))
        #expect(Glibc.truncate(fixture.file(segmentName(0)), Int(size) / 2) == 0)
        let error = #expect(throws: StorageError.self) {
            try location.slice(from: 399, maxBytes: 1 << 20, atLeastOneBatch: true)
        }
        #expect(error?.code == .corrupt)
    }

    @Test func whatIsLeftOfATruncatedSegmentStaysReadable() throws {
        let fixture = try filledLog()
        let whole = try #require(try fixture.log.locate(0, maxBytes: 1 << 20))
        #expect(Glibc.truncate(fixture.file(segmentName(0)), 100 * Self.pageBytes / 2) == 0)
        let slice = try #require(try whole.slice(from: 0, maxBytes: 20_000, atLeastOneBatch: true))
        let batches = try fixture.batches(slice)
        #expect(batches.count > 10)
        for batch in batches { try RecordBatch(batch.span.bytes).verifyChecksum() }
    }

    @Test func aSegmentThatComesBackIsReadAgain() throws {
        let fixture = try filledLog()
        let path = fixture.file(segmentName(0))
        let bytes = try #require(try fixture.read(segmentName(0)))
        #expect(Glibc.truncate(path, Self.pageBytes) == 0)
        #expect(throws: (any Error).self) { try fixture.values() }
        // Restored in place, as a person with a copy would do it.
        let file = try #require(fopen(path, "r+"))
        #expect(bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) } == bytes.count)
        fclose(file)
        #expect(try fixture.values().count == 400)
    }
}
