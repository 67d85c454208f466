import Dispatch
import Glibc
import Synchronization

/// One thread of low priority that does the same thing again and again, with a pause in between.
///
/// On Linux a thread has a nice value of its own: what this one computes gives way to the event loops, which a queue of
/// Dispatch could not promise (its threads are shared, and a nice value once raised cannot be lowered again).
/// Thread rule: any thread; `stop` returns when the thread has ended.
final class MaintenanceThread: Sendable {
    /// Half-way down: gets what is left, but gets something on a busy machine as well.
    private static let nice: Int32 = 10

    private let name: String
    private let isStopping = Atomic(false)
    private let wake = DispatchSemaphore(value: 0)
    private let thread = Mutex<pthread_t?>(nil)

    init(name: String) { self.name = name }

    var isCancelled: Bool { isStopping.load(ordering: .acquiring) }

    /// Waits for so many nanoseconds, or until it is cancelled. For the thread itself.
    func pause(nanoseconds: Int64) {
        if isCancelled { return }
        _ = wake.wait(timeout: .now() + .nanoseconds(Int(nanoseconds)))
    }

    /// Runs `work` after each pause until it is cancelled.
    func start(pauseMilliseconds: Int64, _ work: @escaping @Sendable () -> Void) {
        let job = Job(thread: self, pauseMilliseconds: pauseMilliseconds, work: work)
        thread.withLock { thread in
            precondition(thread == nil, "a thread is started once")
            thread = NamedThread.start(name) { job.run() }
            precondition(thread != nil, "a thread can be made")
        }
    }

    /// Lets what runs know that it should end.
    func cancel() {
        isStopping.store(true, ordering: .releasing)
        wake.signal()
    }

    func stop() {
        cancel()
        let started = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let started { pthread_join(started, nil) }
    }

    private final class Job: Sendable {
        private let thread: MaintenanceThread
        private let pauseMilliseconds: Int64
        private let work: @Sendable () -> Void

        init(thread: MaintenanceThread, pauseMilliseconds: Int64, work: @escaping @Sendable () -> Void) {
            self.thread = thread
            self.pauseMilliseconds = pauseMilliseconds
            self.work = work
        }

        func run() {
            // 0 is the calling thread, not the process. Where it is refused, the thread merely is no humbler than others.
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, MaintenanceThread.nice)
            while true {
                thread.pause(nanoseconds: pauseMilliseconds * 1_000_000)
                if thread.isCancelled { return }
                work()
            }
        }
    }
}
