import KafkaRecords
import LogStorage
import Synchronization
import TestSupport
import Testing

@Suite struct CompactionTests {
    private typealias Item = CompactionFixture.Item

    // MARK: What stays

    @Test func theLastRecordOfEachKeyStays() throws {
        let fixture = try CompactionFixture()
        for round in 0..<10 { for key in ["a", "b", "c"] { try fixture.append(key, "\(round)") } }
        try fixture.append("d", "only")
        try fixture.roll()
        let sizeBefore = try fixture.log.sizeInBytes
        let report = try #require(try fixture.clean())
        #expect(report.cleanedOffset == 31)
        #expect(try fixture.values == ["a=9", "b=9", "c=9", "d=only"])
        #expect(try fixture.base.records().map(\.offset) == [27, 28, 29, 30])
        #expect(try fixture.log.sizeInBytes < sizeBefore / 4)
        #expect(fixture.log.logStartOffset == 0)
        try fixture.check()
        try fixture.base.closeAndReopen()
        try fixture.check()
        try fixture.checkFiles()
    }

    @Test func theActiveSegmentIsNeverTouched() throws {
        let fixture = try CompactionFixture { $0.segmentBytes = 1 << 20 }
        for index in 0..<20 { try fixture.append("a", "\(index)") }
        #expect(try fixture.clean() == nil)
        try fixture.roll()
        for index in 20..<25 { try fixture.append("a", "\(index)") }
        #expect(try fixture.clean()?.cleanedOffset == 20)
        #expect(try fixture.values == ["a=19", "a=20", "a=21", "a=22", "a=23", "a=24"])
        #expect(try fixture.clean() == nil, "nothing is dirty any more")
        try fixture.check()
    }

    @Test(arguments: Compression.allCases) func batchesKeepTheirCodecAndTheirOffsets(_ codec: Compression) throws {
        let fixture = try CompactionFixture { $0.segmentBytes = 1 << 20 }
        let filler = String(repeating: "long and dull ", count: 20)
        try fixture.append(
            (0..<10).map { Item(key: "k\($0 % 4)", value: filler + "\($0)") }, compression: codec, producerID: 4)
        try fixture.append([Item(key: "k0", value: "new"), Item(key: "x", value: filler)], compression: codec)
        try fixture.roll()
        try fixture.clean()
        #expect(try fixture.base.records().map(\.offset) == [6, 7, 9, 10, 11])
        let batches = try fixture.batches()
        #expect(batches.allSatisfy { $0.compression == codec })
        #expect(batches[0].baseOffset == 0 && batches[0].lastOffset == 9 && batches[0].recordCount == 3)
        #expect(batches[0].lastSequence == 9 && batches[0].producerID == 4)
        #expect(batches[1].recordCount == 2)
        try fixture.check()
    }

    @Test func aBatchThatStaysWholeIsCopiedByteForByte() throws {
        let fixture = try CompactionFixture()
        try fixture.append("a", "old")
        try fixture.append([Item(key: "b", value: "1"), Item(key: "c", value: "2")], compression: .zstd)
        try fixture.append("a", "new")
        let before = try fixture.rawBatches()
        try fixture.roll()
        try fixture.clean()
        #expect(try fixture.rawBatches() == Array(before[1...]))
    }

    @Test func recordsWithoutAKeyGo() throws {
        let fixture = try CompactionFixture()
        try fixture.append([Item(key: nil, value: "1"), Item(key: "a", value: "2"), Item(key: nil, value: nil)])
        try fixture.append([Item(key: nil, value: "4")])
        try fixture.append([Item(key: "", value: "an empty key is one")])
        try fixture.roll()
        try fixture.clean()
        #expect(try fixture.values == ["a=2", "=an empty key is one"])
        try fixture.check()
    }

