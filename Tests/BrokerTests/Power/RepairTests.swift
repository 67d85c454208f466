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
    @Test func aFlippedBitAnywhereIsRepaired() throws {
        let flips = DamagedStore.flips
        var generator = SeededGenerator(seed: 11, label: "repairs")
        let original = try OriginalStore.get()
        var steps = 0
        for flip in 0..<flips {
            var damaged = DamagedStore(of: original, &generator)
            damaged.flipBit(&generator)
            steps += try check(original, damaged, hurtMax: 1, "flip \(flip): \(damaged.what)")
        }
        print("repairs: \(flips) bits, \(steps) steps taken")
    }

    /// Whole sectors of a file are lost, or its end.
    @Test func aLostSectorIsRepaired() throws {
        var generator = SeededGenerator(seed: 12, label: "lost sectors")
        let original = try OriginalStore.get()
        for round in 0..<40 {
            var damaged = DamagedStore(of: original, &generator)
            let logs = damaged.image.indices.filter {
                damaged.image[$0].path.hasSuffix(".log") && damaged.image[$0].bytes!.count > 1_024
            }
            let file = logs.randomElement(using: &generator)!
            let count = damaged.image[file].bytes!.count
            let start = Int.random(in: 0..<count / 512, using: &generator) * 512
            if Bool.random(using: &generator) {
                for index in start..<min(count, start + 512) { damaged.image[file].bytes![index] = 0xA5 }
            } else {
                for index in start..<count {
                    damaged.image[file].bytes![index] = UInt8(truncatingIfNeeded: index * 7)
                }
            }
            damaged.note("byte \(start)", in: file)
            _ = try check(original, damaged, hurtMax: .max, "round \(round): \(damaged.what)")
        }
    }

    /// Two bits: the catalogue's checksum no longer says which.
    @Test func aCatalogueIsMadeAgainFromTheDirectories() throws {
        let original = try OriginalStore.get()
        var damaged = DamagedStore(of: original, isClean: true)
        let file = damaged.image.firstIndex { $0.path.hasSuffix("/catalogue") }!
        for place in [30, 60, 61] { damaged.image[file].bytes![place] ^= 3 }
        let directory = damaged.restored()
        let session = try DirectoryRepair.run(path: directory.path + "/data", isDryRun: false)
        let step = try #require(session.steps.first)
        #expect(session.steps.count == 1 && step.action == .replaced)
        #expect(step.message.contains("Lost are the settings"))
        #expect(try readFile(try #require(step.keptAs)) == damaged.image[file].bytes)
        let test = try original.open(in: directory)
        defer { test.stop() }
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
        let bytes = try OriginalStore.get().clean.first { $0.path.hasSuffix("/catalogue") }!.bytes!
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
        let original = try OriginalStore.get()
        for _ in 0..<20 {
            var damaged = DamagedStore(of: original, isClean: true)
            damaged.flipBit(&generator)
            let directory = damaged.restored()
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
        let original = try OriginalStore.get()
        for isClean in [true, false] {
            let damaged = manifold(original, isClean: isClean)
            var crashes = 0
            let isLong = getenv("MARTLET_BIT_FLIPS") != nil
            for step in stride(from: isClean ? 0 : 2, to: Int.max, by: isLong ? 1 : 5) {
                let directory = damaged.restored()
                let faults = FaultyFileSystem(syncs: false)
                faults.crash(afterChanges: step)
                _ = try? DirectoryRepair.run(path: directory.path + "/data", isDryRun: false, fileSystem: faults)
                let hasCrashed = faults.hasCrashed
                _ = try DirectoryRepair.run(path: directory.path + "/data", isDryRun: false)
                try checkRepaired(
                    original, directory, isHurt: { ["orders-0", "events-1"].contains($0.directoryName) }, hurtMax: 1,
                    "step \(step)")
                if !hasCrashed { break }
                crashes += 1
            }
            #expect(crashes > (isLong ? 40 : 8))
        }
    }

    /// Damage to the middle and the end of a log, an index, a snapshot, and everything that has no second copy.
    private func manifold(_ original: OriginalStore, isClean: Bool) -> DamagedStore {
        var damaged = DamagedStore(of: original, isClean: isClean)
        let paths = damaged.image.map(\.path)
        func change(_ file: Int, at place: Int, bits: UInt8) { damaged.image[file].bytes![place] ^= bits }
        change(paths.firstIndex { $0.hasSuffix("/orders-0/" + segmentName(0)) }!, at: 700, bits: 4)
        let logs = paths.indices.filter { paths[$0].contains("/events-1/") && paths[$0].hasSuffix(".log") }
        let last = logs.max { paths[$0] < paths[$1] }!
        change(last, at: damaged.image[last].bytes!.lastIndex { $0 != 0 }!, bits: 1)
        change(paths.firstIndex { $0.contains("/payments-0/") && $0.hasSuffix(".index") }!, at: 9, bits: 64)
        change(paths.firstIndex { $0.contains("/payments-1/") && $0.hasSuffix(".snapshot") }!, at: 9, bits: 64)
        for name in ["catalogue", "meta.properties", "producer-ids", "recovery-point-offset-checkpoint"] {
            if let file = paths.firstIndex(where: { $0.hasSuffix("/" + name) }) {
                damaged.image[file].bytes = Array("garbage".utf8)
            }
        }
        return damaged
    }

    /// One partition's directory is enough.
    @Test func onePartitionIsRepairedByItself() throws {
        let original = try OriginalStore.get()
        var damaged = DamagedStore(of: original, isClean: true)
        let file = damaged.image.firstIndex { $0.path.hasSuffix("/orders-0/" + segmentName(0)) }!
        damaged.image[file].bytes![700] ^= 4
        let directory = damaged.restored()
        let session = try DirectoryRepair.run(path: directory.path + "/data/orders-0/", isDryRun: false)
        #expect(session.steps.map(\.action) == [.movedOut] && session.partitionCount == 1)
        let kept = try #require(session.steps[0].keptAs)
        #expect(kept.hasPrefix(directory.path + "/data/damaged/orders-0/00000000000000000000.damaged-"))
        try checkRepaired(original, directory, isHurt: { $0.directoryName == "orders-0" }, hurtMax: 1, "one partition")
    }

    // MARK: Checking

    /// - Returns: steps that the repair took.
    private func check(
        _ original: OriginalStore, _ damaged: DamagedStore, hurtMax: Int, _ what: String
    ) throws -> Int {
        let directory = damaged.restored()
        let session = try DirectoryRepair.run(path: directory.path + "/data", isDryRun: false)
        for step in session.steps {
            #expect(step.action != .unrepairable, "\(what): \(step)")
            if step.action == .movedOut { #expect(step.keptAs.map { !((try? readFile($0)) ?? []).isEmpty } == true) }
        }
        try checkRepaired(original, directory, isHurt: damaged.hurtsRecords, hurtMax: hurtMax, what)
        return session.steps.count
    }

    private func checkRepaired(
        _ original: OriginalStore, _ directory: TemporaryDirectory, isHurt: (TopicPartitionName) -> Bool, hurtMax: Int,
        _ what: String
    ) throws {
        let again = try DirectoryRepair.run(path: directory.path + "/data", isDryRun: false)
        #expect(again.steps.isEmpty, "\(what): a second repair finds \(again.steps)")
        let test = try original.open(in: directory)
        defer { test.stop() }
        for (name, partition, batches) in original.partitions(of: test, what) {
            let missing = OriginalStore.missing(batches, in: partition, what).map { batches[$0].base }
            #expect(
                missing.count <= (isHurt(name) ? hurtMax : 0), "\(what): \(missing) of \(name) are gone")
            // Reading passes the gap, and ends where the log ends.
            let found = Set(try OriginalStore.all(in: partition).map(\.base))
            let whole = Set(batches.map(\.base)).subtracting(missing)
            #expect(found.isSuperset(of: whole), "\(what): reading \(name) stops")
            let end = batches.last!.last + 1
            #expect(
                try partition.bounds().logEndOffset >= end,
                "\(what): offsets of \(name) are given out again")
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

    private func segmentName(_ offset: Int64) -> String {
        let digits = String(offset)
        return String(repeating: "0", count: 20 - digits.count) + digits + ".log"
    }
}
