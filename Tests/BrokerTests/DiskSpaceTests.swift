// The reserve of free space: what is refused when, who asks the kernel and how often, what is logged.

import Glibc
import KafkaProtocol
import LogStorage
import TestSupport
import Testing

@testable import Broker

@Suite struct DiskSpaceTests {
    /// The watch over a disk that is as full as the test says.
    private final class Watch {
        static let limit: Int64 = 8_000_000
        let root = TemporaryDirectory("martlet-disk")
        let faults = FaultyFileSystem()
        let meter = SpaceMeter()
        let clock = ManualClock()
        let log = LogCollector()
        let directory: DataDirectory
        let metered: MeteredFileSystem
        let disk: DiskSpace

        init(_ settings: [String: String] = ["log.disk.min.free.bytes": "\(limit)"], free: Int64) throws {
            metered = MeteredFileSystem(faults, meter)
            directory = try DataDirectory.open(path: root.path, fileSystem: metered)
            faults.pretend(Self.space(free))
            disk = DiskSpace(
                directory: directory, meter: meter, settings: try TestBroker.resolve(settings), time: clock,
                logger: log.logger)
        }

        static func space(_ free: Int64, of total: Int64 = 100_000_000) -> FileSystemSpace {
            var space = FileSystemSpace()
            (space.totalBytes, space.usableBytes) = (total, free)
            return space
        }

        func look(free: Int64) {
            faults.pretend(Self.space(free))
            disk.look()
        }

        var admitted: [DiskSpace.Purpose] { DiskSpace.Purpose.allCases.filter(disk.hasRoom) }

        /// Writes through the file system that counts.
        func write(_ count: Int) throws {
            try AtomicFile.replace(
                path: root.path + "/file", with: Array(repeating: 1, count: count), fileSystem: metered)
        }
    }

