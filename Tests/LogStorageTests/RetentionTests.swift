import Glibc
import KafkaRecords
import LogStorage
import TestSupport
import Testing

@Suite struct RetentionTests {
    /// Segments of two records, each a second younger than the one before.
    private func fixture(
        _ count: Int = 6, fileSystem: any FileSystem = PosixFileSystem(), _ configure: (inout LogConfig) -> Void
    ) throws -> LogFixture {
        let fixture = try LogFixture(fileSystem: fileSystem) {
            $0.segmentBytes = 200
            configure(&$0)
        }
        for index in 0..<count {
            try fixture.append("value \(index)")
            if index % 2 == 1 { fixture.clock.advance(milliseconds: 1_000) }
        }
        #expect(fixture.log.segmentCount == count / 2)
        return fixture
    }

    /// Both steps; how many segments went.
    @discardableResult private func expire(_ fixture: LogFixture) throws -> Int {
        guard try fixture.log.expire() else { return 0 }
        return try fixture.log.setAsideExpired().paths.count
    }

    private func logs(_ fixture: LogFixture) -> [String] { fixture.names.filter { $0.hasSuffix(".log") } }

    @Test func segmentsGoByTheTimeOfTheirLastAppend() throws {
        let fixture = try fixture { $0.retentionMilliseconds = 2_500 }
        #expect(try expire(fixture) == 1, "appended to 3, 2 and 1 seconds ago")
        #expect(fixture.log.logStartOffset == 2)
        #expect(try expire(fixture) == 0)
        fixture.clock.advance(milliseconds: 500)
        #expect(try expire(fixture) == 0, "as old as it may be")
        fixture.clock.advance(milliseconds: 1)
        #expect(try expire(fixture) == 1)
        #expect(try fixture.values() == ["value 4", "value 5"])
    }

    @Test(arguments: [0, BatchFixtures.epochMilliseconds * 2]) func timesOfRecordsNeitherKeepNorDrop(
        _ timestamp: Int64
    ) throws {
        let fixture = try LogFixture {
            $0.segmentBytes = 200
            $0.retentionMilliseconds = 1_000
        }
        for index in 0..<6 { try fixture.append("value \(index)", at: timestamp) }
        fixture.clock.advance(milliseconds: 1_000)
        #expect(try expire(fixture) == 0)
        fixture.clock.advance(milliseconds: 1)
        #expect(try expire(fixture) == 3)
    }

    @Test func anIdleLogBecomesEmpty() throws {
        let fixture = try fixture { $0.retentionMilliseconds = 1_000 }
        fixture.clock.advance(milliseconds: 1_000)
        #expect(try expire(fixture) == 3)
        #expect(try fixture.values() == [])
        #expect(fixture.log.logStartOffset == 6)
        #expect(logs(fixture) == [segmentName(6)])
        fixture.clock.advance(milliseconds: 10_000)
        #expect(try expire(fixture) == 0, "an empty log stays as it is")
        #expect(try fixture.append("next").baseOffset == 6)
        try fixture.closeAndReopen()
        #expect(try fixture.values() == ["next"])
    }

    @Test func anIdleSegmentIsRolled() throws {
        let fixture = try LogFixture {
            $0.segmentMilliseconds = 1_000
            $0.isDeletable = false
        }
        try fixture.append("a")
        fixture.clock.advance(milliseconds: 999)
        #expect(try !fixture.log.expire())
        #expect(fixture.log.segmentCount == 1)
        fixture.clock.advance(milliseconds: 1)
        for _ in 0..<2 {
            #expect(try !fixture.log.expire())
            #expect(fixture.log.segmentCount == 2)
        }
        #expect(try fixture.values() == ["a"])
    }

    @Test func theOldestGoWhileEnoughIsLeft() throws {
        let fixture = try fixture { $0.retentionMilliseconds = nil }
        let segment = try fixture.log.sizeInBytes / 3
        fixture.log.config.retentionBytes = 2 * segment + 1
        #expect(try expire(fixture) == 0, "one less would be too few")
        fixture.log.config.retentionBytes = 2 * segment
        #expect(try expire(fixture) == 1)
        #expect(try fixture.log.sizeInBytes == 2 * segment)
        fixture.log.config.retentionBytes = 0
        #expect(try expire(fixture) == 2, "nothing need be left")
        #expect(try fixture.values() == [])
    }

