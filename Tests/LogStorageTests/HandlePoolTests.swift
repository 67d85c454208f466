// What is closed and dropped when more logs are used than may be open, and what must not be lost thereby.

import Glibc
import KafkaRecords
import TestSupport
import Testing

@testable import LogStorage

@Suite struct HandlePoolTests {
    /// Logs in one directory that share a pool.
    private struct Fixture {
        let root = TemporaryDirectory()
        let pool: HandlePool
        let logs: [LogFixture]

        init(
            logs count: Int32, files: Int = .max, mappings: Int = .max, fileSystem: any FileSystem = PosixFileSystem(),
            _ configure: (inout LogConfig) -> Void = { _ in }
        ) throws {
            let pool = try HandlePool(
                filesMax: files, mappingsMax: mappings, directory: root.path, fileSystem: fileSystem)
            self.pool = pool
            let root = root
            logs = try (0..<count).map {
                try LogFixture(root: root, fileSystem: fileSystem, pool: pool, partition: $0, configure)
            }
        }
    }

    private func isSegment(_ path: String) -> Bool { path.hasSuffix(".log") }

    @Test(arguments: [1, 2, 7, 16]) func filesAreClosedAndOpenedAgain(_ filesMax: Int) throws {
        let faults = FaultyFileSystem()
        let fixture = try Fixture(logs: 30, files: filesMax, fileSystem: faults)
        for round in 0..<3 {
            for log in fixture.logs {
                try log.append("round \(round)")
                #expect(fixture.pool.openFileCount <= filesMax)
                // One may be on its way out.
                #expect(faults.openPaths.count(where: isSegment) <= filesMax + 1)
            }
        }
        for log in fixture.logs {
            // What was preallocated is still there.
            #expect(
                PosixFileSystem().status(log.file(segmentName(0))).status.size == Int64(Segment.firstAllocationBytes))
            try log.flush()
            #expect(try log.values() == ["round 0", "round 1", "round 2"])
            try log.reopen(.unclean(recoveryPoint: nil, logStartOffset: nil))
            #expect(log.report.isEmpty)
            #expect(try log.values() == ["round 0", "round 1", "round 2"])
            try log.append("after a kill")
            try log.closeAndReopen()
            #expect(try log.values().count == 4)
        }
        #expect(fixture.pool.openFileCount <= filesMax)
    }

    /// Whatever is used between the others' turns stays open.
    @Test func whatIsInUseStaysOpen() throws {
        let faults = FaultyFileSystem()
        let fixture = try Fixture(logs: 30, files: 4, fileSystem: faults)
        let busy = fixture.logs[0]
        try busy.append("first")
        // A reopened file would be opened without creating it, which this makes fail.
        faults.inject(.init(.open, .fail(errno: EACCES), pathSuffix: "orders-0/" + segmentName(0)))
        for log in fixture.logs.dropFirst() {
            try busy.append("busy")
            try log.append("idle")
        }
        faults.clear()
        #expect(try busy.values().count == 30)
    }

    /// At any moment a power cut leaves of a log whose file is closed everything that was written to it.
    @Test func nothingIsClosedUnsynced() throws {
        let root = TemporaryDirectory()
        let fileSystem = try PowerCutFileSystem(root: root.path)
        let pool = try HandlePool(filesMax: 4, mappingsMax: .max, directory: root.path, fileSystem: fileSystem)
        let logs = try (0..<12).map {
            try LogFixture(root: root, fileSystem: fileSystem, pool: pool, partition: $0)
        }
        // The names are durable, as they are behind the first flush.
        for log in logs {
            try log.append("warm")
            try log.flush()
        }
        var generator = SeededGenerator(seed: 1)
        for round in 0..<2 {
            for log in logs { try log.append("round \(round)") }
            let image = fileSystem.disk.image(.syncedOnly, using: &generator)
            let whole = logs.filter { log in
                image.contains { path, bytes in
                    guard path.hasSuffix("\(log.name.directoryName)/\(segmentName(0))"), let bytes else { return false }
                    return count(ofBatchesIn: bytes) == round + 2
                }
            }
            #expect(whole.count >= logs.count - pool.filesMax)
        }
    }

    /// After a kill everything may be in the page cache only. One sync covers it, and what it covers need not be opened; a flush
    /// says of no log that it is durable before it is.
    @Test func aStartOfMoreLogsThanFilesSyncsOnce() throws {
        let root = TemporaryDirectory()
        let fileSystem = try PowerCutFileSystem(root: root.path)
        let logs = try (0..<120).map { try LogFixture(root: root, fileSystem: fileSystem, partition: $0) }
        for log in logs { for index in 0..<3 { try log.append("value \(index)") } }
        let pool = try HandlePool(filesMax: 64, mappingsMax: .max, directory: root.path, fileSystem: fileSystem)
        var generator = SeededGenerator(seed: 1)
        for log in logs {
            log.pool = pool
            try log.reopen(.unclean(recoveryPoint: nil, logStartOffset: nil))
            #expect(log.report.isEmpty && pool.openFileCount <= 64)
            #expect(log.log.recoveryPoint == 0)
        }
        #expect(pool.openFileCount < 64, "the rest was never opened")
        for log in logs {
            try log.flush()
            #expect(log.log.recoveryPoint == 3)
            let image = fileSystem.disk.image(.syncedOnly, using: &generator)
            let stored = image.first { $0.path.hasSuffix("\(log.name.directoryName)/\(segmentName(0))") }?.bytes
            #expect(stored.map { count(ofBatchesIn: $0) } == 3, "\(log.name)")
            // Those that were not opened take appends, and flush them, as all others do.
            try log.append("more")
            try log.flush()
        }
    }

    /// Where the one sync fails nobody knows whose bytes are lost: then every file is opened and synced.
    @Test func aStartWhoseSyncFailsSyncsEveryFile() throws {
        let root = TemporaryDirectory()
        let faults = FaultyFileSystem()
        let logs = try (0..<60).map { try LogFixture(root: root, fileSystem: faults, partition: $0) }
        for log in logs { try log.append("value") }
        let pool = try HandlePool(filesMax: 24, mappingsMax: .max, directory: root.path, fileSystem: faults)
        faults.inject(.init(.flush, .fail(errno: EIO), pathSuffix: root.path))
        faults.inject(.init(.flush, .fail(errno: EIO), pathSuffix: "orders-0/" + segmentName(0)))
        for log in logs {
            log.pool = pool
            try log.reopen(.unclean(recoveryPoint: nil, logStartOffset: nil))
        }
        #expect(throws: StorageError.self) { try logs[0].flush() }
        for log in logs.dropFirst() { try log.flush() }
    }

    private func count(ofBatchesIn bytes: [UInt8]) -> Int {
        var (count, position) = (0, 0)
        while position < bytes.count, let header = try? BatchHeader(parsing: bytes.span.bytes, at: position) {
            count += 1
            position += header.sizeInBytes
        }
        return count
    }

    @Test(arguments: [1, 8]) func aSyncThatFailsAtClosingIsRemembered(dirty: Int) throws {
        let faults = FaultyFileSystem()
        let fixture = try Fixture(logs: 40, files: dirty, fileSystem: faults)
        let lost = fixture.logs[0]
        try lost.append("lost")
        // The sync of all fails as well, as it does when one of the files cannot be written.
        faults.inject(.init(.flush, .fail(errno: EIO), pathSuffix: fixture.root.path, times: 1))
        faults.inject(.init(.flush, .fail(errno: EIO), pathSuffix: "orders-0/" + segmentName(0), times: 1))
        for log in fixture.logs.dropFirst() { try log.append("kept") }
        #expect(!faults.openPaths.contains { $0.hasSuffix("orders-0/" + segmentName(0)) })
        #expect(throws: StorageError.self) { try lost.append("refused") }
        let target = try #require(lost.log.beginFlush())
        #expect(throws: StorageError.self) { try target.confirmSync() }
        #expect(throws: StorageError.self) { try target.sync() }
        for log in fixture.logs.dropFirst() { try log.flush() }
    }

    @Test func sealedSegmentsThatWereNotFlushedCountAsWell() throws {
        let faults = FaultyFileSystem()
        let fixture = try Fixture(logs: 2, files: 4, fileSystem: faults) { $0.segmentBytes = 200 }
        for index in 0..<60 {
            for log in fixture.logs { try log.append("value \(index)") }
            #expect(faults.openPaths.count(where: isSegment) <= 4 + 1)
        }
        for log in fixture.logs {
            #expect(log.log.segmentCount > 20)
            try log.flush()
            #expect(log.log.recoveryPoint == 60)
            #expect(log.log.beginFlush() == nil)
        }
    }

    /// The process has no descriptor left although the pool's limit is not reached.
    @Test func withoutDescriptorsSomeAreGivenUp() throws {
        let faults = FaultyFileSystem()
        let fixture = try Fixture(logs: 12, fileSystem: faults)
        for log in fixture.logs.dropLast() { try log.append("a") }
        faults.inject(.init(.open, .fail(errno: EMFILE), pathSuffix: "orders-11/" + segmentName(0), times: 1))
        try fixture.logs[11].append("a")
        #expect(fixture.pool.openFileCount < 12)
        for log in fixture.logs { #expect(try log.values() == ["a"]) }
    }

    @Test(arguments: [1, 5]) func mappingsAreDroppedAndMadeAgain(_ mappingsMax: Int) throws {
        let fixture = try Fixture(logs: 12, mappings: mappingsMax) { $0.segmentBytes = 2_000 }
        for log in fixture.logs {
            for index in 0..<60 { try log.append("value \(index) of \(log.name.partition)") }
        }
        var slices: [(LogSlice, [UInt8])] = []
        for round in 0..<2 {
            for log in fixture.logs {
                let expected = (0..<60).map { "value \($0) of \(log.name.partition)" }
                #expect(try log.values() == expected)
                #expect(fixture.pool.mappingCount <= mappingsMax)
                guard round == 0, let location = try log.log.locate(0, maxBytes: 1 << 20) else { continue }
                let slice = try #require(try location.slice(from: 0, maxBytes: 1 << 20, atLeastOneBatch: true))
                slices.append((slice, slice.withUnsafeBytes { [UInt8]($0) }))
            }
        }
        // Who holds one can go on reading it.
        for (slice, bytes) in slices { #expect(slice.withUnsafeBytes { [UInt8]($0) } == bytes) }
    }

    /// An index that is too large for memory is mapped when it is asked, and looked up all the same after that was dropped.
    @Test func largeIndexesAreMappedOnDemand() throws {
        let fixture = try Fixture(logs: 2, mappings: 1) { $0.indexIntervalBytes = 1 }
        for log in fixture.logs {
            for index in 0..<1_000 {
                try log.append("value \(index)", at: BatchFixtures.epochMilliseconds + Int64(index) * 10)
            }
        }
        for offset in stride(from: Int64(0), to: 1_000, by: 37) {
            for log in fixture.logs {
                #expect(try log.values(from: offset).first == "value \(offset)")
                let found = try log.log.offset(forTimestamp: BatchFixtures.epochMilliseconds + offset * 10)
                #expect(found?.offset == offset)
                #expect(fixture.pool.mappingCount <= 1)
            }
        }
        for log in fixture.logs {
            try log.closeAndReopen()
            #expect(try log.values(from: 500).first == "value 500")
            #expect(try log.append("next").baseOffset == 1_000)
        }
    }

    /// A log that is gone holds nothing of the pool.
    @Test func whatIsGoneIsNotCounted() throws {
        let pool: HandlePool
        do {
            let fixture = try Fixture(logs: 5, files: 10, mappings: 10)
            pool = fixture.pool
            for log in fixture.logs {
                try log.append("a")
                #expect(try log.values() == ["a"])
            }
            #expect(pool.openFileCount == 5 && pool.mappingCount == 5)
        }
        #expect(pool.openFileCount == 0 && pool.mappingCount == 0)
    }
}
