// ReferenceReader: the record format read in the plainest way, to compare the fast reader with.

import KafkaRecords

struct ReferenceReader {
    private var bytes: ArraySlice<UInt8>

    /// The records that fill `payload` exactly; nil if they do not.
    static func read(_ payload: [UInt8], count: Int) -> [RecordFields]? {
        var reader = ReferenceReader(bytes: payload[...])
        var records: [RecordFields] = []
        for _ in 0..<count {
            guard let record = reader.record() else { return nil }
            records.append(record)
        }
        return reader.bytes.isEmpty ? records : nil
    }

    private mutating func record() -> RecordFields? {
        let start = bytes.startIndex
        guard let length = varint(bits: 32), length >= 0, length <= Int64(bytes.count) else { return nil }
        var body = ReferenceReader(bytes: bytes.prefix(Int(length)))
        bytes = bytes.dropFirst(Int(length))
        guard let attributes = body.bytes.popFirst(), let timestampDelta = body.varint(bits: 64),
            let offsetDelta = body.varint(bits: 32), let key = body.field(), let value = body.field(),
            let headerCount = body.varint(bits: 32), headerCount >= 0
        else { return nil }
        let headers = body.bytes.startIndex..<body.bytes.endIndex
        for _ in 0..<headerCount {
            guard let name = body.field(), name != nil, body.field() != nil else { return nil }
        }
        guard body.bytes.isEmpty else { return nil }
        return RecordFields(
            bytes: start..<bytes.startIndex, attributes: attributes, timestampDelta: timestampDelta,
            offsetDelta: Int32(offsetDelta), key: key, value: value, headers: headers, headerCount: Int(headerCount))
    }

    /// A length and its bytes: nil is malformed, nil within is null.
    private mutating func field() -> Range<Int>?? {
        guard let length = varint(bits: 32), length <= Int64(bytes.count) else { return nil }
        guard length >= 0 else { return .some(nil) }
        let range = bytes.startIndex..<(bytes.startIndex + Int(length))
        bytes = bytes.dropFirst(Int(length))
        return .some(range)
    }

    /// A zigzag integer of at most 32 or 64 bits; bits beyond are lost.
    private mutating func varint(bits: Int) -> Int64? {
        var digits: [UInt8] = []
        repeat {
            guard digits.count < (bits + 6) / 7, let next = bytes.popFirst() else { return nil }
            digits.append(next)
        } while digits.last! >= 0x80
        var raw: UInt64 = 0
        for digit in digits.reversed() { raw = raw << 7 | UInt64(digit & 0x7F) }
        if bits == 32 { raw &= 0xFFFF_FFFF }
        return Int64(raw >> 1) * (raw & 1 == 0 ? 1 : -1) - Int64(raw & 1)
    }
}
