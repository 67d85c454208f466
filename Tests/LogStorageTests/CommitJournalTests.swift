// The commit journal: what was written to it is found again, nothing else is, and a log takes from it what continues it.

import Glibc
import KafkaRecords
import TestSupport
import Testing

@testable import LogStorage

/// A journal of the smallest size, and logs that write to it.
private final class JournalFixture {
    let root = TemporaryDirectory()
    let directory: DataDirectory
    private(set) var journal: CommitJournal
    private var record = JournalRecord()

    init(fileSystem: any FileSystem = PosixFileSystem()) throws {
        directory = try DataDirectory.open(path: root.path + "/data", fileSystem: fileSystem)
        journal = try CommitJournal.open(in: directory, bytes: CommitJournal.bytesMin)
    }

    func reopen(bytes: Int64 = CommitJournal.bytesMin) throws {
        journal = try CommitJournal.open(in: directory, bytes: bytes)
    }

    var file: String { directory.path + "/commit-journal" }

    func log(_ partition: Int32 = 0, _ configure: (inout LogConfig) -> Void = { _ in }) throws -> LogFixture {
        let log = try LogFixture(root: root, partition: partition, configure)
        // The first flush knows of no place to go on from.
        try log.append("first")
        try log.flush()
        return log
    }

    static let topicID = Identifier(high: 1, low: 2)

    func key(_ log: LogFixture) -> JournaledBatches.Partition {
        .init(topicID: Self.topicID, partition: log.name.partition)
    }

