import KafkaClient
import KafkaRecords
import TestSupport
import Testing

@Suite struct KeyHashTests {
    /// The vectors of Kafka's own test (UtilsTest.testMurmur2).
    @Test(arguments: [
        ("21", Int32(-973_932_308)), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971), ("abc", 479_470_107),
    ])
    func murmur2AgreesWithJava(text: String, expected: Int32) {
        #expect(murmur2(Array(text.utf8).span.bytes) == UInt32(bitPattern: expected))
    }

    @Test func aKeyGoesToTheHashWithoutItsSignModuloPartitions() {
        let partitioner = Partitioner(partitionCount: 7)
        let key = Array("foobar".utf8)
        let expected = Int(UInt32(bitPattern: -790_332_482) & 0x7FFF_FFFF) % 7
        #expect(partitioner.partition(forKey: key.span.bytes) == expected)
    }

    @Test func noKeySticksUntilTheBatchIsFull() {
        var partitioner = Partitioner(partitionCount: 3, seed: 7)
        let first = partitioner.partition(forKey: nil)
        #expect(partitioner.partition(forKey: nil) == first)
        // Another partition's batch changes nothing.
        partitioner.batchIsFull((first + 1) % 3)
        #expect(partitioner.partition(forKey: nil) == first)
        partitioner.batchIsFull(first)
        #expect(partitioner.partition(forKey: nil) != first)
    }

    @Test func stickyPartitionsAreAllUsed() {
        var partitioner = Partitioner(partitionCount: 5, seed: 1)
        var seen: Set<Int> = []
        for _ in 0..<200 {
            let partition = partitioner.partition(forKey: nil)
            seen.insert(partition)
            partitioner.batchIsFull(partition)
        }
        #expect(seen == [0, 1, 2, 3, 4])
    }

    @Test func onePartitionTakesEverything() {
        var partitioner = Partitioner(partitionCount: 1)
        partitioner.batchIsFull(0)
        #expect(partitioner.partition(forKey: nil) == 0)
    }
}
