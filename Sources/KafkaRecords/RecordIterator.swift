// RecordIterator: walks the records of an uncompressed payload, one at a time, without allocating.
//
// A record: length varint, attributes int8, timestampDelta varlong, offsetDelta varint, key and value each as length
// varint (negative is null) and bytes, header count varint, headers. Every length is checked against what is left of
// the record, every record against what is left of the payload, and behind the last record nothing may follow.
// Source: https://kafka.apache.org/documentation/#record

/// Where the parts of one record stand. All ranges are in bytes of the payload that was walked.
package struct RecordFields: Sendable, Equatable {
    /// The whole record, its length field included.
    package var bytes: Range<Int>
    package var attributes: UInt8
    /// Milliseconds to add to the batch's base timestamp.
    package var timestampDelta: Int64
    /// To add to the batch's base offset.
    package var offsetDelta: Int32
    /// nil is the null key; an empty range is an empty key.
    package var key: Range<Int>?
    /// nil is the null value: on a compacted topic a tombstone.
    package var value: Range<Int>?
    /// The headers, their count excluded; `HeaderIterator` walks them.
    package var headers: Range<Int>
    package var headerCount: Int

    package init(
        bytes: Range<Int>, attributes: UInt8, timestampDelta: Int64, offsetDelta: Int32, key: Range<Int>?,
        value: Range<Int>?, headers: Range<Int>, headerCount: Int
    ) {
        self.bytes = bytes
        self.attributes = attributes
        self.timestampDelta = timestampDelta
        self.offsetDelta = offsetDelta
        self.key = key
        self.value = value
        self.headers = headers
        self.headerCount = headerCount
    }
}

