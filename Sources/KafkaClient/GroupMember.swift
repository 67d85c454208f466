// GroupMember: a member of a classic group: joins, stays by heartbeats, commits and leaves.
//
// It has a connection to the coordinator of its own, since answers come in order and a fetch that waits would hold a
// heartbeat back. What follows from an answer is decided by `GroupMembership`; here is the I/O. A broker that is away is
// looked for again, for `patienceMilliseconds`.
//
// Threads: Sendable. `join`, `commit` and `leave` are for one task at a time; heartbeats run in a task beside it; both
// change the membership under the lock, which is never held while something is waited for.

import KafkaProtocol
import Synchronization

package final class GroupMember: Sendable {
    package struct Settings: Sendable {
        package var sessionTimeoutMilliseconds = 15_000
        package var rebalanceTimeoutMilliseconds = 60_000
        package var heartbeatMilliseconds = 3_000
        package var patienceMilliseconds = 30_000

        package init() {}
    }

    private struct State {
        var membership: GroupMembership
        var coordinator: GroupCoordinator?
        /// Whose connection it is.
        var cluster: KafkaCluster?
        var heartbeats: Task<Void, Never>?
        /// What ended the membership in the background.
        var failure: ClientError?
        var isInterrupted = false
    }

    package let address: BrokerAddress
    package let group: String
    private let connectionSettings: ConnectionSettings
    private let settings: Settings
    private let state: Mutex<State>

    package init(
        group: String, topics: [String], address: BrokerAddress, connectionSettings: ConnectionSettings,
        settings: Settings = Settings()
    ) {
        self.group = group
        self.address = address
        self.connectionSettings = connectionSettings
        self.settings = settings
        state = Mutex(
            State(
                membership: GroupMembership(
                    group: group, topics: topics, sessionTimeoutMilliseconds: settings.sessionTimeoutMilliseconds,
                    rebalanceTimeoutMilliseconds: settings.rebalanceTimeoutMilliseconds)))
    }

    package var membership: GroupMembership { state.withLock { $0.membership } }

    /// Whether the last assignment still holds, as far as it is known here.
    package var isStable: Bool { state.withLock { $0.membership.isStable && $0.failure == nil } }

    package var isInterrupted: Bool { state.withLock { $0.isInterrupted } }

    /// Ends a `join` that waits for others, and keeps later ones from starting; may be called from anywhere.
    package func interrupt() async {
        let waiting = state.withLock { state -> GroupCoordinator? in
            state.isInterrupted = true
            return state.membership.isStable ? nil : state.coordinator
        }
        if let waiting { await forget(waiting) }
    }

    /// Makes the member join again at the next `join`.
    package func rejoin() { state.withLock { $0.membership.rejoin() } }

    // MARK: Joining

    /// Joins, or joins again, and returns the partitions that this member gets; nil if it was interrupted.
    package func join() async throws(ClientError) -> [TopicPartition]? {
        stopHeartbeats()
        if let failure = state.withLock({ $0.failure }) { throw failure }
        var patience = Patience(milliseconds: settings.patienceMilliseconds)
        while !isInterrupted {
            do throws(ClientError) {
                if let partitions = try await step() { return partitions }
                patience.renew()
            } catch {
                if isInterrupted { return nil }
                try await patience.wait(error)
            }
        }
        return nil
    }

    /// One request further; returns the partitions when there. Throws what has to be waited for, too.
    private func step() async throws(ClientError) -> [TopicPartition]? {
        let membership = self.membership
        let coordinator: GroupCoordinator
        let verdict: GroupMembership.Verdict
        switch membership.phase {
        case .stable(let partitions):
            startHeartbeats()
            return partitions
        case .assigning(let members):
            let counts = try await partitionCounts(Set(members.flatMap(\.topics)).sorted())
            state.withLock { $0.membership.assign(partitionCounts: counts) }
            return nil
        case .joining:
            coordinator = try await self.coordinator()
            let answer = try await ask(
                membership.joinRequest, coordinator, waitingMilliseconds: settings.rebalanceTimeoutMilliseconds)
            verdict = try change { membership throws(ClientError) in try membership.received(answer) }
        case .syncing(let assignments):
            coordinator = try await self.coordinator()
            let answer = try await ask(
                membership.syncRequest(assignments), coordinator,
                waitingMilliseconds: settings.rebalanceTimeoutMilliseconds)
            verdict = try change { membership throws(ClientError) in try membership.received(answer) }
        }
        try await follow(verdict, coordinator)
        return nil
    }

    /// Turns a verdict that needs a pause into an error that `Patience` waits for.
    private func follow(
        _ verdict: GroupMembership.Verdict, _ coordinator: GroupCoordinator
    ) async throws(ClientError) {
        switch verdict {
        case .goOn: return
        case .pause: throw .refused("group \"\(group)\" is not ready", .coordinatorLoadInProgress)
        case .findCoordinator:
            await forget(coordinator)
            throw .refused("group \"\(group)\" has another coordinator", .notCoordinator)
        }
    }

    private func partitionCounts(_ topics: [String]) async throws(ClientError) -> [String: Int32] {
        let response = try await ask(
            MetadataRequest(
                topics: topics.map { MetadataRequest.MetadataRequestTopic(name: $0) }, allowAutoTopicCreation: false),
            try await coordinator())
        return response.topics.reduce(into: [:]) { counts, topic in
            if let name = topic.name { counts[name] = Int32(topic.partitions.count) }
        }
    }

    // MARK: The coordinator

    private func coordinator() async throws(ClientError) -> GroupCoordinator {
        if let known = state.withLock({ $0.coordinator }) { return known }
        let cluster = try await KafkaCluster.connect(to: address, settings: connectionSettings)
        let found: GroupCoordinator
        do throws(ClientError) {
            found = try await cluster.coordinator(of: group)
        } catch {
            await cluster.close()
            throw error
        }
        // Heartbeats may have looked at the same time: the first one stays.
        let kept = state.withLock { state in
            if state.coordinator == nil { (state.coordinator, state.cluster) = (found, cluster) }
            return state.coordinator ?? found
        }
        if kept.connection !== found.connection { await cluster.close() }
        return kept
    }

    private func forget(_ coordinator: GroupCoordinator) async {
        let cluster = state.withLock { state -> KafkaCluster? in
            guard state.coordinator?.connection === coordinator.connection else { return nil }
            defer { (state.coordinator, state.cluster) = (nil, nil) }
            return state.cluster
        }
        await cluster?.close()
    }

    /// Sends a request; after a failure of the connection, the coordinator is looked for again.
    private func ask<Request: RequestMessage>(
        _ request: Request, _ coordinator: GroupCoordinator, upTo newest: Int16 = .max, waitingMilliseconds: Int = 0
    ) async throws(ClientError) -> Request.Response {
        let connection = coordinator.connection
        let version = try connection.versions.highest(for: Request.self, at: connection.address, upTo: newest)
        do throws(ClientError) {
            return try await connection.begin(
                request, version: version, waitingMilliseconds: waitingMilliseconds
            ).get().response
        } catch {
            await forget(coordinator)
            throw error
        }
    }

    private func change<Result>(
        _ body: (inout GroupMembership) throws(ClientError) -> Result
    ) throws(ClientError) -> Result {
        try state.withLock { state throws(ClientError) in try body(&state.membership) }
    }

    // MARK: Heartbeats

    private func startHeartbeats() {
        let task = Task { await beat() }
        let earlier = state.withLock { state in
            defer { state.heartbeats = task }
            return state.heartbeats
        }
        earlier?.cancel()
    }

    private func stopHeartbeats() {
        state.withLock { state in
            defer { state.heartbeats = nil }
            return state.heartbeats
        }?.cancel()
    }

    /// Until cancelled, or until the membership has to be renewed.
    private func beat() async {
        while true {
            await pause(milliseconds: settings.heartbeatMilliseconds)
            let membership = self.membership
            guard !Task.isCancelled, membership.isStable else { return }
            do throws(ClientError) {
                let coordinator = try await self.coordinator()
                let answer = try await ask(membership.heartbeatRequest, coordinator)
                let verdict = try change { current throws(ClientError) in
                    try current.receivedHeartbeat(answer.errorCode, generation: membership.generation)
                }
                if verdict == .findCoordinator { await forget(coordinator) }
            } catch {
                // A broker that is away may come back before the session ends; fetches notice if it does not. Anything
                // else ends the membership, and the next `join` reports it.
                if !error.mayPass { state.withLock { $0.failure = error } }
            }
        }
    }

    // MARK: Offsets

    /// What the group has committed for these partitions; nil if interrupted.
    package func committedOffsets(
        _ partitions: [TopicPartition]
    ) async throws(ClientError) -> [TopicPartition: CommittedOffset]? {
        guard !partitions.isEmpty else { return [:] }
        var patience = Patience(milliseconds: settings.patienceMilliseconds)
        while true {
            do throws(ClientError) {
                let coordinator = try await self.coordinator()
                do throws(ClientError) {
                    return try await coordinator.committedOffsets(of: group, partitions)
                } catch {
                    if error.mayPass { await forget(coordinator) }
                    throw error
                }
            } catch {
                if isInterrupted { return nil }
                try await patience.wait(error)
            }
        }
    }

    /// Commits offsets as a member. False if the membership has ended meanwhile: nothing was committed then, and the member
    /// has to join again.
    package func commit(_ offsets: [TopicPartition: Int64]) async throws(ClientError) -> Bool {
        // Whoever has interrupted the member wants it to end soon.
        let limit = settings.patienceMilliseconds
        var patience = Patience(milliseconds: isInterrupted ? min(limit, Self.partingMilliseconds) : limit)
        while true {
            do throws(ClientError) {
                // During a rebalance the generation is still the last one, and its commits are taken.
                let membership = self.membership
                guard membership.generation >= 0 else { return false }
                let coordinator = try await self.coordinator()
                let request = offsetCommitRequest(
                    group, offsets, generation: membership.generation, memberID: membership.memberID)
                let response = try await ask(
                    request, coordinator, upTo: GroupCoordinator.offsetCommitNewestByName)
                guard let (partition, code) = errors(response).min(by: { $0.key < $1.key }) else { return true }
                if Self.endsMembership(code) {
                    _ = try change { membership throws(ClientError) in try membership.receivedCommit(code) }
                    return false
                }
                let verdict = try change { membership throws(ClientError) in try membership.receivedCommit(code) }
                try await follow(verdict, coordinator)
                throw .refused("cannot commit the offset of \(partition) for group \"\(group)\"", code)
            } catch {
                try await patience.wait(error)
            }
        }
    }

    private static let partingMilliseconds = 3_000

    private static func endsMembership(_ code: ErrorCode) -> Bool {
        code == .unknownMemberID || code == .illegalGeneration || code == .rebalanceInProgress
    }

    // MARK: Leaving

    /// Leaves the group and closes the connection. Leaving is a courtesy: a coordinator that does not hear it finds out when
    /// the session ends, so a failure is no error of the caller's.
    package func leave() async {
        stopHeartbeats()
        if let request = membership.leaveRequest, let coordinator = try? await coordinator() {
            _ = try? await ask(request, coordinator)
        }
        if let coordinator = state.withLock({ $0.coordinator }) { await forget(coordinator) }
    }
}
