// ManualClock: time that moves only when the test says so.

import LogStorage
import Synchronization

package final class ManualClock: TimeSource {
    private let milliseconds: Mutex<Int64>
    private let start: Int64

    package init(wallMilliseconds: Int64 = BatchFixtures.epochMilliseconds) {
        start = wallMilliseconds
        milliseconds = Mutex(wallMilliseconds)
    }

    package var wallMilliseconds: Int64 { milliseconds.withLock { $0 } }
    package var monotonicNanoseconds: Int64 { (wallMilliseconds - start) * 1_000_000 }

    package func advance(milliseconds count: Int64) { milliseconds.withLock { $0 += count } }
}
