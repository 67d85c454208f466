// StopSignal: a loop that runs until Ctrl-C (or SIGTERM) asks whether it came, and wakes up from its pause.
//
// A second signal ends the process at once. Threads: Sendable.

import Glibc
import Synchronization
import UnixSignals

final class StopSignal: Sendable {
    private struct State {
        var isSet = false
        var pausing: Task<Void, Never>?
    }

    private let state = Mutex(State())

    var isSet: Bool { state.withLock { $0.isSet } }

    /// Traps the signals from now on.
    /// - Parameter whenSet: called once, after the first one.
    func watch(_ whenSet: @escaping @Sendable () async -> Void = {}) async {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        Task {
            for await _ in signals {
                if isSet { Glibc.exit(Self.secondSignalStatus) }
                set()
                await whenSet()
            }
        }
    }

    /// What shells report for a process that SIGINT has ended.
    private static let secondSignalStatus: Int32 = 130

    func set() {
        let pausing = state.withLock { state in
            state.isSet = true
            return state.pausing
        }
        pausing?.cancel()
    }

    /// Sleeps until the time is over, or a signal comes.
    func pause(_ duration: Duration) async {
        // A sleep fails only by being cancelled, which is how a signal ends it.
        let task = Task { _ = try? await Task.sleep(for: duration) }
        let isSet = state.withLock { state in
            state.pausing = task
            return state.isSet
        }
        if isSet { task.cancel() }
        await task.value
    }
}
