import Glibc
import KafkaRecords
import LogStorage
import TestSupport
import Testing

@Suite struct FaultTests {
    static let effects: [FaultyFileSystem.Effect] = [
        .fail(errno: ENOSPC), .fail(errno: EIO), .tornWrite(bytes: 30, errno: ENOSPC),
        .tornWrite(bytes: 90, errno: EIO),
    ]

    @Test(arguments: effects) func aFailedWriteLeavesTheLogAsItWas(_ effect: FaultyFileSystem.Effect) throws {
        let faults = FaultyFileSystem()
        let fixture = try LogFixture(fileSystem: faults)
        try fixture.append("a")
        let batch = BatchFixtures.idempotentBatch(values: ["lost", "lost too"], producerID: 1)
        faults.inject(.init(.write, effect, pathSuffix: ".log"))
        for _ in 0..<3 {
            let error = #expect(throws: StorageError.self) { try fixture.append(batch) }
            #expect(error?.code == .noSpace || error?.code == .ioError)
            #expect(error?.message.contains(segmentName(0)) == true)
        }
        #expect(try fixture.log.logEndOffset == 1)
        #expect(try fixture.values() == ["a"])
        #expect(try fixture.log.producers.isEmpty)
        faults.clear()
        #expect(try fixture.append("b").baseOffset == 1, "service resumes by itself")
        try fixture.reopen(.unclean(recoveryPoint: 0, logStartOffset: nil))
        #expect(fixture.report.isEmpty)
        #expect(try fixture.values() == ["a", "b"])
    }

    @Test func shortWritesAreCompleted() throws {
        let faults = FaultyFileSystem()
        let fixture = try LogFixture(fileSystem: faults)
        faults.inject(.init(.write, .shortWrite(bytes: 7), pathSuffix: ".log"))
        for index in 0..<5 { try fixture.append("value \(index)") }
        #expect(faults.calls(.write) > 50)
        #expect(try fixture.values() == (0..<5).map { "value \($0)" })
    }

    @Test func withoutPreallocationFilesGrow() throws {
        let faults = FaultyFileSystem()
        let fixture = try LogFixture(fileSystem: faults)
        faults.inject(.init(.allocate, .fail(errno: EOPNOTSUPP)))
        let batch = BatchFixtures.batch(values: ["a"])
        try fixture.append(batch)
        try fixture.append(batch)
        #expect(PosixFileSystem().status(fixture.file(segmentName(0))).status.size == Int64(2 * batch.count))
        #expect(try fixture.values() == ["a", "a"])
    }

    @Test func aFailedFlushTakesTheLogOffline() throws {
        let faults = FaultyFileSystem()
        let fixture = try LogFixture(fileSystem: faults)
        try fixture.append("a")
        faults.inject(.init(.flush, .fail(errno: EIO), pathSuffix: ".log"))
        let target = try #require(fixture.log.beginFlush())
        do {
            try target.sync()
            Issue.record("the flush should have failed")
        } catch { fixture.log.failFlush(target, error) }
        faults.clear()
        let error = #expect(throws: StorageError.self) { try fixture.append("b") }
        #expect(error?.code == .offline)
        #expect(fixture.log.recoveryPoint == 0)
        #expect(fixture.log.beginFlush() == nil, "a failed flush is never retried")
        #expect(try fixture.values() == ["a"], "reads go on")
    }

    @Test func aRollThatFindsNoRoomChangesNothing() throws {
        let faults = FaultyFileSystem()
        let fixture = try LogFixture(fileSystem: faults) { $0.segmentBytes = 300 }
        for index in 0..<3 { try fixture.append("value \(index)") }
        faults.inject(.init(.open, .fail(errno: ENOSPC), pathSuffix: segmentName(4)))
        try fixture.append("value 3")
        #expect(throws: StorageError.self) { try fixture.append("value 4") }
        #expect(try fixture.log.logEndOffset == 4)
        faults.clear()
        #expect(try fixture.append("value 4").baseOffset == 4)
        #expect(try fixture.values() == (0..<5).map { "value \($0)" })
        try fixture.closeAndReopen()
        #expect(try fixture.values() == (0..<5).map { "value \($0)" })
    }

    @Test func aRollThatFailsHalfwayLeavesNoEmptySegment() throws {
        let faults = FaultyFileSystem()
        let fixture = try LogFixture(fileSystem: faults) { $0.segmentBytes = 500 }
        for index in 0..<3 { try fixture.append("value \(index)") }
        faults.inject(.init(.truncate, .fail(errno: EIO), pathSuffix: ".log"))
        #expect(throws: StorageError.self) { try fixture.append(BatchFixtures.batch(count: 3, valueBytes: 100)) }
        faults.clear()
        #expect(fixture.names.filter { $0.hasSuffix(".log") } == [segmentName(0)])
        #expect(try fixture.append("small").baseOffset == 3)
        try fixture.closeAndReopen()
        #expect(try fixture.values() == ["value 0", "value 1", "value 2", "small"])
    }

    @Test func indexesThatCannotBeWrittenAreRebuilt() throws {
        let faults = FaultyFileSystem()
        let fixture = try LogFixture(fileSystem: faults) {
            $0.segmentBytes = 2_000
            $0.indexIntervalBytes = 1
        }
        faults.inject(.init(.write, .fail(errno: ENOSPC), pathSuffix: "index"))
        faults.inject(.init(.write, .fail(errno: ENOSPC), pathSuffix: ".snapshot"))
        for index in 0..<100 { try fixture.append("value \(index)", at: Int64(index)) }
        faults.clear()
        #expect(try fixture.values() == (0..<100).map { "value \($0)" })
        #expect(try fixture.log.offset(forTimestamp: 10)?.offset == 10)
        try fixture.closeAndReopen()
        #expect(try fixture.log.offset(forTimestamp: 60)?.offset == 60)
        #expect(try fixture.values() == (0..<100).map { "value \($0)" })
    }

    /// Whatever step of a replacement fails, the name holds the old content or the new one.
    @Test func replacementsAreAtomic() throws {
        let root = TemporaryDirectory()
        let path = root.path + "/file"
        let operations: [FaultyFileSystem.Operation] = [.open, .write, .flush, .rename]
        for operation in operations {
            let faults = FaultyFileSystem()
            try AtomicFile.replace(path: path, with: Array("old".utf8), fileSystem: faults)
            faults.inject(.init(operation, .fail(errno: EIO)))
            #expect(throws: StorageError.self) {
                try AtomicFile.replace(path: path, with: Array("new".utf8), fileSystem: faults)
            }
            #expect(try AtomicFile.read(path: path, fileSystem: PosixFileSystem()) == Array("old".utf8))
            #expect(PosixFileSystem().list(root.path).names == ["file"])
        }
    }
}