/// The records of one uncompressed payload, in order. After an error it must not be asked again.
package struct RecordIterator: ~Escapable {
    private let payload: RawSpan
    private let count: Int
    private let requireContiguous: Bool
    /// How many records were returned.
    private(set) var index = 0
    private var position = 0

    /// - Parameters:
    ///   - payload: the uncompressed records and nothing else.
    ///   - count: how many there are, by the batch's header; negative counts as 0.
    ///   - requireContiguous: whether offset deltas have to be 0, 1, 2, … Compacted batches have gaps.
    @_lifetime(copy payload)
    package init(_ payload: RawSpan, count: Int32, requireContiguous: Bool = false) {
        self.payload = payload
        self.count = max(Int(count), 0)
        self.requireContiguous = requireContiguous
    }

    /// The next record, or nil behind the last one.
    ///
    /// Throws `.invalidRecord` for a record that does not fit its own length or the payload, and `.invalidBatch` if
    /// bytes are left behind the last record.
    @_lifetime(self: copy self)
    @inline(__always)
    package mutating func next() throws(RecordError) -> RecordFields? {
        guard index < count else {
            if position != payload.byteCount {
                throw .invalidBatch("\(payload.byteCount - position) bytes left behind \(count) records")
            }
            return nil
        }
        guard let record = parse() else { throw Self.malformed(payload, at: position, index: index) }
        if requireContiguous, Int(record.offsetDelta) != index {
            throw .invalidRecord(index: index, "offset delta \(record.offsetDelta), \(index) expected")
        }
        index &+= 1
        position = record.bytes.upperBound
        return record
    }

    /// What a validator asks of records that are as most are.
    struct PlainRun {
        fileprivate(set) var smallestDelta = Int64.max
        fileprivate(set) var largestDelta = Int64.min
        fileprivate(set) var allHaveKeys = true
    }

    /// What is looked at before the key: length, attributes, two varints of three bytes, and four for the key's length.
    private static let plainHeadBytes = 3 + 1 + 3 + 3 + 4

    /// Takes the plain records that follow, as many as there are: offset delta as expected, no headers, varints of up to three
    /// bytes, not the last of the payload. nil, if the next one is none, says nothing and changes nothing: `next()` looks closer.
    ///
    /// This takes less than half the instructions of `next()`: every varint lies in bytes that one comparison found to be there,
    /// so that only the ends of the record have to be compared, and the place stays in registers. What it takes, `next()` takes,
    /// too: positions only grow, and the last is the record's end.
    mutating func nextPlainRun() -> PlainRun? {
        var run = PlainRun()
        var (start, taken) = (position, index)
        while taken < count {
            var at = start
            guard at &+ Self.plainHeadBytes <= payload.byteCount, let length = payload.shortVarint(at: &at),
                length & 1 == 0
            else { break }
            let end = at &+ Int(length >> 1)
            at &+= 1
            guard let timestampDelta = payload.shortVarint(at: &at),
                let offsetDelta = payload.shortVarint(at: &at), Int(offsetDelta) == taken &<< 1,
                let keyLength = payload.shortVarint(at: &at)
            else { break }
            let hasKey = keyLength & 1 == 0
            if hasKey { at &+= Int(keyLength >> 1) }
            guard at &+ 4 <= payload.byteCount, let valueLength = payload.shortVarint(at: &at) else { break }
            if valueLength & 1 == 0 { at &+= Int(valueLength >> 1) }
            // The last byte counts the headers.
            guard at &+ 1 == end, end <= payload.byteCount, payload.byte(at: at) == 0 else { break }
            let delta = Int64(timestampDelta >> 1) ^ -Int64(timestampDelta & 1)
            run.smallestDelta = min(run.smallestDelta, delta)
            run.largestDelta = max(run.largestDelta, delta)
            run.allHaveKeys = run.allHaveKeys && hasKey
            (start, taken) = (end, taken &+ 1)
        }
        guard taken > index else { return nil }
        (position, index) = (start, taken)
        return run
    }

    /// The record at `position`, or nil if it is malformed; why is found out only then, off the hot path.
    @inline(__always)
    private func parse() -> RecordFields? {
        var at = position
        guard let length = payload.varint(at: &at, limit: payload.byteCount),
            length >= 0, Int(length) <= payload.byteCount &- at
        else { return nil }
        let end = at &+ Int(length)
        guard at < end else { return nil }
        let attributes = payload.byte(at: at)
        at &+= 1
        guard let timestampDelta = payload.varlong(at: &at, limit: end),
            let offsetDelta = payload.varint(at: &at, limit: end),
            let keyLength = payload.varint(at: &at, limit: end), Int(keyLength) <= end &- at
        else { return nil }
        let key = Self.range(at: &at, length: keyLength)
        guard let valueLength = payload.varint(at: &at, limit: end), Int(valueLength) <= end &- at else { return nil }
        let value = Self.range(at: &at, length: valueLength)
        guard let headerCount = payload.varint(at: &at, limit: end), headerCount >= 0 else { return nil }
        if headerCount == 0 {
            guard at == end else { return nil }
        } else {
            guard Self.headersFit(payload, in: at..<end, count: Int(headerCount)) else { return nil }
        }
        return RecordFields(
            bytes: position..<end, attributes: attributes, timestampDelta: timestampDelta, offsetDelta: offsetDelta,
            key: key, value: value, headers: at..<end, headerCount: Int(headerCount))
    }

    /// The bytes of a key or value; any negative length is null, as for Kafka.
    @inline(__always)
    private static func range(at position: inout Int, length: Int32) -> Range<Int>? {
        guard length >= 0 else { return nil }
        let start = position
        position &+= Int(length)
        return start..<position
    }

    /// Whether `count` headers fill the range exactly.
    private static func headersFit(_ payload: RawSpan, in range: Range<Int>, count: Int) -> Bool {
        var headers = HeaderIterator(payload, in: range, count: count)
        for _ in 0..<count where headers.next() == nil { return false }
        return headers.isExhausted
    }

    /// The error for the record at `position` that could not be parsed.
    private static func malformed(_ payload: RawSpan, at position: Int, index: Int) -> RecordError {
        var at = position
        guard let length = payload.varint(at: &at, limit: payload.byteCount) else {
            return .invalidRecord(index: index, "its length is missing or malformed")
        }
        guard length >= 0, Int(length) <= payload.byteCount - at else {
            return .invalidRecord(index: index, "length \(length), \(payload.byteCount - at) bytes left in the batch")
        }
        return .invalidRecord(index: index, "its fields do not fit its length of \(length) bytes")
    }
}
