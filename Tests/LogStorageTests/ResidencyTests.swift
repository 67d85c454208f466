// What a read that must not wait for the disk is given, and when it is refused.

import Glibc
import KafkaRecords
import TestSupport
import Testing

@testable import LogStorage

@Suite struct ResidencyTests {
    private let disk = FaultyFileSystem()

    private func refuseResidency() { disk.inject(.init(.residency, .fail(errno: 1))) }

    private func filled(_ count: Int = 400) throws -> LogFixture {
        let fixture = try LogFixture(fileSystem: disk)
        for index in 0..<count { try fixture.append(String(repeating: "x", count: 1_000) + "\(index)") }
        return fixture
    }

    @Test func freshTailMovesWithTime() {
        var tail = FreshTail()
        #expect(tail.start(now: 0) == .max)
        tail.note(position: 100, now: 10_000)
        tail.note(position: 200, now: 11_000)
        #expect(tail.start(now: 11_500) == 100)
        tail.note(position: 300, now: 12_500)
        #expect(tail.start(now: 13_000) == 100)
        #expect(tail.start(now: 14_600) == 300, "the first mark is too old")
        #expect(tail.start(now: 16_500) == .max)
        tail.note(position: 400, now: 30_000)
        #expect(tail.start(now: 30_000) == 400)
        // A clock that was set back says nothing about age.
        #expect(tail.start(now: 20_000) == .max)
        tail.note(position: 500, now: 20_000)
        #expect(tail.start(now: 20_000) == 500)
    }