    @Test func theReserveIsForWhatIsNeededMost() throws {
        let watch = try Watch(free: Watch.limit)
        #expect(watch.admitted == [.records, .groups, .upkeep])
        watch.look(free: Watch.limit - 1)
        #expect(watch.admitted == [.groups, .upkeep])
        watch.look(free: Watch.limit / 2 - 1)
        #expect(watch.admitted == [.upkeep])
        watch.look(free: Watch.limit / 8 - 1)
        #expect(watch.admitted == [])
        watch.look(free: Watch.limit)
        #expect(watch.admitted == [.groups, .upkeep], "not over for a few bytes")
        watch.look(free: Watch.limit / 4 * 5)
        #expect(watch.admitted == [.records, .groups, .upkeep])
        let error = #expect(throws: StorageError.self) {
            watch.look(free: 0)
            try watch.disk.admit(.records)
        }
        #expect(error?.code == .noSpace && error?.message.contains(watch.root.path) == true)
    }

    @Test func oneLineWhenItBeginsAndOneWhenItEnds() throws {
        let watch = try Watch(free: Watch.limit * 2)
        #expect(watch.log.messages.isEmpty)
        for free in [Watch.limit - 1, Watch.limit - 2, Watch.limit + 1, Watch.limit - 5] { watch.look(free: free) }
        #expect(watch.log.messages.count == 1 && watch.log.messages[0].contains("\(Watch.limit - 1) bytes free"))
        watch.look(free: Watch.limit * 2)
        watch.look(free: Watch.limit * 2)
        #expect(watch.log.messages.count == 2 && watch.log.messages[1].contains("everything is taken again"))
        // Groups are said once, too, though the free space goes up and down about their limit.
        for free in [Watch.limit / 2 - 1, Watch.limit / 2, Watch.limit / 2 - 1, 0] { watch.look(free: free) }
        #expect(watch.log.messages.count == 4 && watch.log.lines(containing: "groups store").count == 1)
        for _ in 0..<100 { #expect(throws: StorageError.self) { try watch.disk.admit(.records) } }
        #expect(watch.log.messages.count == 4)
    }

    @Test func theKernelIsAskedWhenSoMuchWasWritten() throws {
        let watch = try Watch(free: Watch.limit + 1_000_000)
        let asked = watch.faults.calls(.space)
        for _ in 0..<1_000 { #expect(watch.disk.hasRoom(for: .records)) }
        try watch.write(500_000)
        #expect(watch.disk.hasRoom(for: .records))
        #expect(watch.faults.calls(.space) == asked, "there is room for half a million more")
        // Somebody else has filled the disk meanwhile.
        watch.faults.pretend(Watch.space(Watch.limit - 1))
        try watch.write(600_000)
        #expect(!watch.disk.hasRoom(for: .records))
        #expect(watch.faults.calls(.space) == asked + 1)
        for _ in 0..<1_000 { _ = watch.disk.hasRoom(for: .records) }
        #expect(watch.faults.calls(.space) == asked + 1, "nobody who is refused asks")
        // Groups may go on, and find their own limit.
        watch.faults.pretend(Watch.space(Watch.limit / 2 - 1))
        try watch.write(Int(Watch.limit) / 2)
        #expect(!watch.disk.hasRoom(for: .groups))
    }

    /// At the limit not every append asks: it may be missed by a sixteenth.
    @Test func atTheLimitTheKernelIsAskedNowAndThen() throws {
        let watch = try Watch(free: Watch.limit)
        let asked = watch.faults.calls(.space)
        for _ in 0..<50 {
            try watch.write(20_000)
            #expect(watch.disk.hasRoom(for: .records))
        }
        let calls = watch.faults.calls(.space) - asked
        #expect(calls > 0 && calls <= 3)
    }

    /// Others may write as well.
    @Test func howeverMuchRoomThereIsTheKernelIsAskedNowAndThen() throws {
        let watch = try Watch(free: Watch.limit * 10)
        watch.faults.pretend(Watch.space(Watch.limit - 1))
        try watch.write(Int(Watch.limit) / 4 - 100_000)
        #expect(watch.disk.hasRoom(for: .records))
        try watch.write(200_000)
        #expect(!watch.disk.hasRoom(for: .records))
    }

    @Test func whatIsReservedCountsAndTakesNothingOfTheReserve() throws {
        let watch = try Watch(free: Watch.limit + 1_000_000)
        let file = watch.metered.open(watch.root.path + "/file", flags: O_RDWR | O_CREAT, mode: 0o644)
        defer { watch.metered.close(file) }
        let before = watch.meter.writtenBytes
        #expect(watch.metered.allocate(file, from: 0, count: 600_000) == 0)
        #expect(watch.meter.writtenBytes - before == 600_000)
        #expect(watch.metered.allocate(file, from: 600_000, count: 600_000) == -ENOSPC)
        #expect(watch.meter.refusals == 0, "of which the disk knows nothing")
        watch.look(free: Watch.limit * 10)
        #expect(watch.metered.allocate(file, from: 600_000, count: 600_000) == 0)
        watch.look(free: Watch.limit - 1)
        #expect(watch.metered.allocate(file, from: 1_200_000, count: 1) == -ENOSPC)
    }

    /// A quota, or no inodes: the file system says that it has room, and takes nothing.
    @Test func aRefusalWithoutAReasonIsLoggedOnce() throws {
        let watch = try Watch(["log.disk.min.free.bytes": "0"], free: 1_000_000)
        watch.faults.inject(.init(.open, .fail(errno: EDQUOT), pathSuffix: ".tmp"))
        for _ in 0..<3 {
            #expect(throws: StorageError.self) { try watch.write(1) }
            watch.disk.look()
        }
        #expect(watch.admitted == [.records, .groups, .upkeep], "it is tried every time")
        #expect(watch.log.messages.count == 1 && watch.log.messages[0].contains("takes no more"))
        watch.faults.clear()
        try watch.write(1)
        watch.clock.advance(milliseconds: 9_999)
        watch.disk.look()
        #expect(watch.log.messages.count == 1)
        watch.clock.advance(milliseconds: 1)
        watch.disk.look()
        #expect(watch.log.messages.count == 2)
    }

    @Test func aDiskThatCannotBeAskedIsTakenToHaveRoom() throws {
        let watch = try Watch(free: Watch.limit * 2)
        watch.faults.inject(.init(.space, .fail(errno: EIO)))
        for _ in 0..<3 { watch.disk.look() }
        #expect(watch.admitted == [.records, .groups, .upkeep] && watch.log.messages.count == 1)
        watch.faults.clear()
        watch.look(free: 0)
        #expect(watch.admitted == [])
    }

    @Test func theLimitIsATwentiethOfASmallDiskAndHalfAGigabyteOfALargeOne() throws {
        let watch = try Watch([:], free: 5_000_000)
        #expect(watch.admitted.contains(.records))
        watch.look(free: 4_999_999)
        #expect(!watch.admitted.contains(.records))
        watch.faults.pretend(Watch.space(1 << 30, of: 1 << 40))
        watch.disk.look()
        #expect(watch.admitted.contains(.records))
        watch.faults.pretend(Watch.space((512 << 20) - 1, of: 1 << 40))
        watch.disk.look()
        #expect(!watch.admitted.contains(.records))
    }

    @Test func zeroTurnsItOff() throws {
        let watch = try Watch(["log.disk.min.free.bytes": "0"], free: 0)
        #expect(watch.admitted == [.records, .groups, .upkeep] && watch.log.messages.isEmpty)
    }
}
