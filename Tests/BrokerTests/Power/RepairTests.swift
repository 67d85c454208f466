// Damage of every kind of file, a repair, a start: everything that is whole is served at its offset, what is not is kept aside,
// no offset is given out twice, and a second repair finds nothing.

import Broker
import Glibc
import KafkaProtocol
import KafkaRecords
import LogStorage
import TestSupport
import Testing

@Suite struct RepairTests {
    private typealias Image = [(path: String, bytes: [UInt8]?)]

    @Test func aFlippedBitAnywhereIsRepaired() throws {
        let flips = getenv("MARTLET_BIT_FLIPS").flatMap { Int(String(cString: $0)) } ?? 60
        var generator = SeededGenerator(seed: 11, label: "repairs")
        let original = try BitFlipTests.original.get()
        var steps = 0
        for flip in 0..<flips {
            let isClean = Bool.random(using: &generator)
            var image = isClean ? original.clean : original.killed
            let (_, file, bit) = BitFlipTests.flipBit(in: &image, &generator)
            let what = "flip \(flip): bit \(bit) of \(image[file].path), \(isClean ? "clean" : "killed")"
            steps += try check(original, image, damaged: image[file].path, hurtMax: 1, what)
        }
        print("repairs: \(flips) bits, \(steps) steps taken")
    }

    /// Whole sectors of a file are lost, or its end.
    @Test func aLostSectorIsRepaired() throws {
        var generator = SeededGenerator(seed: 12, label: "lost sectors")
        let original = try BitFlipTests.original.get()
        for round in 0..<40 {
            let isClean = Bool.random(using: &generator)
            var image = isClean ? original.clean : original.killed
            let logs = image.indices.filter { image[$0].path.hasSuffix(".log") && image[$0].bytes!.count > 1_024 }
            let file = logs.randomElement(using: &generator)!
            let count = image[file].bytes!.count
            let start = Int.random(in: 0..<count / 512, using: &generator) * 512
            if Bool.random(using: &generator) {
                for index in start..<min(count, start + 512) { image[file].bytes![index] = 0xA5 }
            } else {
                for index in start..<count { image[file].bytes![index] = UInt8(truncatingIfNeeded: index * 7) }
            }
            let what = "round \(round): byte \(start) of \(image[file].path), \(isClean ? "clean" : "killed")"
            _ = try check(original, image, damaged: image[file].path, hurtMax: .max, what)
        }
    }

    /// Two bits: the catalogue's checksum no longer says which.
    @Test func aCatalogueIsMadeAgainFromTheDirectories() throws {
        let original = try BitFlipTests.original.get()
        var image = original.clean
        let file = image.firstIndex { $0.path.hasSuffix("/catalogue") }!
        for place in [30, 60, 61] { image[file].bytes![place] ^= 3 }
        let directory = TemporaryDirectory("martlet-repair")
        PowerCutFileSystem.restore(image, in: directory.path)
        let session = try DirectoryRepair.run(path: directory.path + "/data", isDryRun: false)
        let step = try #require(session.steps.first)
        #expect(session.steps.count == 1 && step.action == .replaced)
        #expect(step.message.contains("Lost are the settings"))
        #expect(try readFile(try #require(step.keptAs)) == image[file].bytes)
        let test = try open(directory, original)
        defer { close(test) }
        let before = TopicCatalogue(decoding: original.clean[file].bytes!)!
        for topic in test.broker.topics.current.all {
            #expect(before.topics[topic.name]?.id == topic.id)
            #expect(before.topics[topic.name]?.partitionCount == Int32(topic.partitions.count))
            // Neither retention nor compaction may do what nobody has asked for.
            #expect(topic.config.isCompacted == topic.isInternal)
            if !topic.isInternal { #expect(topic.config.log.retentionMilliseconds == nil) }
        }
        #expect(test.broker.topics.current.all.count == before.topics.count)
    }

    @Test func oneFlippedBitOfTheCatalogueLosesNothing() throws {
        let bytes = try BitFlipTests.original.get().clean.first { $0.path.hasSuffix("/catalogue") }!.bytes!
        let catalogue = try #require(TopicCatalogue(decoding: bytes))
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            if TopicCatalogue(decoding: damaged) != nil { continue }
            #expect(TopicCatalogue(correcting: damaged) == catalogue, "bit \(bit)")
            damaged[(bit / 8 + 7) % (bytes.count - 20)] ^= 0x55
            #expect(TopicCatalogue(correcting: damaged) == nil, "bit \(bit) and others")
        }
    }

