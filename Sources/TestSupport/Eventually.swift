// eventually: waits for what another thread does, by asking again and again, and gives up at some time.

import Glibc
import LogStorage

/// What has been waited for in vain.
package struct NeverHappened: Error, CustomStringConvertible {
    package let description: String
}

/// Returns as soon as the condition holds. The limit only keeps a test that would hang from hanging; no test should count on it.
package func eventually(
    _ what: String, withinSeconds limit: Int64 = 120, _ condition: () throws -> Bool
) throws {
    let deadline = SystemTime().monotonicNanoseconds + limit * 1_000_000_000
    while try !condition() {
        guard SystemTime().monotonicNanoseconds < deadline else {
            throw NeverHappened(description: "after \(limit) s still not: \(what)")
        }
        usleep(1_000)
    }
}