    @Test func logAppendTimesStay() throws {
        let fixture = try CompactionFixture()
        for (key, value) in [("a", "1"), ("b", "2"), ("a", "3")] { try fixture.append(key, value) }
        var stamped = BatchFixtures.batch(records: [("a", "x"), ("b", nil), ("a", "y")], timestamp: 5)
        stampLogAppendTime(&stamped, milliseconds: 77)
        try fixture.base.append(stamped)
        try fixture.roll()
        try fixture.clean()
        let times = try fixture.base.records().map { [$0.offset, $0.timestamp] }
        #expect(times == [[4, 77], [5, 77]])
        #expect(try fixture.log.offset(forTimestamp: 50)?.offset == 4)
        #expect(try fixture.log.maxTimestampOffset()?.offset == 4)
    }

    // MARK: Tombstones (KIP-534)

    @Test func tombstonesStayForTheirTime() throws {
        let fixture = try CompactionFixture { $0.deleteRetentionMilliseconds = 1_000 }
        try fixture.append([Item(key: "a", value: "1"), Item(key: "b", value: "2")])
        try fixture.append([Item(key: "a", value: nil), Item(key: "c", value: "3")])
        try fixture.roll()
        try fixture.clean()
        #expect(try fixture.values == ["b=2", "a=-", "c=3"])
        let marked = try #require(try fixture.batches().first { $0.deleteHorizon != nil })
        #expect(marked.deleteHorizon == fixture.base.clock.wallMilliseconds + 1_000)
        try fixture.check()

        fixture.base.clock.advance(milliseconds: 999)
        try fixture.makeDirty("x")
        try fixture.clean()
        #expect(try fixture.values.contains("a=-"))
        fixture.base.clock.advance(milliseconds: 1)
        try fixture.makeDirty("y")
        try fixture.clean()
        #expect(try fixture.values == ["b=2", "c=3", "x=1", "y=1"])
        try fixture.check()
        try fixture.base.closeAndReopen()
        try fixture.check()
    }

    @Test func aTombstoneThatWasOverwrittenGoesAtOnce() throws {
        let fixture = try CompactionFixture()
        try fixture.append("a", nil)
        try fixture.append("a", "back")
        try fixture.roll()
        try fixture.clean()
        #expect(try fixture.values == ["a=back"])
    }

    // MARK: Offsets and sequences

    @Test func theEndOfTheCleanedPartIsKept() throws {
        let fixture = try CompactionFixture()
        for _ in 0..<20 { try fixture.append("a", "x") }
        try fixture.append("a", nil)
        try fixture.roll()
        fixture.log.config.deleteRetentionMilliseconds = 0
        try fixture.clean()
        fixture.base.clock.advance(milliseconds: 1)
        // A transaction marker or a record without key would do as well: something without a key to clean.
        try fixture.append([Item(key: nil, value: "gone")])
        try fixture.roll()
        try fixture.clean()
        #expect(try fixture.values == [])
        let batches = try fixture.batches()
        #expect(batches.map(\.lastOffset) == [21])
        #expect(batches.map(\.recordCount) == [0])
        #expect(try fixture.log.logEndOffset == 22)
        try fixture.base.reopen(.unclean(recoveryPoint: 0, logStartOffset: nil))
        #expect(fixture.base.report.isEmpty)
        #expect(try fixture.log.logEndOffset == 22)
        #expect(try fixture.log.offset(forTimestamp: 0) == nil)
        #expect(try fixture.log.maxTimestampOffset() == nil)
    }

    @Test func aProducersSequenceSurvives() throws {
        let fixture = try CompactionFixture()
        for index in 0..<10 { try fixture.append([Item(key: "a", value: "\(index)")], producerID: 7) }
        for index in 0..<20 { try fixture.append([Item(key: "a", value: "\(index)")]) }
        try fixture.roll()
        try fixture.clean()
        #expect(try fixture.values == ["a=19"])
        #expect(try fixture.batches().contains { $0.producerID == 7 && $0.lastSequence == 9 && $0.recordCount == 0 })
        // Nothing but the batches themselves can tell.
        for name in fixture.base.names where name.hasSuffix(".snapshot") {
            _ = PosixFileSystem().unlink(fixture.base.file(name))
        }
        try fixture.base.reopen(.unclean(recoveryPoint: 0, logStartOffset: nil))
        #expect(try fixture.log.producers.map(\.lastSequence) == [9])
        try fixture.append([Item(key: "b", value: "next")], producerID: 7)
        let duplicate = BatchFixtures.idempotentBatch(values: ["again"], producerID: 7, baseSequence: 9)
        let check = try fixture.log.checkProducer(BatchHeader(parsing: duplicate.span.bytes))
        guard case .duplicate(let offset, _, _) = check else {
            Issue.record("\(check)")
            return
        }
        #expect(offset == 9)
    }