    /// One round: false if there was no room.
    func write(_ logs: LogFixture...) throws -> CommitJournal.Place? {
        let targets = try logs.map { try #require($0.log.beginFlush(acceptsJournal: true)) }
        let ranges = try targets.map { try #require($0.journalRange) }
        let count = JournalRecord.bytes(for: ranges)
        record.clear(capacity: count)
        for (log, range) in zip(logs, ranges) {
            try record.add(range, topicID: Self.topicID, partition: log.name.partition)
        }
        guard let place = journal.place(forBytes: count) else { return nil }
        try journal.append(&record, at: place)
        for (log, target) in zip(logs, targets) { log.log.completeJournal(target) }
        return place
    }

    /// One round as the broker makes it: to the journal where that can be, else to the files.
    func commit(_ log: LogFixture) throws {
        let canGoToJournal = log.log.beginFlush(acceptsJournal: true)?.journalRange != nil
        if canGoToJournal { _ = try #require(try write(log)) } else { try log.flush() }
    }

    func writeFiveRounds(_ log: LogFixture) throws {
        for index in 0..<5 {
            try log.append("value \(index)")
            _ = try write(log)
        }
    }

    func found() throws -> JournaledBatches { try JournaledBatches.read(in: directory) }
}

@Suite struct CommitJournalTests {
    private static let unclean = LogStart.unclean(recoveryPoint: 1, logStartOffset: nil)

    @Test func whatWasWrittenIsFoundAgain() throws {
        let test = try JournalFixture()
        #expect(try test.found().isEmpty)
        let (first, second) = (try test.log(0), try test.log(1))
        try first.append("a")
        try second.append("b")
        try second.append("c")
        #expect(try test.write(first, second) != nil)
        try first.append("d")
        #expect(try test.write(first) != nil)
        let found = try test.found()
        #expect(found.partitions.count == 2)
        let file = try #require(try first.read(segmentName(0)))
        let bytes = found[test.key(first)].flatMap { Array($0.bytes) }
        let start = try #require(found[test.key(first)].first).position
        #expect(start > 0 && Array(file[start..<start + bytes.count]) == bytes)
        // Two rounds of the first, one of the second with both its batches.
        #expect(found[test.key(first)].count == 2)
        let batch = BatchFixtures.batch(values: ["b"])
        #expect(found[test.key(second)].map(\.bytes.count) == [2 * batch.count])
        #expect(found[.init(topicID: JournalFixture.topicID, partition: 7)].isEmpty)
    }

    /// What the journal holds is durable, and what it does not hold is not.
    @Test func aJournaledLogHasNothingToFlushButItsFile() throws {
        let test = try JournalFixture()
        let log = try test.log()
        try log.append("a")
        _ = try test.write(log)
        #expect(log.log.beginFlush(acceptsJournal: true) == nil)
        #expect(log.log.recoveryPoint == 1, "the file was not synced")
        #expect(log.log.beginFlush() != nil)
        try log.append("b")
        let next = try #require(log.log.beginFlush(acceptsJournal: true)?.journalRange)
        #expect(next.count == BatchFixtures.batch(values: ["b"]).count, "only what is new")
        try log.flush()
        #expect(log.log.recoveryPoint == 3)
        #expect(log.log.beginFlush(acceptsJournal: true) == nil)
    }

    /// A new file, its name, and a sealed segment have to be synced where they are.
    @Test func onlyTheTailOfAKnownFileGoesToTheJournal() throws {
        let log = try LogFixture { $0.segmentBytes = 1_000 }
        try log.append("a")
        let first = try #require(log.log.beginFlush(acceptsJournal: true))
        #expect(first.journalRange == nil)
        try log.flush()
        while log.log.segmentCount == 1 { try log.append("more") }
        let rolled = try #require(log.log.beginFlush(acceptsJournal: true))
        #expect(rolled.journalRange == nil)
        try log.flush()
        try log.append("b")
        #expect(log.log.beginFlush(acceptsJournal: true)?.journalRange != nil)
        try log.reopen(.unclean(recoveryPoint: nil, logStartOffset: nil))
        try log.append("c")
        #expect(log.log.beginFlush(acceptsJournal: true)?.journalRange == nil)
    }

    @Test func aSectionIsUsedAgainOnceItIsReleased() throws {
        let test = try JournalFixture()
        let log = try test.log()
        var written: [String] = []
        var closed: [Int] = []
        while true {
            written.append("value \(written.count)")
            try log.append(written[written.count - 1])
            guard let place = try test.write(log) else { break }
            if let section = place.closedSection { closed.append(section) }
        }
        #expect(closed == Array(0..<CommitJournal.sectionCount - 1))
        // Four blocks a section, one record a block.
        #expect(written.count - 1 == 4 * CommitJournal.sectionCount)
        #expect(try test.found()[test.key(log)].count == 4 * CommitJournal.sectionCount)
        try log.flush()
        test.journal.release(0)
        for index in 0..<2 {
            try log.append("again \(index)")
            let place = try #require(try test.write(log))
            #expect(place.section == 0)
        }
        // What stands behind the new records of the section is older, and comes before the others.
        let found = try test.found()[test.key(log)]
        #expect(found.count == 4 * CommitJournal.sectionCount)
        #expect(found.map(\.position) == found.map(\.position).sorted())
    }

    @Test func recordsOfAnEarlierRunAreForgotten() throws {
        let test = try JournalFixture()
        let log = try test.log()
        try log.append("a")
        _ = try test.write(log)
        try test.reopen()
        #expect(try test.found().isEmpty)
        try log.append("b")
        _ = try test.write(log)
        #expect(try test.found()[test.key(log)].count == 1)
        try JournaledBatches.discard(in: test.directory)
        #expect(try test.found().isEmpty)
        try log.append("c")
        _ = try test.write(log)
        try test.reopen(bytes: 2 * CommitJournal.bytesMin)
        #expect(try test.found().isEmpty)
        #expect(test.journal.place(forBytes: 8 * CommitJournal.blockBytes) != nil)
        #expect(test.journal.place(forBytes: 8 * CommitJournal.blockBytes + 1) == nil)
    }

    /// The header is in the first block and in the last; without either nobody can say that there is nothing.
    @Test func aJournalWithoutItsHeaderIsNotTakenForAnEmptyOne() throws {
        let test = try JournalFixture()
        let log = try test.log()
        try log.append("a")
        _ = try test.write(log)
        let whole = try #require(try AtomicFile.read(path: test.file, fileSystem: PosixFileSystem()))
        let block = CommitJournal.blockBytes
        func damaged(_ blocks: Range<Int>...) throws -> JournaledBatches {
            var bytes = whole
            for range in blocks { for index in range { bytes[index] = 0 } }
            try AtomicFile.replace(path: test.file, with: bytes, fileSystem: PosixFileSystem())
            return try test.found()
        }
        let (first, last) = (0..<block, whole.count - block..<whole.count)
        #expect(try damaged(first)[test.key(log)].count == 1)
        #expect(try damaged(last)[test.key(log)].count == 1)
        let error = #expect(throws: StorageError.self) { try damaged(first, last) }
        #expect(error?.code == .corrupt && error?.message.contains("both copies of its header") == true)
        // One that was being made when the power went.
        #expect(try damaged(0..<whole.count).isEmpty)
    }

    @Test func aTornRecordIsNone() throws {
        let test = try JournalFixture()
        let log = try test.log()
        try log.append("a")
        _ = try test.write(log)
        try log.append("b")
        _ = try test.write(log)
        var bytes = try #require(try AtomicFile.read(path: test.file, fileSystem: PosixFileSystem()))
        // The end of the second record, in the third block of the file.
        let end = try #require(bytes[..<(3 * CommitJournal.blockBytes)].lastIndex { $0 != 0 })
        bytes[end] ^= 1
        try AtomicFile.replace(path: test.file, with: bytes, fileSystem: PosixFileSystem())
        #expect(try test.found()[test.key(log)].count == 1)
    }

    /// Whatever the file holds, reading it neither traps nor finds what was not written.
    @Test func damageIsNoRecord() throws {
        var generator = SeededGenerator(seed: 5, label: "damaged journals")
        let test = try JournalFixture()
        let log = try test.log()
        for index in 0..<6 {
            try log.append("value \(index)")
            _ = try test.write(log)
        }
        let whole = try #require(try AtomicFile.read(path: test.file, fileSystem: PosixFileSystem()))
        let ranges = try test.found()[test.key(log)].map { Array($0.bytes) }
        for round in 0..<200 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<8 * CommitJournal.blockBytes, using: &generator)
                let block = place / CommitJournal.blockBytes * CommitJournal.blockBytes
                // Heads are what is parsed.
                let target = Bool.random(using: &generator) ? block + place % 200 : place
                bytes[target] = UInt8.random(in: .min ... .max, using: &generator)
            }
            if round % 5 == 0 { bytes.removeLast(Int.random(in: 1...bytes.count, using: &generator)) }
            try AtomicFile.replace(path: test.file, with: bytes, fileSystem: PosixFileSystem())
            do {
                for range in try test.found()[test.key(log)] { #expect(ranges.contains(Array(range.bytes))) }
            } catch let error as StorageError where error.code == .corrupt {
                #expect(bytes.prefix(24) != whole.prefix(24), "a journal with a header can be read")
            }
        }
    }

    // MARK: Recovery

    /// A log whose file has lost everything since its last sync takes it from the journal.
    @Test func aLogTakesWhatItsFileHasLost() throws {
        let test = try JournalFixture()
        let log = try test.log()
        let synced = try #require(try log.read(segmentName(0)))
        try test.writeFiveRounds(log)
        // Appended and never acknowledged.
        try log.append("lost")
        try log.overwrite(segmentName(0), synced)
        try log.reopen(Self.unclean, journaled: try test.found()[test.key(log)])
        #expect(try log.values() == ["first"] + (0..<5).map { "value \($0)" })
        #expect(log.report.restoredBytes > 0 && log.report.truncatedBytes == 0 && log.report.damage == [])
        #expect(try log.log.leaderEpoch == 0)
        // It goes on, and a second time the journal adds nothing.
        try log.append("next")
        try log.reopen(Self.unclean, journaled: try test.found()[test.key(log)])
        #expect(log.report.restoredBytes == 0)
        #expect(try log.values().last == "next")
    }

    /// A record of the journal was damaged: what follows it cannot be put back, and that is said.
    @Test func aGapInTheJournalIsReported() throws {
        let test = try JournalFixture()
        let log = try test.log()
        let synced = try #require(try log.read(segmentName(0)))
        try test.writeFiveRounds(log)
        var journaled = try test.found()[test.key(log)]
        journaled.remove(at: 2)
        try log.overwrite(segmentName(0), synced)
        try log.reopen(Self.unclean, journaled: journaled)
        #expect(try log.values() == ["first", "value 0", "value 1"])
        #expect(log.report.damage.count == 1)
        #expect(log.report.damage.first?.contains("from offset 4 on") == true)
        // The file has all of it: then nothing is missing.
        try log.append("value 2")
        try log.reopen(Self.unclean, journaled: Array(journaled[..<2]))
        #expect(log.report.damage.isEmpty)
    }

    /// Any sector may be missing: the file has holes, and batches behind them that count for nothing.
    @Test func aLogWithHolesIsRestored() throws {
        var generator = SeededGenerator(seed: 9, label: "holes")
        let test = try JournalFixture()
        let log = try test.log { $0.preallocationMaxBytes = 1 << 16 }
        let end = try log.log.sizeInBytes
        for index in 0..<12 {
            try log.append(String(repeating: "\(index % 10)", count: 300))
            _ = try test.write(log)
        }
        let whole = try log.values()
        let full = try #require(try log.read(segmentName(0)))
        for _ in 0..<60 {
            var bytes = full
            for sector in Int(end) / 512...Int(end + 6_000) / 512 where Bool.random(using: &generator) {
                for index in max(Int(end), 512 * sector)..<512 * (sector + 1) where index < bytes.count {
                    bytes[index] = 0
                }
            }
            if Bool.random(using: &generator) {
                bytes = Array(bytes[..<Int.random(in: Int(end)...bytes.count, using: &generator)])
            }
            try log.overwrite(segmentName(0), bytes)
            try log.reopen(Self.unclean, journaled: try test.found()[test.key(log)])
            #expect(try log.values() == whole)
            #expect(log.report.damage == [])
        }
    }

    /// A segment was sealed, and lost its end; the next one is there.
    @Test(arguments: [false, true]) func aSealedSegmentIsRestored(_ isCompacted: Bool) throws {
        let test = try JournalFixture()
        let log = try test.log {
            $0.segmentBytes = 1_000
            $0.isCompacted = isCompacted
        }
        let synced = try #require(try log.read(segmentName(0)))
        while log.log.segmentCount == 1 {
            try log.append("value")
            if log.log.segmentCount == 1 { _ = try test.write(log) }
        }
        let whole = try log.values()
        try log.overwrite(segmentName(0), synced)
        try log.reopen(Self.unclean, journaled: try test.found()[test.key(log)])
        #expect(try log.values() == whole)
        #expect(log.report.truncatedBytes == 0)
    }

    /// The journal of an older state: the log has been cut and has gone on with other batches since.
    @Test func anOlderJournalChangesNothing() throws {
        let test = try JournalFixture()
        let log = try test.log()
        for index in 0..<5 {
            try log.append("old \(index)")
            _ = try test.write(log)
        }
        let journaled = try test.found()[test.key(log)]
        for kept in 0..<4 {
            let other = try LogFixture(partition: 1)
            try other.append("first")
            for index in 0..<kept { try other.append("another one, \(index)") }
            let values = try other.values()
            try other.reopen(Self.unclean, journaled: journaled)
            // Without any of its own it cannot be told from a log that has lost its end.
            if kept > 0 { #expect(try other.values() == values) }
        }
    }

    /// What the journal has of segments that were cleaned since is older than they are; what it has of the last one is not.
    @Test func anOlderJournalLeavesCleanedSegmentsAlone() throws {
        let test = try JournalFixture()
        let log = try test.log {
            $0.segmentBytes = 1_000
            $0.isCompacted = true
        }
        // Batches of one size: where a cleaned segment ends, one of the old ones began.
        var count = 0
        func append() throws {
            var builder = RecordBatchBuilder()
            let value = [UInt8](repeating: UInt8(ascii: "a") + UInt8(count), count: 150)
            builder.append(timestamp: log.clock.wallMilliseconds, key: [UInt8(count % 2)], value: value)
            try log.append(try builder.build())
            try test.commit(log)
            count += 1
        }
        while log.log.segmentCount < 4 { try append() }
        let active = segmentName(try #require(log.log.recoveryPoint) - 1)
        let synced = try #require(try log.read(active))
        try append()
        try append()
        let journaled = try test.found()[test.key(log)]
        #expect(Set(journaled.map(\.segmentBaseOffset)).count == 4)
        let recoveryPoint = try #require(log.log.recoveryPoint)
        var cleaner = LogCleaner()
        let report = try cleaner.clean(log, cleanedOffset: nil, recoveryPoint: recoveryPoint)
        #expect((report?.segmentsReplaced ?? 0) > 0)
        let whole = try log.values()
        try log.overwrite(active, synced)
        try log.reopen(.unclean(recoveryPoint: recoveryPoint, logStartOffset: nil), journaled: journaled)
        #expect(try log.values() == whole)
        #expect(log.report.restoredBytes > 0 && log.report.damage == [])
    }
}