    @Test func withoutDeleteInThePolicyNothingExpires() throws {
        let fixture = try fixture {
            $0.isDeletable = false
            $0.isCompacted = true
            $0.retentionMilliseconds = 0
            $0.retentionBytes = 0
        }
        fixture.clock.advance(milliseconds: 60_000)
        #expect(try expire(fixture) == 0)
        #expect(try fixture.values().count == 6)
    }

    @Test func nothingIsLoadedToFindOut() throws {
        let faults = FaultyFileSystem()
        let fixture = try fixture(fileSystem: faults) { $0.retentionMilliseconds = 10_000 }
        try fixture.closeAndReopen()
        let before = (faults.calls(.open), faults.calls(.read), faults.calls(.map))
        #expect(try expire(fixture) == 0)
        fixture.clock.advance(milliseconds: 8_000)
        #expect(try expire(fixture) == 1, "the files' times say it")
        let after = (faults.calls(.open), faults.calls(.read), faults.calls(.map))
        // The leader epochs are looked at when something goes.
        #expect(after.0 <= before.0 + 1 && after.2 == before.2)
        #expect(fixture.log.recoveryPoint == nil, "still not loaded")
        #expect(try fixture.values(from: 2).count == 4)
    }

    @Test func aReaderFinishesInASegmentThatHasGone() throws {
        let fixture = try fixture { $0.retentionMilliseconds = 0 }
        let location = try #require(try fixture.log.locate(0, maxBytes: 1 << 20))
        #expect(try fixture.log.expire())
        let files = try fixture.log.setAsideExpired()
        #expect(fixture.names.filter { $0.hasSuffix(".deleted") }.count == 3)
        try files.remove()
        #expect(logs(fixture) == [segmentName(6)])
        #expect(!fixture.names.contains { $0.hasSuffix(".deleted") })
        let slice = try #require(try location.slice(from: 0, maxBytes: 1 << 20, atLeastOneBatch: true))
        let found = try fixture.batches(slice).flatMap { try BatchFixtures.records(in: $0) }
        #expect(found.map(\.offset) == [0, 1])
        let error = #expect(throws: StorageError.self) { try fixture.log.locate(0, maxBytes: 1) }
        #expect(error?.code == .offsetOutOfRange(start: 6, end: 6))
    }

    /// Whatever step is the last one, the next start has everything from the new log start on and nothing before it.
    @Test func aCrashBetweenCheckpointAndRemovalLeavesNothingBehind() throws {
        var steps = 0
        while true {
            let faults = FaultyFileSystem(syncs: false)
            let fixture = try fixture(fileSystem: faults) { $0.retentionMilliseconds = 1_500 }
            #expect(try fixture.log.expire())
            let start = fixture.log.logStartOffset
            #expect(start == 4)
            faults.crash(afterChanges: steps)
            do throws(StorageError) { try fixture.log.setAsideExpired().remove() } catch {
                #expect(faults.hasCrashed)
            }
            let isDone = !faults.hasCrashed
            faults.clear()
            try fixture.reopen(.unclean(recoveryPoint: 0, logStartOffset: start))
            #expect(fixture.report.isEmpty)
            #expect(try fixture.values() == ["value 4", "value 5"], "after \(steps) changes")
            #expect(logs(fixture) == [segmentName(4)])
            #expect(!fixture.names.contains { $0.hasSuffix(".deleted") })
            if isDone { break }
            steps += 1
        }
        #expect(steps > 4)
    }

    @Test func aFullDiskDoesNotKeepSealedSegments() throws {
        let faults = FaultyFileSystem()
        let fixture = try fixture(fileSystem: faults) { $0.retentionMilliseconds = 0 }
        faults.inject(.init(.open, .fail(errno: ENOSPC), pathSuffix: segmentName(6)))
        fixture.clock.advance(milliseconds: 1)
        #expect(try expire(fixture) == 2)
        #expect(try fixture.values() == ["value 4", "value 5"])
        #expect(throws: StorageError.self) { try fixture.log.expire() }
        faults.clear()
        #expect(try expire(fixture) == 1)
    }
}
