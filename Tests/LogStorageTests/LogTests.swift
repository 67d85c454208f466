import KafkaRecords
import LogStorage
import TestSupport
import Testing

@Suite struct LogTests {
    @Test func appendedBatchesComeBackWithOffsetsAndEpoch() throws {
        let fixture = try LogFixture()
        #expect(try fixture.append("a", "b") == AppendedBatch(baseOffset: 0, lastOffset: 1, logStartOffset: 0))
        #expect(try fixture.append("c") == AppendedBatch(baseOffset: 2, lastOffset: 2, logStartOffset: 0))
        #expect(try fixture.log.logEndOffset == 3)
        #expect(try fixture.values() == ["a", "b", "c"])
        #expect(try fixture.records().map(\.offset) == [0, 1, 2])
        #expect(try fixture.log.locate(3, maxBytes: 100) == nil)
    }

    @Test func onlyBaseOffsetAndLeaderEpochOfABatchChange() throws {
        let fixture = try LogFixture()
        try fixture.append("first")
        let sent = BatchFixtures.batch(values: ["x", "y"], baseOffset: 77, compression: .zstd, leaderEpoch: 9)
        try fixture.append(sent)
        let location = try #require(try fixture.log.locate(1, maxBytes: 1000))
        let slice = try #require(try location.slice(from: 1, maxBytes: 1000, atLeastOneBatch: false))
        var expected = sent
        var header = try BatchHeader(parsing: sent.span.bytes)
        header.baseOffset = 1
        header.partitionLeaderEpoch = 0
        header.write(into: &expected)
        #expect(slice.withUnsafeBytes { [UInt8]($0) } == expected)
    }

    @Test func anOffsetInsideABatchReturnsTheWholeBatch() throws {
        let fixture = try LogFixture()
        try fixture.append("a", "b", "c")
        try fixture.append("d")
        let location = try #require(try fixture.log.locate(2, maxBytes: 10_000))
        let slice = try #require(try location.slice(from: 2, maxBytes: 10_000, atLeastOneBatch: false))
        #expect(try fixture.batches(slice).count == 2)
    }

    @Test func offsetsOutsideTheLogNameItsBounds() throws {
        let fixture = try LogFixture()
        try fixture.append("a", "b")
        for offset: Int64 in [-1, 3] {
            let error = #expect(throws: StorageError.self) { try fixture.log.locate(offset, maxBytes: 1) }
            #expect(error?.code == .offsetOutOfRange(start: 0, end: 2))
        }
    }

    /// KIP-74: limits hold, except for the first batch.
    @Test func slicesKeepToTheLimitAndToWholeBatches() throws {
        let fixture = try LogFixture { $0.indexIntervalBytes = 512 }
        var sizes: [Int] = []
        for index in 0..<200 {
            let batch = BatchFixtures.batch(count: 1 + index % 5, valueBytes: 40, seed: UInt64(index))
            sizes.append(batch.count)
            try fixture.append(batch)
        }
        let end = try fixture.log.logEndOffset
        for limit in [1, 100, 1_000, 4_096, 10_000, 1 << 20] {
            var next: Int64 = 0
            var index = 0
            while next < end {
                let location = try #require(try fixture.log.locate(next, maxBytes: limit))
                let whole = try location.slice(from: next, maxBytes: limit, atLeastOneBatch: false)
                let slice = try #require(try location.slice(from: next, maxBytes: limit, atLeastOneBatch: true))
                #expect((whole == nil) == (sizes[index] > limit))
                let batches = try fixture.batches(slice)
                // As many as fit, and not one less.
                var expected = 1
                var total = sizes[index]
                while index + expected < sizes.count, total + sizes[index + expected] <= limit {
                    total += sizes[index + expected]
                    expected += 1
                }
                #expect(batches.count == expected)
                index += expected
                next = try nextOffset(batches)
            }
            #expect(index == sizes.count)
        }
    }

    private func nextOffset(_ batches: [[UInt8]]) throws -> Int64 {
        let last = try #require(batches.last)
        return try BatchHeader(parsing: last.span.bytes).nextOffset
    }

