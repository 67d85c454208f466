import KafkaRecords
import LogStorage
import TestSupport
import Testing

@Suite struct RecoveryTests {
    @Test func aKilledProcessLosesNothing() throws {
        let fixture = try LogFixture { $0.segmentBytes = 1_000 }
        for index in 0..<30 { try fixture.append("value \(index)") }
        try fixture.reopen(.unclean(recoveryPoint: nil, logStartOffset: nil))
        #expect(fixture.report.isEmpty)
        #expect(fixture.report.scannedBytes > 0)
        #expect(try fixture.log.logEndOffset == 30)
        #expect(try fixture.log.leaderEpoch == 0, "zeros of a preallocated tail are no loss")
        #expect(try fixture.values() == (0..<30).map { "value \($0)" })
        #expect(fixture.log.recoveryPoint == 0)
        try fixture.flush()
        #expect(fixture.log.recoveryPoint == 30)
    }

    /// Space that was reserved is not given back only to be reserved again.
    @Test func appendsGoOnInWhatWasReserved() throws {
        let faults = FaultyFileSystem()
        let fixture = try LogFixture(fileSystem: faults)
        func fileSize() -> Int64 { faults.status(fixture.file(segmentName(0))).status.size }
        for index in 0..<3 { try fixture.append("value \(index)") }
        let reserved = fileSize()
        #expect(reserved > (try fixture.log.sizeInBytes))
        let calls = (faults.calls(.truncate), faults.calls(.allocate))
        for round in 0..<3 {
            try fixture.reopen(.unclean(recoveryPoint: nil, logStartOffset: nil))
            #expect(fixture.report.isEmpty)
            #expect(try fixture.append("value \(3 + round)").baseOffset == 3 + Int64(round))
        }
        #expect(calls == (faults.calls(.truncate), faults.calls(.allocate)) && fileSize() == reserved)
        #expect(try fixture.values() == (0..<6).map { "value \($0)" })
        try fixture.closeAndReopen()
        #expect(fileSize() == (try fixture.log.sizeInBytes), "a clean stop gives it back")
        #expect(try fixture.values() == (0..<6).map { "value \($0)" })
    }

    @Test func onlyWhatIsBehindTheRecoveryPointIsChecked() throws {
        let fixture = try LogFixture { $0.segmentBytes = 1_000 }
        for index in 0..<30 { try fixture.append("value \(index)") }
        let all = try fixture.log.sizeInBytes
        try fixture.reopen(.unclean(recoveryPoint: 28, logStartOffset: nil))
        #expect(fixture.report.scannedBytes < all / 10)
        #expect(try fixture.log.logEndOffset == 30)
        #expect(fixture.log.recoveryPoint == 28)
    }

    @Test func recoveryResumesAtTheIndexEntryBeforeTheRecoveryPoint() throws {
        let fixture = try LogFixture { $0.indexIntervalBytes = 100 }
        for index in 0..<100 { try fixture.append("value \(index)", at: 1_000 + Int64(index)) }
        try fixture.closeAndReopen()
        for index in 100..<150 { try fixture.append("value \(index)", at: 1_000 + Int64(index)) }
        try fixture.reopen(.unclean(recoveryPoint: 100, logStartOffset: nil))
        #expect(fixture.report.isEmpty)
        #expect(fixture.report.scannedBytes == 50 * Int64(BatchFixtures.batch(values: ["value 100"]).count))
        #expect(try fixture.values() == (0..<150).map { "value \($0)" })
        for timestamp in [1_000, 1_050, 1_098, 1_099, 1_100, 1_149] as [Int64] {
            #expect(try fixture.log.offset(forTimestamp: timestamp)?.offset == timestamp - 1_000)
        }
        try fixture.log.close()
        #expect(try LogDump.check(path: fixture.file(segmentName(0))).isEmpty)
        let untouched = try LogFixture { $0.indexIntervalBytes = 100 }
        for index in 0..<150 { try untouched.append("value \(index)", at: 1_000 + Int64(index)) }
        try untouched.log.close()
        #expect(try fixture.read(segmentName(0, ".index")) == untouched.read(segmentName(0, ".index")))
    }

