// LatencyHistogram: how long things took, from a microsecond to a minute, with three significant digits.
//
// Threads: Sendable; filled on the event loops of connections, read when the load is over.

import Histogram
import Synchronization

final class LatencyHistogram: Sendable {
    private static let longestMicroseconds: UInt64 = 60_000_000

    private let histogram = Mutex(
        Histogram<UInt64>(highestTrackableValue: longestMicroseconds, numberOfSignificantValueDigits: .three))

    /// Longer than the longest counts as the longest: it must not vanish.
    func record(nanoseconds: Int64, count: Int = 1) {
        let microseconds = min(UInt64(max(0, nanoseconds) / 1_000), Self.longestMicroseconds)
        _ = histogram.withLock { $0.record(microseconds, count: UInt64(count)) }
    }

    struct Summary: Sendable {
        let count: Int
        /// Milliseconds.
        let median, p90, p99, p999, max: Double
    }

    var summary: Summary {
        let histogram = histogram.withLock { $0 }
        let at = { (percentile: Double) in Double(histogram.valueAtPercentile(percentile)) / 1_000 }
        return Summary(
            count: Int(histogram.totalCount), median: at(50), p90: at(90), p99: at(99), p999: at(99.9),
            max: histogram.totalCount == 0 ? 0 : Double(histogram.maxRecorded) / 1_000)
    }
}