    @Test func forgottenProducersLeaveNothing() throws {
        let fixture = try CompactionFixture()
        try fixture.append([Item(key: "a", value: "1")], producerID: 7)
        fixture.base.clock.advance(milliseconds: fixture.log.config.producerExpirationMilliseconds + 1)
        try fixture.append("a", "2")
        try fixture.roll()
        try fixture.clean()
        #expect(try fixture.batches().count == 1)
    }

    // MARK: Transactions (of a log that Kafka has written)

    @Test func onlyCommittedRecordsTakeThePlaceOfOthers() throws {
        let fixture = try CompactionFixture()
        try fixture.append("a", "1")
        try fixture.append("b", "1")
        try fixture.append([Item(key: "a", value: "aborted")], producerID: 1, isTransactional: true)
        try fixture.appendMarker(producerID: 1, isCommit: false)
        try fixture.append([Item(key: "b", value: "committed")], producerID: 2, isTransactional: true)
        try fixture.appendMarker(producerID: 2, isCommit: true)
        try fixture.roll()
        try fixture.clean()
        #expect(try fixture.base.records().map(\.offset) == [0, 2, 3, 4, 5], "markers stay")
        try fixture.append("a", "2")
        try fixture.roll()
        try fixture.clean()
        #expect(try fixture.base.records().map(\.offset) == [3, 4, 5, 6])
    }

    @Test func nothingIsCleanedBehindAnOpenTransaction() throws {
        let fixture = try CompactionFixture()
        for index in 0..<3 { try fixture.append("a", "\(index)") }
        try fixture.roll()
        try fixture.append([Item(key: "a", value: "open")], producerID: 1, isTransactional: true)
        try fixture.roll()
        for index in 4..<6 { try fixture.append("a", "\(index)") }
        try fixture.roll()
        #expect(try fixture.clean()?.cleanedOffset == 3)
        #expect(try fixture.values == ["a=2", "a=open", "a=4", "a=5"])
        try fixture.appendMarker(producerID: 1, isCommit: true)
        try fixture.roll()
        #expect(try fixture.clean()?.cleanedOffset == 7)
        #expect(try fixture.base.records().map(\.offset) == [5, 6])
    }

    // MARK: When

    @Test func dirtinessCountsWhatWasNeverCleaned() throws {
        let fixture = try CompactionFixture { $0.minCleanableDirtyRatio = 0.5 }
        for index in 0..<10 { try fixture.append("\(index)", "x") }
        try fixture.roll()
        let first = try #require(try fixture.log.dirtiness(cleanedOffset: nil))
        #expect(first.ratio == 1 && first.isWorthCleaning && first.endOffset == 10)
        try fixture.clean()
        #expect(try fixture.log.dirtiness(cleanedOffset: fixture.cleanedOffset) == nil)
        for index in 0..<3 { try fixture.append("\(index)", "x") }
        try fixture.roll()
        let second = try #require(try fixture.log.dirtiness(cleanedOffset: fixture.cleanedOffset))
        #expect(second.firstDirtyOffset == 10 && !second.isWorthCleaning && second.ratio > 0.2)
        for index in 0..<10 { try fixture.append("\(index)", "x") }
        try fixture.roll()
        #expect(try fixture.log.dirtiness(cleanedOffset: fixture.cleanedOffset)?.isWorthCleaning == true)
        // What cannot be true counts as nothing: the log was cut, or records were deleted.
        #expect(try fixture.log.dirtiness(cleanedOffset: 1_000)?.firstDirtyOffset == 0)
        _ = try fixture.log.deleteRecords(before: 12)
        #expect(try fixture.log.dirtiness(cleanedOffset: 10)?.firstDirtyOffset == 12)
    }