    /// Times that do not grow bring no entries of the time index, so that it is written later than the offset index.
    @Test func theLargestTimeIsKnownAlthoughItWasWrittenLongAgo() throws {
        let fixture = try LogFixture { $0.indexIntervalBytes = 1 }
        for index in 0..<600 as Range<Int64> { try fixture.append("value", at: index < 200 ? index : 50) }
        try fixture.reopen(.unclean(recoveryPoint: 600, logStartOffset: nil))
        #expect(fixture.report.scannedBytes == 0)
        for timestamp in [0, 100, 127, 128, 150, 199] as [Int64] {
            #expect(try fixture.log.offset(forTimestamp: timestamp)?.offset == timestamp)
        }
        #expect(try fixture.log.offset(forTimestamp: 200) == nil)
    }

    enum Tear: CaseIterable { case cut, zeroed, garbled }

    /// The last three batches are cut, zero-filled or garbled from each of their bytes on; what was whole stays.
    @Test(arguments: Tear.allCases) func tornTails(_ tear: Tear) throws {
        let fixture = try LogFixture()
        var ends: [Int] = [0]
        for index in 0..<6 {
            let batch = BatchFixtures.batch(values: ["v\(index)", "w\(index)"])
            try fixture.append(batch)
            ends.append(ends[index] + batch.count)
        }
        try fixture.log.close()
        let whole = try #require(try fixture.read(segmentName(0)))
        #expect(whole.count == ends[6])
        let epochs = try #require(try fixture.read("leader-epoch-checkpoint"))
        for position in ends[3]..<ends[6] {
            var torn = Array(whole[..<position])
            if tear == .zeroed { torn += [UInt8](repeating: 0, count: whole.count - position) }
            if tear == .garbled { torn += whole[position...].map { $0 ^ 0x5A } }
            try fixture.overwrite(segmentName(0), torn)
            try fixture.overwrite("leader-epoch-checkpoint", epochs)
            try fixture.reopen(.unclean(recoveryPoint: 0, logStartOffset: nil))
            // Zeroing bytes that were zero anyway is no loss, so ask the bytes and not the position.
            let kept = ends.lastIndex { torn.count >= $0 && torn[..<$0] == whole[..<$0] }!
            #expect(try fixture.log.logEndOffset == Int64(kept * 2), "torn at byte \(position)")
            let isLost = torn[ends[kept]...].contains { $0 != 0 }
            #expect(fixture.report.truncatedBytes == (isLost ? Int64(torn.count - ends[kept]) : 0))
            #expect(try fixture.log.leaderEpoch == (isLost ? 1 : 0))
            #expect(try fixture.log.leaderEpoch(at: Int64(kept * 2 - 1)) == 0)
            #expect(try fixture.values().count == kept * 2)
            #expect(try fixture.append("again").baseOffset == Int64(kept * 2))
        }
    }