    @Test func segmentsRollBySize() throws {
        let fixture = try LogFixture { $0.segmentBytes = 1_000 }
        for index in 0..<50 { try fixture.append("value \(index)") }
        #expect(fixture.log.segmentCount > 3)
        #expect(try fixture.values() == (0..<50).map { "value \($0)" })
        let status = PosixFileSystem().status(fixture.file(segmentName(0))).status
        #expect(status.size <= 1_000 && status.size > 800, "a sealed segment has given back its preallocated tail")
        #expect(
            try fixture.log.sizeInBytes
                == fixture.records().reduce(0) { total, record in
                    total + Int64(BatchFixtures.batch(values: ["value \(record.offset)"]).count)
                })
    }

    @Test func segmentsRollByTime() throws {
        let fixture = try LogFixture { $0.segmentMilliseconds = 1_000 }
        try fixture.append("a")
        fixture.clock.advance(milliseconds: 999)
        try fixture.append("b")
        #expect(fixture.log.segmentCount == 1)
        fixture.clock.advance(milliseconds: 1)
        try fixture.append("c")
        #expect(fixture.log.segmentCount == 2)
        fixture.clock.advance(milliseconds: 5_000)
        #expect(try fixture.log.rollIfOld())
        #expect(try !fixture.log.rollIfOld(), "an empty segment is not rolled")
        #expect(try fixture.values() == ["a", "b", "c"])
    }

    @Test func segmentsRollWhenAnIndexIsFull() throws {
        let fixture = try LogFixture {
            $0.indexIntervalBytes = 1
            $0.indexMaxBytes = 12 * 4
        }
        for index in 0..<30 { try fixture.append("\(index)", at: Int64(index)) }
        #expect(fixture.log.segmentCount > 3)
        #expect(try fixture.values() == (0..<30).map(String.init))
    }

    @Test func aBatchLargerThanASegmentIsRefused() throws {
        let fixture = try LogFixture { $0.segmentBytes = 200 }
        let error = #expect(throws: StorageError.self) {
            try fixture.append(BatchFixtures.batch(count: 1, valueBytes: 300))
        }
        #expect(error?.code == .batchTooLarge)
        #expect(try fixture.log.logEndOffset == 0)
    }

    @Test func configChangesTakeEffectWhileOpen() throws {
        let fixture = try LogFixture { $0.segmentBytes = 300 }
        try fixture.append("a")
        _ = try fixture.values()
        fixture.log.config.segmentBytes = 1 << 20
        try fixture.append(BatchFixtures.batch(count: 100, valueBytes: 1_000))
        #expect(fixture.log.segmentCount == 1)
        #expect(try fixture.records().count == 101, "a mapping made for a smaller segment is replaced")
    }

    @Test func cleanReopenFindsEverything() throws {
        let fixture = try LogFixture { $0.segmentBytes = 2_000 }
        for index in 0..<40 { try fixture.append("value \(index)") }
        for _ in 0..<3 {
            try fixture.closeAndReopen()
            #expect(fixture.log.recoveryPoint == nil, "nothing is read before the first use")
            #expect(try fixture.log.logEndOffset == 40)
            #expect(fixture.log.recoveryPoint == 40)
            #expect(try fixture.values() == (0..<40).map { "value \($0)" })
        }
        try fixture.append("after")
        try fixture.closeAndReopen()
        #expect(try fixture.values(from: 39) == ["value 39", "after"])
    }

    @Test func anEmptyLogReopens() throws {
        let fixture = try LogFixture()
        #expect(try fixture.log.logEndOffset == 0)
        #expect(fixture.names == ["leader-epoch-checkpoint"], "a partition without records has no segment file")
        try fixture.closeAndReopen()
        #expect(try fixture.log.logEndOffset == 0)
        try fixture.reopen(.unclean(recoveryPoint: nil, logStartOffset: nil))
        #expect(try fixture.log.logEndOffset == 0)
        #expect(fixture.report.isEmpty)
    }

    @Test func cleanCloseLeavesNoPreallocatedTail() throws {
        let fixture = try LogFixture()
        let batch = BatchFixtures.batch(values: ["a"])
        try fixture.append(batch)
        #expect(PosixFileSystem().status(fixture.file(segmentName(0))).status.size == 64 << 10)
        try fixture.log.close()
        #expect(PosixFileSystem().status(fixture.file(segmentName(0))).status.size == Int64(batch.count))
    }

    @Test func flushingCoversWhatWasThereWhenItBegan() throws {
        let fixture = try LogFixture { $0.segmentBytes = 500 }
        #expect(fixture.log.beginFlush() == nil, "nothing was written")
        for _ in 0..<20 { try fixture.append("a") }
        let target = try #require(fixture.log.beginFlush())
        #expect(target.endOffset == 20)
        #expect(target.fileCount == fixture.log.segmentCount + 1, "each dirty segment and the directory")
        try fixture.append("b")
        try target.sync()
        fixture.log.completeFlush(target)
        #expect(fixture.log.recoveryPoint == 20)
        let rest = try #require(fixture.log.beginFlush())
        #expect(rest.endOffset == 21)
        #expect(rest.fileCount <= 3)
        try rest.sync()
        fixture.log.completeFlush(rest)
        #expect(fixture.log.beginFlush() == nil)
    }

    @Test func slicesOutliveDeletion() throws {
        let fixture = try LogFixture()
        try fixture.append("kept by its reader")
        let location = try #require(try fixture.log.locate(0, maxBytes: 1_000))
        let slice = try #require(try location.slice(from: 0, maxBytes: 1_000, atLeastOneBatch: true))
        let doomed = try Log.renameForDeletion(
            directory: fixture.path, uniqueID: String(repeating: "0", count: 32), fileSystem: fixture.fileSystem)
        #expect(doomed == fixture.path + ".00000000000000000000000000000000-delete")
        try Log.remove(directory: doomed, fileSystem: fixture.fileSystem)
        #expect(try BatchFixtures.records(in: fixture.batches(slice)[0])[0].value == Array("kept by its reader".utf8))
        #expect(slice.mapping.isResident(position: slice.position, count: slice.count))
    }

    @Test func deleteRecordsMovesTheStartAndDropsSegments() throws {
        let fixture = try LogFixture { $0.segmentBytes = 500 }
        for index in 0..<30 { try fixture.append("value \(index)") }
        let before = fixture.log.segmentCount
        #expect(try fixture.log.deleteRecords(before: 17) == 17)
        #expect(try fixture.log.deleteRecords(before: 5) == 17, "the start never moves back")
        #expect(fixture.log.segmentCount < before)
        #expect(try fixture.values() == (17..<30).map { "value \($0)" })
        #expect(throws: StorageError.self) { try fixture.log.locate(16, maxBytes: 1) }
        let error = #expect(throws: StorageError.self) { try fixture.log.deleteRecords(before: 31) }
        #expect(error?.code == .offsetOutOfRange(start: 17, end: 30))
        try fixture.log.close()
        try fixture.reopen(.clean(logStartOffset: 17))
        #expect(fixture.log.logStartOffset == 17)
        #expect(try fixture.values() == (17..<30).map { "value \($0)" })

        #expect(try fixture.log.deleteRecords(before: 30) == 30)
        #expect(fixture.log.segmentCount == 1)
        #expect(try fixture.log.sizeInBytes == 0)
        #expect(try fixture.append("next").baseOffset == 30)
        try fixture.reopen(.unclean(recoveryPoint: 30, logStartOffset: 30))
        #expect(try fixture.values() == ["next"])
    }

    @Test func thousandLogsOpenQuickly() throws {
        let root = TemporaryDirectory()
        let fileSystem = PosixFileSystem()
        let batch = BatchFixtures.batch(values: ["a"])
        let names = (0..<1_000).map { TopicPartitionName(topic: "t", partition: $0) }
        func open(_ name: TopicPartitionName) throws -> Log {
            try Log.open(
                directory: root.path + "/" + name.directoryName, name: name, config: LogConfig(),
                fileSystem: fileSystem, time: SystemTime(), start: .clean(logStartOffset: nil)
            ).log
        }
        for name in names {
            try Log.create(directory: root.path + "/" + name.directoryName, fileSystem: fileSystem)
            let log = try open(name)
            _ = try log.append(batch.span.bytes, header: try BatchHeader(parsing: batch.span.bytes))
            try log.close()
        }
        let clock = ContinuousClock()
        var logs: [Log] = []
        let opening = try clock.measure { logs = try names.map(open) }
        let loading = try clock.measure { for log in logs { _ = try log.logEndOffset } }
        print("1,000 logs: opened in \(opening), first use of each in \(loading)")
    }
}
