// What power cuts have found in the log, one history each. `Tests/BrokerTests/Power` looks for more.

import KafkaRecords
import LogStorage
import TestSupport
import Testing

@Suite struct PowerCutLogTests {
    /// A flush was under way while its file grew and was sealed: the next flush has to sync it again.
    @Test func aSegmentThatIsSealedDuringAFlushIsFlushedAgain() throws {
        let root = TemporaryDirectory()
        let fileSystem = try PowerCutFileSystem(root: root.path)
        let fixture = try LogFixture(root: root, fileSystem: fileSystem) { $0.segmentBytes = 1_000 }
        try fixture.append("first")
        let target = try #require(fixture.log.beginFlush())
        try target.sync()
        while fixture.log.segmentCount == 1 { try fixture.append("more") }
        fixture.log.completeFlush(target)
        try fixture.flush()
        let end = try fixture.log.logEndOffset
        let left = TemporaryDirectory()
        var generator = SeededGenerator(drawing: 1)
        PowerCutFileSystem.restore(fileSystem.disk.image(.syncedOnly, using: &generator), in: left.path)
        let (log, report) = try Log.open(
            directory: left.path + "/" + fixture.name.directoryName, name: fixture.name, config: fixture.config,
            fileSystem: PosixFileSystem(), time: fixture.clock,
            start: .unclean(recoveryPoint: nil, logStartOffset: nil))
        #expect(try log.logEndOffset == end)
        #expect(report.isEmpty)
    }

    /// A flush has failed, and the next start reads from the page cache what the disk does not have. A producer that sends it once
    /// more is told that it is there: then it has to be.
    @Test func whatAFailedFlushHasLostIsWrittenByTheNextStart() throws {
        let root = TemporaryDirectory()
        let fileSystem = try PowerCutFileSystem(root: root.path)
        let fixture = try LogFixture(root: root, fileSystem: fileSystem) { $0.segmentBytes = 1_000 }
        try fixture.append("first")
        try fixture.flush()
        while fixture.log.segmentCount < 3 { try fixture.append("unsynced") }
        try fixture.append("last")
        let values = try fixture.values()
        for name in fixture.names where name.hasSuffix(".log") { fileSystem.loseWrites(to: fixture.file(name)) }
        let target = try #require(fixture.log.beginFlush())
        fixture.log.failFlush(target, StorageError(.ioError, "it was lost"))()
        try fixture.reopen(.unclean(recoveryPoint: 1, logStartOffset: nil))
        #expect(try fixture.values() == values, "the page cache has it")
        try fixture.flush()
        #expect(fixture.log.recoveryPoint == Int64(values.count))
        let left = TemporaryDirectory()
        var generator = SeededGenerator(drawing: 1)
        PowerCutFileSystem.restore(fileSystem.disk.image(.syncedOnly, using: &generator), in: left.path)
        let (log, _) = try Log.open(
            directory: left.path + "/" + fixture.name.directoryName, name: fixture.name, config: fixture.config,
            fileSystem: PosixFileSystem(), time: fixture.clock, start: .unclean(recoveryPoint: 1, logStartOffset: nil))
        #expect(try log.logEndOffset == Int64(values.count))
        try log.close()
        #expect(!PosixFileSystem().list(left.path + "/" + fixture.name.directoryName).names.contains("flush-failed"))
    }

    /// The first write made the file and failed: the next one is not durable before the file's name is.
    @Test func aSegmentWhoseFirstWriteFailedGetsItsNameSynced() throws {
        let faults = FaultyFileSystem()
        let fixture = try LogFixture(fileSystem: faults)
        faults.inject(.init(.write, .fail(errno: 28), times: 1))
        #expect(throws: StorageError.self) { try fixture.append("refused") }
        try fixture.append("taken")
        let before = faults.calls(.flushDirectory)
        try fixture.flush()
        #expect(faults.calls(.flushDirectory) == before + 1)
    }

    /// The process ended in a roll: the next segment is there, and zeros behind the last batch of the one before it, which
    /// was flushed to its end.
    @Test func zerosBehindAFlushedSegmentAreCutOff() throws {
        let fixture = try LogFixture()
        for index in 0..<5 { try fixture.append("value \(index)") }
        try fixture.log.close()
        let whole = try #require(try fixture.read(segmentName(0)))
        try fixture.overwrite(segmentName(0), whole + [UInt8](repeating: 0, count: 500))
        try fixture.overwrite(segmentName(5), [])
        try fixture.reopen(.unclean(recoveryPoint: 5, logStartOffset: nil))
        #expect(try fixture.values() == (0..<5).map { "value \($0)" })
        #expect(try fixture.read(segmentName(0)) == whole)
        #expect(fixture.report.isEmpty)
    }

    /// A segment that lost its last batches with its size, and a next one that did not: what follows the gap is cut off.
    @Test(arguments: [false, true]) func aSegmentThatLostItsEndEndsTheLog(_ isCompacted: Bool) throws {
        let fixture = try LogFixture {
            $0.segmentBytes = 1_000
            $0.isCompacted = isCompacted
        }
        var sizes: [Int] = []
        while fixture.log.segmentCount < 3 {
            let batch = BatchFixtures.batch(values: ["value \(sizes.count)"])
            try fixture.append(batch)
            sizes.append(batch.count)
        }
        let end = try fixture.log.logEndOffset
        let first = try #require(try fixture.read(segmentName(0)))
        var ends = [0]
        for size in sizes where ends[ends.count - 1] < first.count { ends.append(ends[ends.count - 1] + size) }
        let kept = ends.count - 3
        try fixture.overwrite(segmentName(0), Array(first[..<ends[kept]]))
        try fixture.reopen(.unclean(recoveryPoint: nil, logStartOffset: nil))
        // Compaction makes such gaps itself.
        #expect(try fixture.log.logEndOffset == (isCompacted ? end : Int64(kept)))
        if !isCompacted {
            #expect(try fixture.values() == (0..<kept).map { "value \($0)" })
            #expect(try fixture.log.leaderEpoch == 1)
        }
    }
}