    @Test func aCutTakesTheSegmentsBehindItAndBumpsTheEpoch() throws {
        let fixture = try LogFixture { $0.segmentBytes = 1_000 }
        for index in 0..<30 { try fixture.append("value \(index)") }
        let first = try #require(try fixture.read(segmentName(0)))
        var damaged = first
        damaged[first.count - 1] ^= 1
        try fixture.overwrite(segmentName(0), damaged)
        try fixture.reopen(.unclean(recoveryPoint: 0, logStartOffset: nil))
        #expect(fixture.log.segmentCount == 1)
        let end = try fixture.log.logEndOffset
        #expect(end > 3 && end < 29)
        #expect(try fixture.log.leaderEpoch == 1)
        #expect(try fixture.log.endOffset(forLeaderEpoch: 0) == (0, end))
        #expect(try fixture.log.endOffset(forLeaderEpoch: 1) == (1, end))
        #expect(try fixture.log.endOffset(forLeaderEpoch: 2) == (-1, -1))
        #expect(try fixture.log.endOffset(forLeaderEpoch: -1) == (-1, -1))
        #expect(try fixture.read("leader-epoch-checkpoint") == Array("0\n2\n0 0\n1 \(end)\n".utf8))
        try fixture.append("new epoch")
        try fixture.closeAndReopen()
        #expect(try fixture.log.leaderEpoch == 1)
        #expect(try fixture.log.endOffset(forLeaderEpoch: 1) == (1, end + 1))
        let segment = try #require(try fixture.log.locate(end, maxBytes: 1_000))
        let slice = try #require(try segment.slice(from: end, maxBytes: 1_000, atLeastOneBatch: true))
        let batch = try fixture.batches(slice)[0]
        let header = try BatchHeader(parsing: batch.span.bytes)
        #expect(header.partitionLeaderEpoch == 1)
    }

    @Test func damageBeforeTheRecoveryPointIsReportedAndNothingIsCut() throws {
        let fixture = try LogFixture { $0.indexIntervalBytes = 100 }
        var positions: [Int] = []
        for index in 0..<20 {
            positions.append(Int(try fixture.log.sizeInBytes))
            try fixture.append("value \(index)")
        }
        try fixture.log.close()
        var bytes = try #require(try fixture.read(segmentName(0)))
        bytes[positions[7] + BatchLayout.magic] = 0x7F
        try fixture.overwrite(segmentName(0), bytes)
        // With good indexes recovery would not look at what was flushed.
        try fixture.overwrite(segmentName(0, ".index"), [])
        try fixture.reopen(.unclean(recoveryPoint: 20, logStartOffset: nil))
        #expect(fixture.report.truncatedBytes == 0)
        #expect(fixture.report.damage.count == 1)
        #expect(fixture.report.damage[0].contains(segmentName(0)))
        #expect(try fixture.log.logEndOffset == 20)
        #expect(try fixture.values(from: 12) == (12..<20).map { "value \($0)" })
        let findings = try LogDump.check(path: fixture.file(segmentName(0)))
        #expect(!findings.isEmpty)
    }

    @Test func flushedOffsetsAreNeverGivenOutAgain() throws {
        let fixture = try LogFixture()
        for index in 0..<5 { try fixture.append("value \(index)") }
        try fixture.log.close()
        var bytes = try #require(try fixture.read(segmentName(0)))
        bytes[bytes.count - BatchFixtures.batch(values: ["value 4"]).count + BatchLayout.magic] = 9
        try fixture.overwrite(segmentName(0), bytes)
        try fixture.reopen(.unclean(recoveryPoint: 5, logStartOffset: nil))
        #expect(fixture.report.damage.count == 1)
        #expect(try fixture.append("next").baseOffset == 5)
        #expect(try fixture.values(from: 5) == ["next"])
        #expect(try fixture.read(segmentName(0)) == bytes, "the damaged file is left for inspection")
    }

    @Test func damageAfterACleanStopTakesThePartitionOutAndCutsNothing() throws {
        let fixture = try LogFixture()
        for index in 0..<5 { try fixture.append("value \(index)") }
        try fixture.log.close()
        var bytes = try #require(try fixture.read(segmentName(0)))
        bytes[BatchLayout.magic] = 9
        try fixture.overwrite(segmentName(0), bytes)
        try fixture.reopen(.clean(logStartOffset: nil))
        let error = #expect(throws: StorageError.self) { try fixture.log.logEndOffset }
        #expect(error?.code == .corrupt)
        #expect(try fixture.read(segmentName(0)) == bytes)
    }

