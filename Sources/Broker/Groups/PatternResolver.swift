// Finds out which topics the patterns of consumer groups match, on a queue of its own: a pattern that takes long keeps only
// other patterns waiting.
//
// Thread rule: Sendable. `resolve` runs on the queue; results are remembered for as long as the topics stay what they are.

import Dispatch
import Synchronization

final class PatternResolver: Sendable {
    private struct State {
        var isPassWaiting = false
        var isStopped = false
        /// Of the topics' version below.
        var resolved: [String: ResolvedPattern] = [:]
        var topicsVersion: UInt64 = 0
    }

    /// Most patterns that are remembered.
    private static let rememberedMax = 256

    private let topics: TopicRegistry
    private let queue = DispatchQueue(label: "martlet.group-patterns")
    private let state = Mutex(State())

    init(topics: TopicRegistry) {
        self.topics = topics
    }

    /// Resolves a pattern that a client sent, and hands over what it matches or what is wrong with it.
    func resolve(_ text: String, then: @escaping @Sendable (Result<ResolvedPattern, TopicPatternError>) -> Void) {
        queue.async { [self] in
            do throws(TopicPatternError) {
                then(.success(try resolve(text, topics.current)))
            } catch {
                then(.failure(error))
            }
        }
    }

    /// On the queue.
    func resolve(_ text: String, _ current: TopicDirectory) throws(TopicPatternError) -> ResolvedPattern {
        if let known = remembered(text, current.version) { return known }
        let pattern = try TopicPattern(text)
        let names = current.byName.keys.filter { !TopicName.isInternal($0) && pattern.matches($0) }
        let resolved = ResolvedPattern(pattern: text, topics: Set(names), topicsVersion: current.version)
        state.withLock { state in
            guard state.topicsVersion == current.version, state.resolved.count < Self.rememberedMax else { return }
            state.resolved[text] = resolved
        }
        return resolved
    }

    private func remembered(_ text: String, _ version: UInt64) -> ResolvedPattern? {
        state.withLock { state in
            if state.topicsVersion != version {
                state.topicsVersion = version
                state.resolved = [:]
            }
            return state.resolved[text]
        }
    }

    /// Runs `pass` on the queue; if one waits already, that one will do.
    func schedulePass(afterMilliseconds delay: Int, _ pass: @escaping @Sendable () -> Void) {
        let mustSchedule = state.withLock { state in
            guard !state.isStopped, !state.isPassWaiting else { return false }
            state.isPassWaiting = true
            return true
        }
        guard mustSchedule else { return }
        queue.asyncAfter(deadline: .now() + .milliseconds(delay)) { [weak self] in
            guard let self, self.beginPass() else { return }
            pass()
        }
    }

    private func beginPass() -> Bool {
        state.withLock { state in
            state.isPassWaiting = false
            return !state.isStopped
        }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
    }
}
