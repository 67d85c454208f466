// Partitioner: which partition a record goes to, as the Java client's default decides.
//
// A key goes where its hash says, always to the same partition. Records without a key stick to one partition until its
// batch is full, and then to another (KIP-480, KIP-794): few full batches instead of many small ones.

package struct Partitioner: Sendable {
    package let partitionCount: Int
    private var sticky: Int
    private var generator: RandomState

    /// - Parameter seed: makes the choice of sticky partitions repeatable.
    package init(partitionCount: Int, seed: UInt64? = nil) {
        precondition(partitionCount > 0, "a topic has partitions")
        self.partitionCount = partitionCount
        var generator = RandomState(state: seed ?? UInt64.random(in: 0 ... .max))
        sticky = Int(generator.next() % UInt64(partitionCount))
        self.generator = generator
    }

    /// The index of the partition; nil is the null key.
    @inline(__always)
    package func partition(forKey key: RawSpan?) -> Int {
        guard let key else { return sticky }
        return Int(murmur2(key) & 0x7FFF_FFFF) % partitionCount
    }

    /// Chooses another partition for records without a key, if `partition` is the one they stick to.
    package mutating func batchIsFull(_ partition: Int) {
        guard partition == sticky, partitionCount > 1 else { return }
        sticky = (sticky + 1 + Int(generator.next() % UInt64(partitionCount - 1))) % partitionCount
    }

    /// An xorshift generator: any spread will do here, and the state is small.
    private struct RandomState: Sendable {
        var state: UInt64

        mutating func next() -> UInt64 {
            if state == 0 { state = 0x9E37_79B9_7F4A_7C15 }
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }
}