    @Test func aRunningBrokerIsNotRepaired() throws {
        try withBroker { test in
            let error = #expect(throws: StorageError.self) {
                _ = try DirectoryRepair.run(path: test.path, isDryRun: false)
            }
            #expect(error?.code == .locked)
            #expect(error?.message.contains("Stop it first") == true)
        }
    }

    @Test func aDryRunChangesNothing() throws {
        var generator = SeededGenerator(seed: 13, label: "dry runs")
        let original = try BitFlipTests.original.get()
        for _ in 0..<20 {
            var image = original.clean
            _ = BitFlipTests.flipBit(in: &image, &generator)
            let directory = TemporaryDirectory("martlet-repair")
            PowerCutFileSystem.restore(image, in: directory.path)
            let faults = FaultyFileSystem(syncs: false)
            let dry = try DirectoryRepair.run(path: directory.path + "/data", isDryRun: true, fileSystem: faults)
            // The lock's file is there already; opening it changes nothing.
            #expect(
                faults.changes.allSatisfy { $0.operation == .open && $0.path.hasSuffix(".lock") }, "\(faults.changes)")
            let wet = try DirectoryRepair.run(path: directory.path + "/data", isDryRun: false)
            #expect(dry.steps.map(\.action) == wet.steps.map(\.action))
        }
    }

    /// Cut short between any two of its steps and run again, a repair comes to the same end. The short form looks at every fifth
    /// place.
    @Test func aRepairThatIsCutShortIsDoneAgain() throws {
        let original = try BitFlipTests.original.get()
        for isClean in [true, false] {
            var image = isClean ? original.clean : original.killed
            // The middle and the end of a log, an index, a snapshot, and everything that has no second copy.
            let first = image.firstIndex { $0.path.hasSuffix("/orders-0/" + segmentName(0)) }!
            image[first].bytes![700] ^= 4
            let logs = image.indices.filter {
                image[$0].path.contains("/events-1/") && image[$0].path.hasSuffix(".log")
            }
            let last = logs.max { image[$0].path < image[$1].path }!
            let end = image[last].bytes!.lastIndex { $0 != 0 }!
            image[last].bytes![end] ^= 1
            for name in ["catalogue", "meta.properties", "producer-ids", "recovery-point-offset-checkpoint"] {
                if let file = image.firstIndex(where: { $0.path.hasSuffix("/" + name) }) {
                    image[file].bytes = Array("garbage".utf8)
                }
            }
            let index = image.firstIndex { $0.path.contains("/payments-0/") && $0.path.hasSuffix(".index") }!
            image[index].bytes![9] ^= 64
            let snapshot = image.firstIndex { $0.path.contains("/payments-1/") && $0.path.hasSuffix(".snapshot") }!
            image[snapshot].bytes![9] ^= 64
            var crashes = 0
            let isLong = getenv("MARTLET_BIT_FLIPS") != nil
            for step in stride(from: isClean ? 0 : 2, to: Int.max, by: isLong ? 1 : 5) {
                let directory = TemporaryDirectory("martlet-repair")
                PowerCutFileSystem.restore(image, in: directory.path)
                let faults = FaultyFileSystem(syncs: false)
                faults.crash(afterChanges: step)
                _ = try? DirectoryRepair.run(path: directory.path + "/data", isDryRun: false, fileSystem: faults)
                let hasCrashed = faults.hasCrashed
                _ = try DirectoryRepair.run(path: directory.path + "/data", isDryRun: false)
                try checkRepaired(
                    original, directory, isHurt: { ["orders-0", "events-1"].contains($0) }, hurtMax: 1, "step \(step)")
                if !hasCrashed { break }
                crashes += 1
            }
            #expect(crashes > (isLong ? 40 : 8))
        }
    }

    /// One partition's directory is enough.
    @Test func onePartitionIsRepairedByItself() throws {
        let original = try BitFlipTests.original.get()
        var image = original.clean
        let file = image.firstIndex { $0.path.hasSuffix("/orders-0/" + segmentName(0)) }!
        image[file].bytes![700] ^= 4
        let directory = TemporaryDirectory("martlet-repair")
        PowerCutFileSystem.restore(image, in: directory.path)
        let session = try DirectoryRepair.run(path: directory.path + "/data/orders-0/", isDryRun: false)
        #expect(session.steps.map(\.action) == [.movedOut] && session.partitionCount == 1)
        let kept = try #require(session.steps[0].keptAs)
        #expect(kept.hasPrefix(directory.path + "/data/damaged/orders-0/00000000000000000000.damaged-"))
        try checkRepaired(original, directory, isHurt: { $0 == "orders-0" }, hurtMax: 1, "one partition")
    }

    // MARK: Checking

    /// - Returns: steps that the repair took.
    private func check(
        _ original: BitFlipTests.Original, _ image: Image, damaged: String, hurtMax: Int, _ what: String
    ) throws -> Int {
        let directory = TemporaryDirectory("martlet-repair")
        PowerCutFileSystem.restore(image, in: directory.path)
        let session = try DirectoryRepair.run(path: directory.path + "/data", isDryRun: false)
        for step in session.steps {
            #expect(step.action != .unrepairable, "\(what): \(step)")
            if step.action == .movedOut { #expect(step.keptAs.map { !((try? readFile($0)) ?? []).isEmpty } == true) }
        }
        try checkRepaired(
            original, directory, isHurt: { damaged.contains("/\($0)/") && damaged.hasSuffix(".log") }, hurtMax: hurtMax,
            what)
        return session.steps.count
    }

    private func checkRepaired(
        _ original: BitFlipTests.Original, _ directory: TemporaryDirectory, isHurt: (String) -> Bool, hurtMax: Int,
        _ what: String
    ) throws {
        let again = try DirectoryRepair.run(path: directory.path + "/data", isDryRun: false)
        #expect(again.steps.isEmpty, "\(what): a second repair finds \(again.steps)")
        let test = try open(directory, original)
        defer { close(test) }
        for (name, batches) in original.batches {
            let parts = name.split(separator: "-")
            guard let topic = test.broker.topics.current.byName[String(parts[0])],
                let partition = topic.partition(Int32(parts[1])!)
            else {
                Issue.record("\(what): \(name) is lost")
                continue
            }
            let missing = batches.filter { batch in
                ![batch.base, batch.last].allSatisfy { BitFlipTests.isServed(batch, from: partition, at: $0, what) }
            }
            #expect(
                missing.count <= (isHurt(name) ? hurtMax : 0), "\(what): \(missing.map(\.base)) of \(name) are gone")
            // Reading passes the gap, and ends where the log ends.
            let found = Set(try BitFlipTests.all(in: partition).map(\.base))
            let whole = Set(batches.map(\.base)).subtracting(missing.map(\.base))
            #expect(found.isSuperset(of: whole), "\(what): reading \(name) stops")
            let end = batches.last!.last + 1
            #expect(try partition.bounds().logEndOffset >= end, "\(what): offsets of \(name) are given out again")
            let batch = BatchFixtures.batch(values: ["after the repair"])
            let appended = try partition.append(
                batch.span.bytes, header: try BatchHeader(parsing: batch.span.bytes), for: .records)
            guard case .appended(let place) = appended else {
                Issue.record("\(what): \(name) takes no records")
                continue
            }
            #expect(place.baseOffset >= end, "\(what): \(name)")
        }
    }

    private func open(_ directory: TemporaryDirectory, _ original: BitFlipTests.Original) throws -> PowerBroker {
        try PowerBroker(
            path: directory.path + "/data", fileSystem: PosixFileSystem(), clock: original.clock, ledger: PowerLedger())
    }

    private func close(_ test: PowerBroker) {
        test.broker.stop()
        test.discard()
    }

    private func segmentName(_ offset: Int64) -> String {
        let digits = String(offset)
        return String(repeating: "0", count: 20 - digits.count) + digits + ".log"
    }
}
