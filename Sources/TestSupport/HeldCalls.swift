// HeldCalls: stops calls of a `FaultyFileSystem` until a test lets them go on.
//
// Thread rule: Sendable; any thread may call, wait and release.

import Dispatch

package struct HeldCalls: Sendable {
    private let begun = DispatchSemaphore(value: 0)
    private let released = DispatchSemaphore(value: 0)

    package init() {}

    /// What to inject.
    package var effect: FaultyFileSystem.Effect {
        .delay {
            begun.signal()
            released.wait()
        }
    }

    /// Returns when a call is held; each is seen once. The limit only keeps a test that would hang from hanging.
    package func awaitCall(withinSeconds limit: Int = 120) throws(NeverHappened) {
        guard begun.wait(timeout: .now() + .seconds(limit)) == .success else {
            throw NeverHappened(description: "after \(limit) s still not: a call that can be held")
        }
    }

    /// Lets so many calls go on, those included that have not come yet.
    package func release(_ count: Int = 1) { for _ in 0..<count { released.signal() } }
}
