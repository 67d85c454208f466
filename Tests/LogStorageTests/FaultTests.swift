import Dispatch
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

    /// Some file systems reserve until there is no more, and keep it.
    @Test(arguments: [0, 1]) func aReservationThatFailsHalfwayIsGivenBack(failingTruncations: Int) throws {
        let faults = FaultyFileSystem()
        let fixture = try LogFixture(fileSystem: faults) { $0.segmentBytes = 500 }
        faults.inject(.init(.allocate, .tornWrite(bytes: 400, errno: ENOSPC)))
        faults.inject(.init(.truncate, .fail(errno: EIO), pathSuffix: ".log", times: failingTruncations))
        for index in 0..<20 { try fixture.append("value \(index)") }
        for name in fixture.names
        where name.hasSuffix(".log") && name != fixture.names.last(where: { $0.hasSuffix(".log") }) {
            let bytes = try #require(try fixture.read(name))
            #expect(!bytes.suffix(8).allSatisfy { $0 == 0 }, "\(name) ends with its last batch")
        }
        try fixture.closeAndReopen()
        #expect(try fixture.values() == (0..<20).map { "value \($0)" })
        try fixture.reopen(.unclean(recoveryPoint: 0, logStartOffset: nil))
        #expect(fixture.report.isEmpty)
        #expect(try fixture.values() == (0..<20).map { "value \($0)" })
    }

    @Test func reservationsAreTriedAgainWhenThereMayBeRoom() throws {
        let faults = FaultyFileSystem()
        let fixture = try LogFixture(fileSystem: faults)
        faults.inject(.init(.allocate, .fail(errno: ENOSPC)))
        let batch = BatchFixtures.batch(count: 1, valueBytes: 1_000)
        for _ in 0..<40 { try fixture.append(batch) }
        #expect(faults.calls(.allocate) == 1, "not with every append")
        faults.clear()
        for _ in 0..<40 { try fixture.append(batch) }
        #expect(PosixFileSystem().status(fixture.file(segmentName(0))).status.size > Int64(80 * batch.count))
    }

    /// What a failed write has left behind the end, and could not be cut off, does not outlive a clean stop.
    @Test func aPieceThatStaysIsCutOffByTheStop() throws {
        let faults = FaultyFileSystem()
        let fixture = try LogFixture(fileSystem: faults) { $0.preallocationMaxBytes = 0 }
        try fixture.append("a")
        faults.inject(.init(.write, .tornWrite(bytes: 70, errno: EIO), pathSuffix: ".log"))
        faults.inject(.init(.truncate, .fail(errno: EIO), pathSuffix: ".log"))
        #expect(throws: StorageError.self) { try fixture.append("lost") }
        faults.clear()
        try fixture.closeAndReopen()
        #expect(try fixture.values() == ["a"])
        #expect(try fixture.append("b").baseOffset == 1)
    }

    /// A full disk is no reason for an unclean start, and leaves no piece of a snapshot.
    @Test(arguments: [FaultyFileSystem.Effect.fail(errno: ENOSPC), .tornWrite(bytes: 3, errno: ENOSPC)])
    func aSnapshotThatDoesNotFitIsDoneWithout(_ effect: FaultyFileSystem.Effect) throws {
        let faults = FaultyFileSystem()
        let fixture = try LogFixture(fileSystem: faults) { $0.segmentBytes = 500 }
        faults.inject(.init(.write, effect, pathSuffix: ".snapshot"))
        for sequence in 0..<10 as Range<Int32> {
            try fixture.append(
                BatchFixtures.idempotentBatch(values: ["\(sequence)"], producerID: 1, baseSequence: sequence))
        }
        try fixture.log.close()
        #expect(!fixture.names.contains { $0.hasSuffix(".snapshot") })
        faults.clear()
        try fixture.reopen(.clean(logStartOffset: nil))
        let again = BatchFixtures.idempotentBatch(values: ["9"], producerID: 1, baseSequence: 9)
        let check = try fixture.log.checkProducer(try BatchHeader(parsing: again.span.bytes))
        if case .duplicate(baseOffset: 9, _, _) = check { return }
        Issue.record("\(check)")
    }

    /// Clients are told by a new epoch that an unreadable tail was cut off, also on a disk without room for another file.
    @Test func aTornTailIsCutOffOnAFullDisk() throws {
        let faults = FaultyFileSystem()
        let fixture = try LogFixture(fileSystem: faults) { $0.preallocationMaxBytes = 0 }
        try fixture.append("a")
        try fixture.flush()
        var bytes = try #require(try fixture.read(segmentName(0)))
        bytes += BatchFixtures.batch(values: ["torn"], baseOffset: 1).dropLast(3)
        try fixture.overwrite(segmentName(0), bytes)
        faults.inject(.init(.open, .fail(errno: ENOSPC), pathSuffix: ".tmp"))
        for _ in 0..<2 {
            try fixture.reopen(.unclean(recoveryPoint: 0, logStartOffset: nil))
            #expect(try fixture.values() == ["a"])
            #expect(try fixture.log.leaderEpoch == 1)
        }
        #expect(try fixture.log.endOffset(forLeaderEpoch: 0) == (0, 1))
        #expect(try fixture.append("b").baseOffset == 1)
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

    /// The kernel tells of an error once: who syncs while another does waits for him, and fails if he did.
    @Test func syncsOfOneFileTakeTurns() throws {
        let faults = FaultyFileSystem()
        let fixture = try LogFixture(fileSystem: faults)
        try fixture.append("a")
        try fixture.flush()
        try fixture.append("b")
        let targets = try (0..<2).map { _ in try #require(fixture.log.beginFlush()) }
        let held = HeldCalls()
        faults.inject(.init(.flush, held.effect, times: 1))
        faults.inject(.init(.flush, .fail(errno: EIO), times: 1))
        let before = faults.calls(.flush)
        let done = DispatchGroup()
        for target in targets {
            DispatchQueue.global().async(group: done) {
                do throws(StorageError) { try target.sync() } catch { #expect(error.code == .ioError) }
            }
        }
        try held.awaitCall()
        for _ in 0..<1_000 { sched_yield() }
        #expect(faults.calls(.flush) == before + 1)
        held.release()
        done.wait()
        #expect(faults.calls(.flush) == before + 2)
        for target in targets { #expect(throws: StorageError.self) { try target.sync() } }
        #expect(faults.calls(.flush) == before + 2, "nobody tries again")
    }
}
