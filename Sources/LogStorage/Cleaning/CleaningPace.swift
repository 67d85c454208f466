// How fast the cleaner may go, and whether it should go on at all.
//
// Thread rule: value of one cleaner; the closures are called on its thread.

package struct CleaningPace: Sendable {
    /// `log.cleaner.io.max.bytes.per.second`, reading and writing together.
    private let bytesPerSecond: Double
    private let time: any TimeSource
    private let isCancelled: @Sendable () -> Bool
    /// Waits for so many nanoseconds, or less when it is cancelled.
    private let wait: @Sendable (Int64) -> Void
    private var bytes = 0.0
    private var started: Int64?

    /// As fast as it goes.
    package init(isCancelled: @escaping @Sendable () -> Bool = { false }) {
        self.init(bytesPerSecond: .infinity, time: SystemTime(), isCancelled: isCancelled) { _ in }
    }

    package init(
        bytesPerSecond: Double, time: any TimeSource, isCancelled: @escaping @Sendable () -> Bool,
        wait: @escaping @Sendable (Int64) -> Void
    ) {
        self.bytesPerSecond = bytesPerSecond
        self.time = time
        self.isCancelled = isCancelled
        self.wait = wait
    }

    /// What was not used before is not saved up.
    mutating func begin() {
        started = nil
        bytes = 0
    }

    /// Call for everything that was read or written.
    mutating func spend(_ count: Int) throws(CleaningError) {
        if isCancelled() { throw .cancelled }
        guard bytesPerSecond.isFinite else { return }
        let start = started ?? time.monotonicNanoseconds
        started = start
        bytes += Double(count)
        // As long as it has to take until here, from the first byte on.
        let due = bytes / bytesPerSecond * 1e9
        while true {
            let ahead = due - Double(time.monotonicNanoseconds - start)
            if ahead < Self.shortestWaitNanoseconds { return }
            wait(Int64(min(ahead, Self.longestWaitNanoseconds)))
            if isCancelled() { throw .cancelled }
        }
    }

    private static let shortestWaitNanoseconds = 1e6
    private static let longestWaitNanoseconds = 1e8
}
