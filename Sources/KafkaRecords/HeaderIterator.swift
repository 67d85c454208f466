// HeaderIterator: walks the headers of one record (KIP-82) without allocating.
//
// A header: key length varint, key in UTF-8, value length varint (negative is null), value.

/// Where the parts of one header stand, in bytes of the payload that was walked.
package struct HeaderFields: Sendable, Equatable {
    package var key: Range<Int>
    package var value: Range<Int>?

    package init(key: Range<Int>, value: Range<Int>?) {
        self.key = key
        self.value = value
    }
}

/// The headers of one record, in order.
package struct HeaderIterator: ~Escapable {
    private let payload: RawSpan
    private let end: Int
    private var left: Int
    private var position: Int

    /// `range` and `count` are `headers` and `headerCount` of a record of `payload`.
    @_lifetime(copy payload)
    package init(_ payload: RawSpan, in range: Range<Int>, count: Int) {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= payload.byteCount,
            "the headers of a record stand in its payload")
        self.payload = payload
        position = range.lowerBound
        end = range.upperBound
        left = count
    }

    /// The next header; nil behind the last one, and for one that is malformed.
    /// What `RecordIterator` has returned is not malformed.
    @_lifetime(self: copy self)
    package mutating func next() -> HeaderFields? {
        guard left > 0 else { return nil }
        guard let keyLength = payload.varint(at: &position, limit: end), keyLength >= 0,
            Int(keyLength) <= end - position
        else { return nil }
        let key = position..<(position + Int(keyLength))
        position = key.upperBound
        guard let valueLength = payload.varint(at: &position, limit: end), Int(valueLength) <= end - position
        else { return nil }
        left -= 1
        guard valueLength >= 0 else { return HeaderFields(key: key, value: nil) }
        let value = position..<(position + Int(valueLength))
        position = value.upperBound
        return HeaderFields(key: key, value: value)
    }

    /// Whether all headers were read and they filled their range.
    var isExhausted: Bool { left == 0 && position == end }
}
