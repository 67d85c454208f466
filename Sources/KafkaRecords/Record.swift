// Record: one record with bytes of its own, for those who want comfort rather than speed (tests, tools).

/// A name and a value that travel with a record (KIP-82).
package struct RecordHeader: Sendable, Equatable {
    /// UTF-8 on the wire; bytes that are none are repaired when decoding.
    package var key: String
    package var value: [UInt8]?

    package init(key: String, value: [UInt8]?) {
        self.key = key
        self.value = value
    }
}

/// One decoded record.
package struct Record: Sendable, Equatable {
    package var offset: Int64
    /// Milliseconds since 1970; -1 is "none".
    package var timestamp: Int64
    package var key: [UInt8]?
    package var value: [UInt8]?
    package var headers: [RecordHeader]

    package init(offset: Int64, timestamp: Int64, key: [UInt8]?, value: [UInt8]?, headers: [RecordHeader] = []) {
        self.offset = offset
        self.timestamp = timestamp
        self.key = key
        self.value = value
        self.headers = headers
    }
}

extension RecordBatch {
    /// All records, decoded. In a batch with log-append time each has the batch's `maxTimestamp`.
    ///
    /// Throws what `decompressedPayload(limitBytes:)` and `RecordIterator.next()` throw. The checksum is not verified.
    package func records(decompressedLimitBytes: Int) throws(RecordError) -> [Record] {
        // Compaction may leave a batch without records, and then without a compressed payload either.
        if header.recordCount <= 0, payload.byteCount == 0 { return [] }
        guard header.compression != Compression.none else { return try decodeRecords(of: payload) }
        let decompressed = try decompressedPayload(limitBytes: decompressedLimitBytes)
        return try decodeRecords(of: decompressed.span.bytes)
    }

    private func decodeRecords(of payload: RawSpan) throws(RecordError) -> [Record] {
        var records: [Record] = []
        // A record takes seven bytes at least: a header that lies about its count reserves nothing.
        records.reserveCapacity(min(max(Int(header.recordCount), 0), payload.byteCount / 7))
        var iterator = RecordIterator(payload, count: header.recordCount)
        while let fields = try iterator.next() {
            records.append(Record(fields, of: payload, in: header))
        }
        return records
    }
}

extension Record {
    /// Copies the parts of a record out of its payload.
    package init(_ fields: RecordFields, of payload: RawSpan, in header: BatchHeader) {
        offset = header.baseOffset &+ Int64(fields.offsetDelta)
        timestamp = header.timestamp(ofDelta: fields.timestampDelta)
        key = fields.key.map { [UInt8](copying: payload.extracting($0)) }
        value = fields.value.map { [UInt8](copying: payload.extracting($0)) }
        headers = []
        var iterator = HeaderIterator(payload, in: fields.headers, count: fields.headerCount)
        while let header = iterator.next() {
            let name = payload.extracting(header.key).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            headers.append(
                RecordHeader(key: name, value: header.value.map { [UInt8](copying: payload.extracting($0)) }))
        }
    }
}

extension BatchHeader {
    /// The time of a record with this delta, in milliseconds since 1970: its own, or the batch's `maxTimestamp` if the
    /// broker set the time.
    package func timestamp(ofDelta delta: Int64) -> Int64 {
        timestampType == .logAppendTime ? maxTimestamp : baseTimestamp &+ delta
    }
}
