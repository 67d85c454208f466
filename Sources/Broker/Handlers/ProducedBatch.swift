import KafkaProtocol
import KafkaRecords

/// Why a produced batch is refused.
struct ProduceRefusal: Error {
    let code: ErrorCode
    let message: String?
    /// The records at fault by their index within the batch, where it is single ones (KIP-467). Clients take the others
    /// for good ones.
    let records: [(index: Int, reason: String)]

    init(_ code: ErrorCode, _ message: String?, records: [(index: Int, reason: String)] = []) {
        self.code = code
        self.message = message
        self.records = records
    }

    init(_ error: RecordError) {
        switch error {
        case .truncated, .invalidBatchLength, .checksumMismatch, .corruptCompressedData:
            self.init(.corruptMessage, "\(error)")
        case .unsupportedMagic, .invalidBatch: self.init(.invalidRecord, "\(error)")
        case .unsupportedCompression: self.init(.unsupportedCompressionType, "\(error)")
        case .decompressedTooLarge: self.init(.messageTooLarge, "\(error)")
        case .invalidTimestamp(let index, let reason):
            self.init(.invalidTimestamp, "\(error)", records: [(index, reason)])
        case .invalidRecord(let index, let reason): self.init(.invalidRecord, "\(error)", records: [(index, reason)])
        case .brokenRules(let violations):
            let isTimestamp = violations.contains { $0.rule == .timestampRange }
            self.init(
                isTimestamp ? .invalidTimestamp : .invalidRecord, "\(error)",
                records: violations.map { ($0.index, $0.reason) })
        }
    }
}

/// The checks and rewrites that a topic's settings ask for on a produced batch.
struct ProducedBatch {
    let topic: Topic
    let broker: Broker
    /// Version of the Produce request.
    let version: Int16

    private var config: TopicConfig { topic.config }

    func validate(_ batch: RawSpan) throws(ProduceRefusal) -> BatchHeader {
        try checkSize(batch.byteCount)
        let rules = BatchRules(
            requireKeys: config.isCompacted, timestampRange: timestampRange,
            decompressedLimitBytes: config.log.decompressedLimitBytes)
        let header: BatchHeader
        do throws(RecordError) {
            header = try KafkaRecords.validate(produced: batch, rules: rules)
        } catch {
            throw ProduceRefusal(error)
        }
        guard header.compression != .zstd || version >= 7 else {
            throw ProduceRefusal(.unsupportedCompressionType, "zstd needs Produce version 7 or later (KIP-110).")
        }
        guard !header.isTransactional else {
            throw ProduceRefusal(.invalidTxnState, "Transactions are not served by this broker.")
        }
        // Compressed records are not decompressed to be checked, but what cannot be would reach every consumer as an error.
        let payload = batch.extracting(droppingFirst: BatchLayout.headerSize)
        guard header.compression?.hasShape(payload) ?? false else {
            throw ProduceRefusal(.corruptMessage, "The records are not what the batch's codec writes.")
        }
        return header
    }

    private func checkSize(_ byteCount: Int) throws(ProduceRefusal) {
        guard byteCount <= config.maxMessageBytes else {
            throw ProduceRefusal(
                .messageTooLarge,
                "The batch has \(byteCount) bytes; max.message.bytes of \(topic.name) is \(config.maxMessageBytes).")
        }
        guard byteCount <= config.segmentBytes else {
            throw ProduceRefusal(
                .recordListTooLarge,
                "The batch has \(byteCount) bytes; segment.bytes of \(topic.name) is \(config.segmentBytes).")
        }
    }

    /// Times that records may have; nil if this broker's clock stamps them. Times before 1970 are never taken: -1 means
    /// "none", and what lies further back would be no time that clients can ask for.
    private var timestampRange: ClosedRange<Int64>? {
        guard config.timestampType == .createTime else { return nil }
        let now = broker.time.wallMilliseconds
        let latest = now.addingReportingOverflow(config.timestampAfterMaxMilliseconds)
        let earliest = max(0, now - config.timestampBeforeMaxMilliseconds)
        return earliest...max(earliest, latest.overflow ? .max : latest.partialValue)
    }

    /// The batch as the topic's settings want it stored; nil if that is how it came, which is the rule.
    ///
    /// - Parameter header: what `validate` returned; its largest timestamp is that of the records.
    func rewrite(
        _ batch: RawSpan, _ header: BatchHeader
    ) throws(ProduceRefusal) -> (bytes: [UInt8], header: BatchHeader)? {
        let codec = config.compression.flatMap { $0 == header.compression ? nil : $0 }
        let mustStamp = config.timestampType == .logAppendTime
        var bytes = [UInt8]()
        let stored: BatchHeader
        do throws(RecordError) {
            let received = try BatchHeader(parsing: batch)
            if codec == nil, !mustStamp, received.maxTimestamp == header.maxTimestamp { return nil }
            if let codec {
                bytes = try recompress(
                    RecordBatch(batch), to: codec, level: config.compressionLevel,
                    decompressedLimitBytes: config.log.decompressedLimitBytes)
            } else {
                bytes = batch.withUnsafeBytes { Array($0) }
            }
            if mustStamp {
                stampLogAppendTime(&bytes, milliseconds: broker.time.wallMilliseconds)
            } else {
                correctMaxTimestamp(&bytes, to: header.maxTimestamp)
            }
            stored = try BatchHeader(parsing: bytes.span.bytes)
        } catch {
            throw ProduceRefusal(error)
        }
        // The limits are those of what is stored: a batch may have been let out of a better codec.
        try checkSize(bytes.count)
        return (bytes, stored)
    }
}