    @Test func theMinimumLagCountsFromTheLastAppend() throws {
        let fixture = try CompactionFixture {
            $0.minCompactionLagMilliseconds = 1_000
            $0.segmentBytes = 1 << 20
        }
        try fixture.append("a", "1")
        try fixture.append("a", "2")
        try fixture.roll()
        fixture.base.clock.advance(milliseconds: 600)
        // Long ago by its own account: that does not make it old.
        try fixture.base.append(BatchFixtures.batch(records: [("a", "3")], timestamp: 1))
        try fixture.roll()
        #expect(try fixture.log.dirtiness(cleanedOffset: nil) == nil)
        fixture.base.clock.advance(milliseconds: 400)
        #expect(try fixture.log.dirtiness(cleanedOffset: nil)?.endOffset == 2)
        fixture.base.clock.advance(milliseconds: 600)
        #expect(try fixture.log.dirtiness(cleanedOffset: nil)?.endOffset == 3)
        // The files know it after a restart.
        fixture.base.clock.advance(milliseconds: -600)
        try fixture.base.closeAndReopen()
        #expect(try fixture.log.dirtiness(cleanedOffset: nil)?.endOffset == 2)
    }

    @Test func theMaximumLagForces() throws {
        let fixture = try CompactionFixture {
            $0.minCleanableDirtyRatio = 1
            $0.maxCompactionLagMilliseconds = 1_000
        }
        try fixture.append("a", "1")
        try fixture.roll()
        #expect(try fixture.log.dirtiness(cleanedOffset: nil)?.isWorthCleaning == false)
        fixture.base.clock.advance(milliseconds: 1_001)
        #expect(try fixture.log.dirtiness(cleanedOffset: nil)?.isWorthCleaning == true)
    }

    @Test func askingLoadsNothing() throws {
        let faults = FaultyFileSystem()
        let fixture = try CompactionFixture(fileSystem: faults)
        for index in 0..<30 { try fixture.append("a", "\(index)") }
        try fixture.base.closeAndReopen()
        let (opened, mapped) = (faults.calls(.open), faults.calls(.map))
        #expect(try fixture.log.dirtiness(cleanedOffset: nil) != nil)
        #expect(faults.calls(.open) == opened && faults.calls(.map) == mapped)
        #expect(fixture.log.recoveryPoint == nil, "not loaded")
        _ = try fixture.log.planCleaning(cleanedOffset: nil)
        #expect(faults.calls(.open) > opened && faults.calls(.map) > mapped)
    }

    // MARK: Limits

    @Test func aMapThatIsFullTakesSeveralCleanings() throws {
        let fixture = try CompactionFixture()
        for round in 0..<3 { for key in 0..<50 { try fixture.append("\(key)", "\(round)") } }
        try fixture.roll()
        fixture.cleaner.mapBytesMax = 24 * 40
        var rounds = 0
        while let report = try fixture.clean() {
            rounds += 1
            #expect(report.mapWasFull == (report.cleanedOffset < 150))
            try fixture.check()
        }
        #expect(rounds > 3)
        // Duplicates that never were in one map together stay until their key is written again.
        #expect(try Set(fixture.values).isSuperset(of: (0..<50).map { "\($0)=2" }))
        for key in 0..<50 { try fixture.append("\(key)", "3") }
        try fixture.roll()
        fixture.cleaner.mapBytesMax = 1 << 20
        try fixture.clean()
        #expect(try fixture.values == (0..<50).map { "\($0)=3" })
        try fixture.check()
    }

