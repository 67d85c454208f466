// RecordError: everything that can be wrong with a record batch, as values to match on and sentences to log.

/// Why bytes are not a record batch that can be accepted or read.
package enum RecordError: Error, Equatable, Sendable {
    /// A batch or header needs `needed` bytes, `available` are there.
    case truncated(needed: Int, available: Int)
    /// The format version is not 2. Versions 0 and 1 ended with Kafka 4.0 (KIP-724).
    case unsupportedMagic(Int8)
    /// The length field is too small for a header.
    case invalidBatchLength(Int32)
    /// The CRC-32C of the bytes is not the one in the header.
    case checksumMismatch(stored: UInt32, computed: UInt32)
    /// The attributes name a codec that does not exist.
    case unsupportedCompression(UInt8)
    /// The payload is not what its codec writes; the string says how.
    case corruptCompressedData(Compression, String)
    /// Decompressing was stopped: more than `limitBytes` would come out.
    case decompressedTooLarge(limitBytes: Int)
    /// The record with this index in its batch is malformed.
    case invalidRecord(index: Int, String)
    /// The batch's header has a timestamp that the rules do not allow, for the record with this index (Kafka:
    /// INVALID_TIMESTAMP).
    case invalidTimestamp(index: Int, String)
    /// These records, one at least, are against the rules (Kafka: INVALID_TIMESTAMP or INVALID_RECORD).
    case brokenRules([RuleViolation])
    /// The batch as a whole is malformed or against the rules.
    case invalidBatch(String)
}

extension RecordError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated(let needed, let available):
            "truncated record batch: \(needed) bytes needed, \(available) available"
        case .unsupportedMagic(let magic):
            "unsupported record batch format \(magic): only format 2 is read"
        case .invalidBatchLength(let length):
            "invalid record batch length \(length): at least \(BatchLayout.minimumBatchLength) expected"
        case .checksumMismatch(let stored, let computed):
            "record batch checksum mismatch: stored \(hex(stored)), computed \(hex(computed))"
        case .unsupportedCompression(let id):
            "unsupported compression codec \(id)"
        case .corruptCompressedData(let compression, let reason):
            "corrupt \(compression.name) data: \(reason)"
        case .decompressedTooLarge(let limitBytes):
            "decompressed records exceed the limit of \(limitBytes) bytes"
        case .invalidRecord(let index, let reason):
            "invalid record \(index) of its batch: \(reason)"
        case .invalidTimestamp(let index, let reason):
            "invalid timestamp of record \(index) of its batch: \(reason)"
        case .brokenRules(let violations):
            violations.first.map {
                "\(violations.count) of the batch's records are against the rules; record \($0.index): \($0.reason)"
            } ?? "no record is against the rules"
        case .invalidBatch(let reason):
            "invalid record batch: \(reason)"
        }
    }

    private func hex(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }
}
