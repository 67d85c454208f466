// TimestampType: whose clock the timestamps of a batch come from (bit 3 of its attributes, KIP-32).

/// Whether a batch carries its producer's timestamps or the broker's time of append.
package enum TimestampType: Sendable, Equatable {
    /// Each record has its own timestamp, set by the producer.
    case createTime
    /// Every record has the batch's `maxTimestamp`, set by the broker.
    case logAppendTime
}