    @Test func smallSegmentsAreGrouped() throws {
        let fixture = try CompactionFixture { $0.segmentBytes = 2_000 }
        for index in 0..<300 { try fixture.append("\(index % 40)", "\(index)") }
        try fixture.roll()
        #expect(fixture.log.segmentCount > 10)
        try fixture.clean()
        try fixture.makeDirty("one more")
        try fixture.clean()
        #expect(fixture.log.segmentCount <= 4)
        for name in fixture.base.names where name.hasSuffix(".log") {
            #expect(PosixFileSystem().status(fixture.base.file(name)).status.size <= 2_000)
        }
        try fixture.check()
    }

    @Test func segmentsWhoseOffsetsAreTooFarApartAreNotGrouped() throws {
        let fixture = try CompactionFixture { $0.segmentBytes = 1 << 20 }
        let wide = BatchFixtures.edited(BatchFixtures.batch(records: [("a", "1")])) {
            $0.lastOffsetDelta = Int32.max - 1
        }
        for _ in 0..<3 {
            try fixture.base.append(wide)
            try fixture.roll()
        }
        #expect(fixture.log.segmentCount == 4)
        _ = try fixture.cleaner.clean(fixture.base, cleanedOffset: nil)
        #expect(fixture.log.segmentCount == 4)
        #expect(try fixture.base.records().map(\.offset) == [2 * Int64(Int32.max)])
    }

    @Test func theSpeedLimitIsKept() throws {
        let fixture = try CompactionFixture()
        for index in 0..<100 { try fixture.append("\(index % 10)", "\(index)") }
        try fixture.roll()
        let clock = fixture.base.clock
        let started = clock.monotonicNanoseconds
        fixture.cleaner = LogCleaner(
            pace: CleaningPace(bytesPerSecond: 2_000, time: clock, isCancelled: { false }) {
                clock.advance(milliseconds: max(1, $0 / 1_000_000))
            })
        let report = try #require(try fixture.clean())
        let seconds = Double(clock.monotonicNanoseconds - started) / 1e9
        let expected = Double(report.bytesRead + report.bytesWritten) / 2_000
        #expect(abs(seconds - expected) < 0.2, "\(seconds) s for \(expected) s")
    }

    // MARK: Interference

    @Test func aCancelledCleaningLeavesNothing() throws {
        let fixture = try CompactionFixture()
        for index in 0..<60 { try fixture.append("\(index % 7)", "\(index)") }
        try fixture.roll()
        let before = try fixture.values
        let left = Counter()
        for steps in [0, 1, 30, 60, 70, 90] {
            left.set(steps)
            fixture.cleaner = LogCleaner(pace: CleaningPace(isCancelled: { left.next() < 0 }))
            do {
                try fixture.clean()
                Issue.record("it should have been cancelled")
            } catch let error as CleaningError {
                guard case .cancelled = error else { throw error }
            }
            try fixture.checkFiles()
        }
        #expect(try Set(before).isSuperset(of: fixture.values))
        fixture.isStrict = false
        try fixture.check()
    }

    /// Other things happen to the log while its segments are copied.
    @Test func deletionsDuringACleaningWin() throws {
        let fixture = try CompactionFixture()
        for index in 0..<60 { try fixture.append("\(index % 7)", "\(index)") }
        try fixture.roll()
        let log = Interrupted(fixture.base) { step in
            guard step == 1 else { return }
            _ = try fixture.log.deleteRecords(before: 20)
            try fixture.append("0", "meanwhile")
        }
        let error = #expect(throws: CleaningError.self) { try fixture.cleaner.clean(log, cleanedOffset: nil) }
        guard case .superseded? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        fixture.isStrict = false
        try fixture.check()
        try fixture.checkFiles()
        fixture.isStrict = true
        try fixture.clean()
        try fixture.check()
        #expect(try fixture.values.contains("0=meanwhile"))
    }