    @Test func logStartBehindEverythingLeftStartsThere() throws {
        let fixture = try LogFixture()
        try fixture.append("a")
        try fixture.reopen(.unclean(recoveryPoint: 0, logStartOffset: 100))
        #expect(try fixture.log.logEndOffset == 100)
        #expect(try fixture.append("b").baseOffset == 100)
        try fixture.log.close()
        try fixture.reopen(.clean(logStartOffset: 100))
        #expect(try fixture.values() == ["b"])
    }

    @Test func aDamagedEpochFileIsRebuiltFromTheBatches() throws {
        let fixture = try LogFixture()
        try fixture.append("a", "b")
        let bytes = try #require(try fixture.read(segmentName(0)))
        try fixture.overwrite(segmentName(0), Array(bytes[..<100]) + [1, 2, 3])
        try fixture.reopen(.unclean(recoveryPoint: 0, logStartOffset: nil))
        try fixture.append("c")
        try fixture.log.close()
        try fixture.overwrite("leader-epoch-checkpoint", Array("0\n7\nnonsense\n".utf8))
        try fixture.reopen(.clean(logStartOffset: nil))
        #expect(try fixture.log.leaderEpoch == 1)
    }

    @Test func epochsBehindADamagedBatchAreFound() throws {
        let size = BatchFixtures.batch(values: ["a"]).count
        let fixture = try LogFixture { $0.segmentBytes = 3 * size + 10 }
        try fixture.append("a")
        try fixture.append("b")
        var bytes = try #require(try fixture.read(segmentName(0)))
        try fixture.overwrite(segmentName(0), Array(bytes[..<(2 * size)]) + [1, 2, 3])
        try fixture.reopen(.unclean(recoveryPoint: 0, logStartOffset: nil))
        try fixture.append("c")
        try fixture.append("d")
        try fixture.log.close()
        #expect(try fixture.names.contains(segmentName(3)) && fixture.log.leaderEpoch(at: 2) == 1)
        bytes = try #require(try fixture.read(segmentName(0)))
        bytes[size + BatchLayout.magic] = 9
        try fixture.overwrite(segmentName(0), bytes)
        try fixture.overwrite("leader-epoch-checkpoint", Array("0\n7\nnonsense\n".utf8))
        try fixture.reopen(.clean(logStartOffset: nil))
        #expect(try (0..<4).map { try fixture.log.leaderEpoch(at: $0) } == [0, 0, 1, 1])
        #expect(try fixture.log.endOffset(forLeaderEpoch: 0).endOffset == 2)
    }

    /// Missing, empty, short, garbled: lookups answer as before.
    @Test(arguments: [".index", ".timeindex"]) func indexesAreRebuilt(_ suffix: String) throws {
        let fixture = try LogFixture {
            $0.indexIntervalBytes = 100
            $0.segmentBytes = 5_000
        }
        for index in 0..<100 { try fixture.append("value \(index)", at: 1_000 + Int64(index)) }
        let expectedOffset = try fixture.log.offset(forTimestamp: 1_020)
        try fixture.log.close()
        let good = try #require(try fixture.read(segmentName(0, suffix)))
        #expect(good.count > 100)
        let damaged: [[UInt8]?] = [
            nil, [], Array(good.dropLast(5)), Array(good.dropLast(48)), good.map { $0 ^ 0xFF },
            [UInt8](repeating: 0, count: good.count), good + good,
        ]
        for bytes in damaged {
            if let bytes {
                try fixture.overwrite(segmentName(0, suffix), bytes)
            } else {
                try Log.remove(directory: fixture.file(segmentName(0, suffix)), fileSystem: PosixFileSystem())
            }
            try fixture.reopen(.clean(logStartOffset: nil))
            #expect(try fixture.values(from: 7).first == "value 7")
            #expect(try fixture.log.offset(forTimestamp: 1_020) == expectedOffset)
            #expect(try fixture.read(segmentName(0, suffix)) == good, "\(bytes?.count ?? -1) bytes")
        }
    }
}
