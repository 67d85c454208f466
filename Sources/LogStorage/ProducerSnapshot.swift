// The file form of `ProducerStates`.
//
// Layout (Kafka's, version 1, big-endian): version Int16, CRC-32C of everything behind it UInt32, count Int32, then for each
// producer: id Int64, epoch Int16, last sequence Int32, last offset Int64, offset delta Int32, timestamp Int64,
// coordinator epoch Int32, first offset of the open transaction Int64 (-1 without one).
// Crash rule: written once under its final name; a torn one fails the checksum and is passed over.
// Thread rule: pure functions.

import KafkaRecords

enum ProducerSnapshot {
    static let version: Int16 = 1
    static let crcPosition = 2
    static let countPosition = crcPosition + 4
    static let entriesPosition = countPosition + 4
    static let entryBytes = 8 + 2 + 4 + 8 + 4 + 8 + 4 + 8

    static func encode(_ states: ProducerStates) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entriesPosition + states.entries.count * entryBytes)
        bytes.put(version)
        bytes.put(UInt32(0))
        bytes.put(Int32(states.entries.count))
        for (id, entry) in states.entries.sorted(by: { $0.key < $1.key }) {
            let last = entry.last ?? ProducerEntry.Batch()
            bytes.put(id)
            bytes.put(entry.epoch)
            bytes.put(last.lastSequence)
            bytes.put(last.lastOffset)
            bytes.put(last.offsetDelta)
            bytes.put(entry.lastTimestamp)
            bytes.put(entry.coordinatorEpoch)
            bytes.put(entry.transactionStart)
        }
        let crc = crc32c(bytes.span.bytes.extracting(droppingFirst: countPosition))
        withUnsafeBytes(of: crc.bigEndian) { bytes.replaceSubrange(crcPosition..<countPosition, with: $0) }
        return bytes
    }

    /// nil when anything is wrong with the bytes.
    static func decode(_ bytes: [UInt8]) -> ProducerStates? {
        guard bytes.count >= entriesPosition, (bytes.count - entriesPosition) % entryBytes == 0 else { return nil }
        let span = bytes.span.bytes
        var reader = SnapshotReader(position: 0)
        guard reader.next(span, as: Int16.self) == version,
            reader.next(span, as: UInt32.self) == crc32c(span.extracting(droppingFirst: countPosition)),
            Int(reader.next(span, as: Int32.self)) == (bytes.count - entriesPosition) / entryBytes
        else { return nil }
        var states = ProducerStates()
        while reader.position < bytes.count {
            let (id, entry) = reader.entry(span)
            states.restore(id, entry)
        }
        return states
    }
}

private struct SnapshotReader {
    var position: Int

    mutating func next<Integer: FixedWidthInteger & BitwiseCopyable>(_ bytes: RawSpan, as type: Integer.Type) -> Integer
    {
        defer { position += MemoryLayout<Integer>.size }
        return Integer(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: position, as: Integer.self))
    }

    mutating func entry(_ bytes: RawSpan) -> (Int64, ProducerEntry) {
        let id = next(bytes, as: Int64.self)
        let epoch = next(bytes, as: Int16.self)
        var last = ProducerEntry.Batch()
        last.lastSequence = next(bytes, as: Int32.self)
        last.lastOffset = next(bytes, as: Int64.self)
        last.offsetDelta = next(bytes, as: Int32.self)
        last.timestamp = next(bytes, as: Int64.self)
        let coordinatorEpoch = next(bytes, as: Int32.self)
        let transactionStart = next(bytes, as: Int64.self)
        let entry = ProducerEntry(
            epoch: epoch, coordinatorEpoch: coordinatorEpoch, lastTimestamp: last.timestamp,
            transactionStart: transactionStart, last: last.lastOffset >= 0 ? last : nil)
        return (id, entry)
    }
}

extension [UInt8] {
    fileprivate mutating func put(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}