    @Test func aSwapWhoseSourcesGoHalfwayIsTakenBack() throws {
        let fixture = try CompactionFixture()
        for index in 0..<60 { try fixture.append("\(index % 7)", "\(index)") }
        try fixture.roll()
        let log = Interrupted(fixture.base) { step in
            // Between the decision and the replacement.
            if step == 2 { _ = try fixture.log.deleteRecords(before: 30) }
        }
        #expect(throws: CleaningError.self) { try fixture.cleaner.clean(log, cleanedOffset: nil) }
        try fixture.checkFiles()
        fixture.isStrict = false
        try fixture.check()
    }

    @Test func aSegmentThatIsDeletedBeforeItHasItsNameIsGone() throws {
        let fixture = try CompactionFixture()
        for index in 0..<60 { try fixture.append("\(index % 7)", "\(index)") }
        try fixture.roll()
        let log = Interrupted(fixture.base) { step in
            if step == 3 { _ = try fixture.log.deleteRecords(before: 60) }
        }
        let error = #expect(throws: CleaningError.self) { try fixture.cleaner.clean(log, cleanedOffset: nil) }
        guard case .superseded? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        try fixture.checkFiles()
        try fixture.base.closeAndReopen()
        #expect(fixture.log.logStartOffset == 60)
    }

    @Test func whoReadsGoesOnReading() throws {
        let fixture = try CompactionFixture()
        for index in 0..<60 { try fixture.append("a", "\(index)") }
        try fixture.roll()
        let location = try #require(try fixture.log.locate(0, maxBytes: 1 << 20))
        let slice = try #require(try location.slice(from: 0, maxBytes: 1 << 20, atLeastOneBatch: true))
        try fixture.clean()
        let found = try fixture.base.batches(slice).flatMap { try BatchFixtures.records(in: $0) }
        #expect(found.map(\.offset) == Array(0..<Int64(found.count)) && found.count > 3)
        let again = try #require(try location.slice(from: 1, maxBytes: 1 << 20, atLeastOneBatch: true))
        #expect(again.count > 0)
    }

    // MARK: Damage

    @Test func damageIsNotCleaned() throws {
        for position in [0, 20, 70, 200] {
            let fixture = try CompactionFixture()
            for index in 0..<60 { try fixture.append("\(index % 7)", "\(index)") }
            try fixture.roll()
            try fixture.base.flush()
            var bytes = try #require(try fixture.base.read(segmentName(0)))
            bytes[position] ^= 0x40
            try fixture.base.overwrite(segmentName(0), bytes)
            try fixture.log.close()
            try fixture.base.reopen(.clean(logStartOffset: nil))
            let error = #expect(throws: CleaningError.self) {
                try fixture.cleaner.clean(fixture.base, cleanedOffset: nil)
            }
            guard case .uncleanable(let reason)? = error else {
                Issue.record("\(String(describing: error)) at \(position)")
                continue
            }
            #expect(reason.code == .corrupt && reason.message.contains(segmentName(0)))
            let leftovers = fixture.base.names.filter { $0.hasSuffix(".cleaned") || $0.hasSuffix(".deleted") }
            #expect(leftovers.isEmpty && fixture.base.names.contains(segmentName(8)))
            #expect(try fixture.base.read(segmentName(0)) == bytes)
        }
    }
}

/// Counts down to minus one.
private final class Counter: Sendable {
    private let value = Mutex(0)
    func set(_ count: Int) { value.withLock { $0 = count } }
    func next() -> Int {
        value.withLock { value in
            value -= 1
            return value
        }
    }
}

/// Does something before each use of the log by the cleaner, the plan (step 0) not counted.
private struct Interrupted: CleanableLog {
    let base: LogFixture
    let interruption: (Int) throws -> Void
    private let steps = Counter()

    init(_ base: LogFixture, _ interruption: @escaping (Int) throws -> Void) {
        self.base = base
        self.interruption = interruption
        steps.set(0)
    }

    func withLog<Value: Sendable>(_ body: (Log) throws(StorageError) -> Value) throws(StorageError) -> Value {
        do { try interruption(-steps.next() - 1) } catch { Issue.record("\(error)") }
        return try base.withLog(body)
    }
}
