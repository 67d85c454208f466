// Time, injected everywhere so that tests own it. (Named so because Swift has a protocol Clock with another meaning.)
//
// Thread rule: Sendable.

import Glibc

package protocol TimeSource: Sendable {
    /// Milliseconds since 1970 UTC; may jump.
    var wallMilliseconds: Int64 { get }
    /// Nanoseconds since an arbitrary moment; never goes back.
    var monotonicNanoseconds: Int64 { get }
}

/// The machine's clocks.
package struct SystemTime: TimeSource {
    package init() {}

    package var wallMilliseconds: Int64 { Self.read(CLOCK_REALTIME) / 1_000_000 }
    package var monotonicNanoseconds: Int64 { Self.read(CLOCK_MONOTONIC) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var value = timespec()
        clock_gettime(clock, &value)
        return Int64(value.tv_sec) * 1_000_000_000 + Int64(value.tv_nsec)
    }
}
