// What one cleaning of a log works on: taken under the partition's lock, used without it.
//
// Everything in it was published before it was made and does not change: sealed segments are only ever replaced as a
// whole, and their old bytes stay mapped. Whether they are still the log's is asked again before the swap.
// Thread rule: Sendable.

import KafkaRecords

package struct CleaningPlan: Sendable {
    /// One sealed segment.
    struct Source: Sendable {
        let baseOffset: Int64
        /// Base of the segment behind it.
        let endOffset: Int64
        let size: Int
        let offsetIndexBytes: Int
        let timeIndexBytes: Int
        let lastAppendMilliseconds: Int64
        let mapping: SegmentMapping
    }

    let name: TopicPartitionName
    let directory: LogDirectory
    let config: LogConfig
    /// Wall time, milliseconds since 1970.
    let now: Int64
    /// Keys are mapped from here on; what lies before was cleaned already.
    let firstDirtyOffset: Int64
    /// Every sealed segment that may be cleaned, ascending, without gaps between them.
    let sources: [Source]
    /// Last offset of the last batch of each producer that the log remembers: that batch carries its sequence.
    let lastOffsets: [Int64: Int64]

    /// Behind the last source.
    var endOffset: Int64 { sources[sources.count - 1].endOffset }

    /// Sources that become one segment each: as many as fit its limits together, so that segments do not shrink to crumbs.
    ///
    /// - Parameter endOffset: sources from here on are left alone.
    func groups(before endOffset: Int64) -> [[Source]] {
        var groups: [[Source]] = []
        var size = 0
        var offsetIndexBytes = 0
        var timeIndexBytes = 0
        for source in sources where source.baseOffset < endOffset {
            size += source.size
            offsetIndexBytes += source.offsetIndexBytes
            timeIndexBytes += source.timeIndexBytes
            if let first = groups.last?.first, size <= config.segmentBytes, offsetIndexBytes <= config.indexMaxBytes,
                timeIndexBytes <= config.indexMaxBytes, source.endOffset - 1 - first.baseOffset <= Int64(Int32.max)
            {
                groups[groups.count - 1].append(source)
            } else {
                groups.append([source])
                (size, offsetIndexBytes, timeIndexBytes) = (
                    source.size, source.offsetIndexBytes, source.timeIndexBytes
                )
            }
        }
        return groups
    }
}

/// A segment that the cleaner has written, durable under the suffix `.cleaned`, and what it stands for.
package struct CleanedSegment: Sendable {
    /// Base offset and size of each source, ascending.
    let sources: [(baseOffset: Int64, size: Int)]
    let size: Int
    let lastAppendMilliseconds: Int64

    /// That of the first source.
    var baseOffset: Int64 { sources[0].baseOffset }
}

/// What a log would gain from a cleaning.
package struct Dirtiness: Equatable, Sendable {
    /// Where the part starts that was never cleaned.
    package let firstDirtyOffset: Int64
    /// Where the segments start that may not be cleaned yet.
    package let endOffset: Int64
    package let cleanBytes: Int64
    package let dirtyBytes: Int64
    /// `max.compaction.lag.ms` has passed.
    package let isOverdue: Bool
    /// `min.cleanable.dirty.ratio` of the log.
    package let minRatio: Double

    package var ratio: Double { Double(dirtyBytes) / Double(max(1, cleanBytes + dirtyBytes)) }
    package var isWorthCleaning: Bool { dirtyBytes > 0 && (isOverdue || ratio > minRatio) }
}