    @Test func aReadIsRefusedUntilItsPagesAreInMemory() throws {
        let fixture = try filled()
        fixture.clock.advance(milliseconds: 60_000)
        let location = try #require(try fixture.log.locate(200, maxBytes: 10_000, access: .resident))
        refuseResidency()
        let error = #expect(throws: StorageError.self) {
            try location.slice(from: 200, maxBytes: 10_000, atLeastOneBatch: true, access: .resident)
        }
        #expect(error?.code == .wouldWait)
        disk.clear()
        let (cold, warm) = (
            try location.slice(from: 200, maxBytes: 10_000, atLeastOneBatch: true, access: .waiting),
            try location.slice(from: 200, maxBytes: 10_000, atLeastOneBatch: true, access: .resident)
        )
        #expect(cold?.position == warm?.position && cold?.count == warm?.count)
        #expect(try fixture.batches(#require(warm)).count > 5)
    }

    /// With every offset and limit, refused or not: what is given is what a read without conditions gives.
    @Test func residentReadsGiveWhatOthersGive() throws {
        let fixture = try filled(60)
        fixture.clock.advance(milliseconds: 60_000)
        for offset in Int64(0)..<60 {
            for maxBytes in [0, 1, 1_500, 5_000, 70_000, 1 << 20] {
                let location = try #require(try fixture.log.locate(offset, maxBytes: maxBytes))
                let plain = try location.slice(from: offset, maxBytes: maxBytes, atLeastOneBatch: true)
                let resident = try location.slice(
                    from: offset, maxBytes: maxBytes, atLeastOneBatch: true, access: .resident)
                #expect(plain?.position == resident?.position && plain?.count == resident?.count)
            }
        }
    }

    @Test func aWrongIndexEntryIsNotLookedIntoByTheLoop() throws {
        let fixture = try filled()
        fixture.clock.advance(milliseconds: 60_000)
        let good = try #require(try fixture.log.locate(300, maxBytes: 1_000))
        let lie = ReadLocation(
            mapping: good.mapping, startEntry: .init(lastOffset: 299, position: 17), nearEndEntry: nil,
            endPosition: good.endPosition, segmentBaseOffset: 0, nextSegmentOffset: nil, isFresh: false)
        let error = #expect(throws: StorageError.self) {
            try lie.slice(from: 300, maxBytes: 1_000, atLeastOneBatch: true, access: .resident)
        }
        #expect(error?.code == .wouldWait)
        let found = try #require(try lie.slice(from: 300, maxBytes: 1_000, atLeastOneBatch: true, access: .waiting))
        let bytes = try fixture.batches(found)[0]
        #expect(try BatchHeader(parsing: bytes.span.bytes).baseOffset == 300)
    }

    @Test func anIndexIsAskedAboutOnceASecond() throws {
        let fixture = try filled(1_000)
        fixture.clock.advance(milliseconds: 60_000)
        _ = try fixture.log.locate(10, maxBytes: 100)
        func asked() throws -> Int {
            let before = disk.calls(.residency)
            _ = try fixture.log.locate(10, maxBytes: 100, access: .resident)
            return disk.calls(.residency) - before
        }
        #expect(try [asked(), asked(), asked()] == [1, 0, 0])
        fixture.clock.advance(milliseconds: 1_000)
        #expect(try asked() == 1)
        fixture.clock.advance(milliseconds: 1_000)
        refuseResidency()
        let error = #expect(throws: StorageError.self) { try asked() }
        #expect(error?.code == .wouldWait)
        fixture.log.lookupFiles(for: 10).readIn()
        #expect(disk.calls(.populate) > 0)
    }

    /// The newest entries of an index go to its file every now and then; whoever follows the log is not sent to the disk for that.
    @Test func theIndexOfWhatIsBeingWrittenIsInMemory() throws {
        let fixture = try filled(1)
        for offset in Int64(1)..<1_000 {
            try fixture.append(String(repeating: "x", count: 1_000))
            fixture.clock.advance(milliseconds: 10)
            #expect(try fixture.log.locate(offset, maxBytes: 100, access: .resident) != nil)
        }
        #expect(disk.calls(.map) > 1, "entries were looked up in the file")
    }

    @Test func readingAheadFollowsTheReaderThatHadToWait() throws {
        let fixture = try LogFixture(fileSystem: disk) { $0.segmentBytes = 64 << 20 }
        let value = String(repeating: "x", count: 500_000)
        for _ in 0..<40 { try fixture.append(value) }
        fixture.clock.advance(milliseconds: 60_000)
        let end = try #require(try fixture.log.locate(0, maxBytes: 1)).endPosition
        var offset: Int64 = 0
        func read(_ access: DiskAccess) throws -> ReadAhead? {
            let location = try #require(try fixture.log.locate(offset, maxBytes: 1_000_000))
            let slice = try #require(
                try location.slice(from: offset, maxBytes: 1_000_000, atLeastOneBatch: true, access: access))
            offset += Int64(try fixture.batches(slice).count)
            return location.nextReadAhead(behind: slice)
        }
        #expect(try read(.resident) == nil, "who never waited needs nothing")
        offset = 0
        refuseResidency()
        let first = try #require(try read(.waiting), "the next fetch will not have to wait")
        disk.clear()
        var ranges = [first.range]
        while offset < 39 { if let ahead = try read(.resident) { ranges.append(ahead.range) } }
        #expect(ranges.count > 5 && ranges.last?.upperBound == end)
        for (one, next) in zip(ranges, ranges.dropFirst()) { #expect(one.upperBound == next.lowerBound) }
        #expect(ranges.allSatisfy { $0.count <= SegmentMapping.readAheadBytes })
    }

    /// A flush that comes meanwhile stands in line behind one piece, not behind all that somebody wants to read.
    @Test func theDiskIsAskedForOnePieceAfterTheOther() throws {
        let fixture = try LogFixture(fileSystem: disk) { $0.segmentBytes = 64 << 20 }
        let value = String(repeating: "x", count: 500_000)
        for _ in 0..<4 { try fixture.append(value) }
        fixture.clock.advance(milliseconds: 60_000)
        refuseResidency()
        let location = try #require(try fixture.log.locate(0, maxBytes: 1_000_000))
        let before = (disk.calls(.readAhead), disk.calls(.populate))
        _ = try location.slice(from: 0, maxBytes: 1_000_000, atLeastOneBatch: true, access: .waiting)
        let pieces = (1_000_000 + ReadLocation.slackBytes + SegmentMapping.pieceBytes - 1) / SegmentMapping.pieceBytes
        #expect(disk.calls(.readAhead) - before.0 == pieces && disk.calls(.populate) - before.1 == pieces)
    }

    /// The kernel fails calls that are given memory which it cannot read; zeros it can send.
    @Test func whatCannotBeReadIsZerosAndNotTheEndOfTheProcess() throws {
        let fixture = try filled()
        fixture.clock.advance(milliseconds: 60_000)
        let location = try #require(try fixture.log.locate(0, maxBytes: 1 << 20))
        let size = PosixFileSystem().status(fixture.file(segmentName(0))).status.size
        #expect(Glibc.truncate(fixture.file(segmentName(0)), Int(size) / 2) == 0)
        let slice = try #require(
            try location.slice(from: 0, maxBytes: 1 << 20, atLeastOneBatch: true, access: .waiting))
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        slice.withUnsafeBytes { bytes in
            // Of the last page, which lies behind the end of the file.
            let last = bytes.suffix(1)
            #expect(write(ends[1], UnsafeRawBufferPointer(rebasing: last).baseAddress, 1) == 1)
        }
    }
}
