// The settings of one log, with Kafka's defaults. May change while the log is open; a change takes effect at the next
// append or roll.
//
// Thread rule: plain value.

package struct LogConfig: Sendable, Equatable {
    /// `segment.bytes`: a segment never grows beyond this.
    package var segmentBytes = 1 << 30
    /// `segment.ms`: the first append after this age starts a new segment.
    package var segmentMilliseconds: Int64 = 7 * 24 * 3_600_000
    /// `index.interval.bytes`: about one index entry for so many bytes.
    package var indexIntervalBytes = 4_096
    /// `segment.index.bytes`: an index never grows beyond this; a full one rolls the segment.
    package var indexMaxBytes = 10 << 20
    /// `producer.id.expiration.ms`: a producer that wrote nothing for so long is forgotten.
    package var producerExpirationMilliseconds: Int64 = 24 * 3_600_000
    /// Producer ids remembered for one partition; a new one beyond that replaces the one idle longest.
    package var producersMax = 50_000
    /// What a compressed batch may become when it has to be looked into.
    package var decompressedLimitBytes = 128 << 20
    /// Preallocation doubles from 64 KiB up to steps of this; 0 turns it off.
    package var preallocationMaxBytes = 8 << 20

    /// `cleanup.policy` has `compact`: of each key the last record stays.
    package var isCompacted = false
    /// `min.cleanable.dirty.ratio`: share of uncleaned bytes from which cleaning is worth its cost.
    package var minCleanableDirtyRatio = 0.5
    /// `min.compaction.lag.ms`: a segment is not cleaned before its last append is so old.
    package var minCompactionLagMilliseconds: Int64 = 0
    /// `max.compaction.lag.ms`: a segment whose first append is so old is cleaned whatever the ratio.
    package var maxCompactionLagMilliseconds = Int64.max
    /// `delete.retention.ms`: how long tombstones stay after a cleaning has seen them first.
    package var deleteRetentionMilliseconds: Int64 = 24 * 3_600_000

    /// `cleanup.policy` has `delete`: old segments go.
    package var isDeletable = true
    /// `retention.ms`: a segment goes when its last append is so old; nil is no limit.
    package var retentionMilliseconds: Int64? = 7 * 24 * 3_600_000
    /// `retention.bytes`: the oldest segments go while the others have so many; nil is no limit.
    package var retentionBytes: Int64?
    /// `file.delete.delay.ms`: how long the files of expired segments stay.
    package var fileDeleteDelayMilliseconds: Int64 = 60_000

    /// `flush.messages`: so many records are not left unflushed.
    package var flushMessages = Int64.max
    /// `flush.ms`: appended records are not left unflushed for longer.
    package var flushMilliseconds = Int64.max

    package init() {}
}
