// Single flipped bits, in every kind of file: no wrong record is served, no topic is lost, no other partition is affected.
//
// What the broker can tell it reports or repairs; damage inside a batch is the client's to find by its checksum, and all other
// batches stay readable. `make torture-flips` runs many; MARTLET_BIT_FLIPS says how many.

import Broker
import KafkaRecords
import LogStorage
import TestSupport
import Testing

@Suite struct BitFlipTests {
    @Test func aFlippedBitServesNoWrongRecord() throws {
        let flips = DamagedStore.flips
        // Fixed in the short form: docs/durability.md names what other seeds still find. The make target draws a new one.
        var generator = SeededGenerator(seed: 7, label: "bit flips")
        let original = try OriginalStore.get()
        var refusals = 0
        for flip in 0..<flips {
            var damaged = DamagedStore(of: original, &generator)
            damaged.flipBit(&generator)
            let what = "flip \(flip): \(damaged.what)"
            do {
                try check(original, damaged, what)
            } catch let error as StorageError {
                // It says what is damaged and touches nothing.
                #expect(["catalogue", "meta.properties", "producer-ids"].contains(damaged.kind), "\(what): \(error)")
                #expect(error.code == .corrupt || error.code == .invalid, "\(what): \(error)")
                refusals += 1
            }
        }
        print("bit flips: \(flips) bits, \(refusals) starts refused")
    }

    private func check(_ original: OriginalStore, _ damaged: DamagedStore, _ what: String) throws {
        let directory = damaged.restored()
        let test = try original.open(in: directory)
        defer { test.stop() }
        for (name, partition, batches) in original.partitions(of: test, what) {
            let isHurt = damaged.hurtsRecords(of: name)
            let missing = OriginalStore.missing(batches, in: partition, what)
            // After a kill, what is unreadable behind the last checkpoint counts as torn, and ends the log.
            let isTorn =
                isHurt && !damaged.isClean && missing.last == batches.count - 1
                && missing.count == batches.count - missing[0]
            let lostMax = isHurt ? (try Self.hasSwallowedTheNext(missing, of: batches, partition) ? 2 : 1) : 0
            #expect(
                missing.count <= lostMax || isTorn,
                "\(what): batches \(missing) of \(batches.count) of \(name) are not served")
            try checkTimes(batches, partition, isHurt: isHurt, what)
        }
    }

    /// A length with a flipped bit can be that of the batch and the one behind it together. Neither is served; what is, has a
    /// wrong checksum.
    private static func hasSwallowedTheNext(
        _ missing: [Int], of batches: [OriginalStore.Batch], _ partition: Partition
    ) throws -> Bool {
        guard missing.count == 2, missing[1] == missing[0] + 1 else { return false }
        let (first, next) = (batches[missing[0]], batches[missing[1]])
        let served = try partition.read(from: first.base, maxBytes: 1, atLeastOneBatch: true).slice
        return served?.count == first.bytes.count + next.bytes.count
    }

    /// Lookups by time find the first record of each batch.
    private func checkTimes(
        _ batches: [OriginalStore.Batch], _ partition: Partition, isHurt: Bool, _ what: String
    ) throws {
        if isHurt { return }
        for batch in batches {
            let header = try BatchHeader(parsing: batch.bytes.span.bytes)
            let found = try partition.offset(forTimestamp: header.baseTimestamp)?.offset
            #expect(found == batch.base, "\(what): by time \(found ?? -1) instead of \(batch.base)")
        }
    }
}
