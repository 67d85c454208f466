// BatchRules: what a broker asks of a batch before it takes it from a producer, and the check itself.
//
// The rules are those of Kafka's LogValidator for format 2, with three differences that are ours:
// - a compressed batch is not opened unless the rules ask for it: opening it costs more than everything else together,
//   and its checksum has been verified;
// - offset deltas have to be 0, 1, 2, … in uncompressed batches too (Kafka checks, and repairs, compressed ones only);
// - a producer id without an epoch is refused here.
// As for Kafka, the base offset may be anything (it is overwritten) and a wrong maxTimestamp is no reason to refuse.
//
// Threads: no state. Uncompressed batches are checked without allocating.

/// What to ask of a produced batch, by the topic's settings.
package struct BatchRules: Sendable, Equatable {
    /// Every record needs a key: the topic is compacted.
    package var requireKeys: Bool
    /// Open and walk compressed batches as well. `requireKeys` implies it.
    package var validateCompressed: Bool
    /// Timestamps have to be in this range, in milliseconds since 1970 (`message.timestamp.before.max.ms` and
    /// `.after.max.ms`); -1 ("none") is always allowed. nil allows everything. In a compressed batch that is not
    /// opened, the two timestamps of the header are checked.
    package var timestampRange: ClosedRange<Int64>?
    /// What a compressed batch may grow to when it is opened.
    package var decompressedLimitBytes: Int

    package init(
        requireKeys: Bool = false, validateCompressed: Bool = false, timestampRange: ClosedRange<Int64>? = nil,
        decompressedLimitBytes: Int = 128 << 20
    ) {
        self.requireKeys = requireKeys
        self.validateCompressed = validateCompressed
        self.timestampRange = timestampRange
        self.decompressedLimitBytes = decompressedLimitBytes
    }
}

/// Checks one batch as a producer sent it and returns its header.
///
/// `bytes` have to be exactly one batch. Where the records were walked, the header's `maxTimestamp` is the largest of
/// the records' (what Kafka stores), which may differ from the one in `bytes`: then, rarely, `correctMaxTimestamp`
/// has to be called on them before they are stored.
///
/// Throws `.truncated`, `.unsupportedMagic`, `.invalidBatchLength`, `.checksumMismatch` (Kafka: CORRUPT_MESSAGE);
/// `.unsupportedCompression` (UNSUPPORTED_COMPRESSION_TYPE); `.invalidTimestamp` (INVALID_TIMESTAMP); `.invalidBatch`,
/// `.invalidRecord` (INVALID_RECORD); `.brokenRules` with every record that breaks one; and what opening a compressed
/// batch throws.
package func validate(produced bytes: RawSpan, rules: BatchRules) throws(RecordError) -> BatchHeader {
    let batch = try RecordBatch(bytes)
    guard batch.bytes.byteCount == bytes.byteCount else {
        throw .invalidBatch("\(bytes.byteCount - batch.bytes.byteCount) bytes behind the batch; one batch is allowed")
    }
    try batch.verifyChecksum()
    try rules.check(batch.header)

    var header = batch.header
    if header.compression == Compression.none {
        header.maxTimestamp = try rules.checkRecords(batch.payload, of: header)
    } else if rules.requireKeys || rules.validateCompressed {
        let payload = try batch.decompressedPayload(limitBytes: rules.decompressedLimitBytes)
        header.maxTimestamp = try rules.checkRecords(payload.span.bytes, of: header)
    } else {
        try rules.checkHeaderTimestamp(header.baseTimestamp, index: 0)
        try rules.checkHeaderTimestamp(header.maxTimestamp, index: Int(header.lastOffsetDelta))
    }
    return header
}

extension BatchRules {
    /// What can be said without the records.
    fileprivate func check(_ header: BatchHeader) throws(RecordError) {
        guard header.compression != nil else { throw .unsupportedCompression(header.compressionID) }
        guard header.recordCount > 0 else { throw .invalidBatch("it says that it has \(header.recordCount) records") }
        guard Int(header.lastOffsetDelta) == Int(header.recordCount) - 1 else {
            throw .invalidBatch("last offset delta \(header.lastOffsetDelta) with \(header.recordCount) records")
        }
        guard !header.isControl else { throw .invalidBatch("a client must not write control records") }
        guard header.timestampType == .createTime else {
            throw .invalidTimestamp(index: 0, "a client must not set the timestamp type to log append time")
        }
        guard header.producerID < 0 || (header.producerEpoch >= 0 && header.baseSequence >= 0) else {
            throw .invalidBatch(
                "producer id \(header.producerID) with epoch \(header.producerEpoch), sequence \(header.baseSequence)")
        }
    }

    /// Walks uncompressed records and returns their largest timestamp, -1 if they have none.
    fileprivate func checkRecords(_ payload: RawSpan, of header: BatchHeader) throws(RecordError) -> Int64 {
        var iterator = RecordIterator(payload, count: header.recordCount, requireContiguous: true)
        var largest: Int64 = -1
        var violations: [RuleViolation] = []
        // Records are taken in runs for as long as all in a run keep the rules. After that it matters which do not.
        var takesRuns = true
        while violations.count < RuleViolation.reportedMax {
            let before = iterator
            if takesRuns, let run = iterator.nextPlainRun() {
                if let time = largestTimestamp(of: run, since: header.baseTimestamp) {
                    largest = max(largest, time)
                    continue
                }
                takesRuns = false
                iterator = before
            }
            guard let record = try iterator.next() else { break }
            let timestamp = header.baseTimestamp &+ record.timestampDelta
            if requireKeys, record.key == nil {
                let reason = "a record of a compacted topic needs a key"
                violations.append(RuleViolation(index: iterator.index - 1, rule: .missingKey, reason: reason))
            } else if let reason = outOfRange(timestamp) {
                violations.append(RuleViolation(index: iterator.index - 1, rule: .timestampRange, reason: reason))
            }
            largest = max(largest, timestamp)
        }
        guard violations.isEmpty else { throw .brokenRules(violations) }
        return largest
    }

    /// nil if one of the run's records may be against the rules.
    private func largestTimestamp(of run: RecordIterator.PlainRun, since base: Int64) -> Int64? {
        guard run.allHaveKeys || !requireKeys else { return nil }
        let (smallest, isTooSmall) = base.addingReportingOverflow(run.smallestDelta)
        let (largest, isTooLarge) = base.addingReportingOverflow(run.largestDelta)
        guard !isTooSmall, !isTooLarge else { return nil }
        guard let timestampRange else { return largest }
        return timestampRange.contains(smallest) && timestampRange.contains(largest) ? largest : nil
    }

    fileprivate func checkHeaderTimestamp(_ timestamp: Int64, index: Int) throws(RecordError) {
        if let reason = outOfRange(timestamp) { throw .invalidTimestamp(index: index, reason) }
    }

    /// Why a timestamp is against the rules; nil if it is not.
    @inline(__always)
    private func outOfRange(_ timestamp: Int64) -> String? {
        guard let timestampRange, timestamp != -1, !timestampRange.contains(timestamp) else { return nil }
        return "\(timestamp) is not within \(timestampRange.lowerBound)...\(timestampRange.upperBound) milliseconds"
    }
}
