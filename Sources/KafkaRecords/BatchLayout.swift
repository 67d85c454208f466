// BatchLayout: where each field of a record batch v2 stands, in bytes from the start of the batch.
//
// All integers are big-endian. `batchLength` counts what follows it, so a batch is 12 + batchLength bytes long. The
// CRC-32C covers everything from the attributes to the end: base offset and leader epoch may be patched without it.
// Source: https://kafka.apache.org/documentation/#recordbatch

package enum BatchLayout {
    package static let baseOffset = 0
    package static let batchLength = baseOffset + 8
    package static let partitionLeaderEpoch = batchLength + 4
    package static let magic = partitionLeaderEpoch + 4
    package static let crc = magic + 1
    package static let attributes = crc + 4
    package static let lastOffsetDelta = attributes + 2
    package static let baseTimestamp = lastOffsetDelta + 4
    package static let maxTimestamp = baseTimestamp + 8
    package static let producerID = maxTimestamp + 8
    package static let producerEpoch = producerID + 8
    package static let baseSequence = producerEpoch + 2
    package static let recordCount = baseSequence + 4
    /// The header's size, and so where the (possibly compressed) records start.
    package static let headerSize = recordCount + 4

    /// The bytes before the ones that `batchLength` counts.
    package static let lengthOverhead = batchLength + 4
    /// The smallest `batchLength`: a header and no records.
    package static let minimumBatchLength = Int32(headerSize - lengthOverhead)
    /// Where the bytes start that the CRC covers.
    package static let checksummed = attributes
    /// The only format that is read and written.
    package static let currentMagic: Int8 = 2
}

/// The bits of a batch's attributes (https://kafka.apache.org/documentation/#recordbatch).
package enum BatchAttributes {
    package static let compressionMask: Int16 = 0b0000_0111
    package static let logAppendTime: Int16 = 0b0000_1000
    package static let transactional: Int16 = 0b0001_0000
    package static let control: Int16 = 0b0010_0000
    /// The base timestamp is a delete horizon (KIP-534), set by the log cleaner.
    package static let deleteHorizon: Int16 = 0b0100_0000
}
