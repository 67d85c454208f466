import KafkaRecords
import LogStorage
import TestSupport
import Testing

@Suite struct LogDumpTests {
    @Test func aRunningSegmentIsListed() throws {
        let fixture = try LogFixture { $0.indexIntervalBytes = 100 }
        for index in 0..<10 { try fixture.append("value \(index)", at: Int64(index)) }
        var offsets: [Int64] = []
        var hasTail = false
        try LogDump.segment(path: fixture.file(segmentName(0))) { entry in
            switch entry {
            case .batch(let header, _, let problem):
                offsets.append(header.baseOffset)
                #expect(problem == nil)
            case .preallocated: hasTail = true
            case .damage(_, _, let reason): Issue.record("\(reason)")
            }
            return true
        }
        #expect(offsets == Array(0..<10) && hasTail)
        #expect(try LogDump.check(path: fixture.file(segmentName(0))).isEmpty)
        try fixture.log.close()
        #expect(try LogDump.check(path: fixture.file(segmentName(0))).isEmpty)
        #expect(try LogDump.offsetIndex(path: fixture.file(segmentName(0, ".index"))).map(\.offset) == [2, 4, 6, 8])
        #expect(
            try LogDump.timeIndex(path: fixture.file(segmentName(0, ".timeindex"))).map(\.timestamp) == [2, 4, 6, 8, 9])
    }

    @Test func findingsNameFileAndByte() throws {
        let fixture = try LogFixture { $0.indexIntervalBytes = 100 }
        for index in 0..<10 { try fixture.append("value \(index)") }
        try fixture.log.close()
        var bytes = try #require(try fixture.read(segmentName(0)))
        let size = bytes.count / 10
        bytes[size * 3 + size - 1] ^= 1
        bytes[size * 6 + BatchLayout.magic] = 0
        try fixture.overwrite(segmentName(0), bytes)
        let findings = try LogDump.check(path: fixture.file(segmentName(0)))
        #expect(findings.contains { $0.contains("byte \(size * 3), offset 3") && $0.contains("checksum") })
        #expect(findings.contains { $0.contains("byte \(size * 6): \(size) bytes are no batch") })
        #expect(findings.contains { $0.contains(".index: no batch that ends with offset 6") })
        let error = #expect(throws: StorageError.self) { try LogDump.check(path: fixture.root.path + "/foo.log") }
        #expect(error?.code == .invalid)
    }
}
