// Coordinates the consumer groups of this broker: finds the group of a request, runs one step of its state machine, stores what
// the step asks for, answers when that is durable, and looks after groups whose time is up.
//
// Crash rule: see `GroupShard`; after a restart the groups are what their records say, and every member has a whole session
// timeout to be heard of again.
// Thread rule: Sendable. Steps run on the calling thread, expirations on the queue of the timers, loading on the background queue.

import Dispatch
import KafkaProtocol
import LogStorage
import Logging

package final class GroupCoordinator: Sendable {
    let limits: GroupLimits
    let topic: OffsetsTopic
    let timers: GroupTimers
    let patterns: PatternResolver
    private let usage: GroupUsage
    private let shards: [GroupShard]
    private let groupCommit: GroupCommit
    private let commitsWaitForDisk: Bool
    private let logger: Logger
    private let inBackground: @Sendable (@escaping @Sendable () -> Void) -> Void

    init(
        topics: TopicRegistry, settings: BrokerSettings, groupCommit: GroupCommit, time: any TimeSource, logger: Logger,
        inBackground: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) {
        limits = GroupLimits(settings)
        usage = GroupUsage(limits)
        topic = OffsetsTopic(topics: topics, settings: settings, time: time, logger: logger)
        timers = GroupTimers(time: time)
        patterns = PatternResolver(topics: topics)
        shards = (0..<topic.partitionCount).map { GroupShard(index: Int32($0)) }
        self.groupCommit = groupCommit
        commitsWaitForDisk = settings["flush.policy"].text == "ack"
        self.logger = logger
        self.inBackground = inBackground
    }

    /// The limits with the settings that the group has of its own.
    func limits(of group: String) -> GroupLimits { limits.replacing(topic.topics.groupOverrides[group]) }

    // MARK: Life

    /// Reads the groups back; requests wait until their part is there.
    func load() {
        guard let stored = topic.topic else {
            for shard in shards { shard.loaded([:]) }
            return
        }
        for shard in shards {
            inBackground { [weak self] in
                guard let self, let partition = stored.partition(shard.index) else { return }
                self.load(shard, partition)
            }
        }
    }

    private func load(_ shard: GroupShard, _ partition: Partition) {
        var replay = GroupReplay(limits: limits)
        do throws(StorageError) {
            try topic.replay(partition) { replay.apply($0) }
        } catch {
            // Older offsets, or none, would send consumers back or let them skip records.
            logger.error(
                """
                \(partition.name.topic)-\(partition.name.partition) could not be read, so its groups are not served until a restart: \
                \(error.message)
                """)
            return shard.loadFailed(.notCoordinator)
        }
        var groups = replay.groups(now: timers.now)
        // Before the first step, so that it is held against the limits.
        for id in groups.keys { usage.note(GroupUsage.growth(of: &groups[id], from: nil, measuring: true)) }
        // Before the first step, and not before the groups are there: a timer finds them, or its entry is lost.
        shard.loaded(groups) { state in
            for id in state.groups.keys { schedule(id, &state.groups[id]) }
        }
        forgetDeletedTopics(shard)
        // Topics may have come and gone unseen, and what Kafka has resolved may be older than its records.
        if groups.values.contains(where: { !$0.patternsInUse.isEmpty }) { refreshPatterns() }
    }

    /// A crash may have come between the deletion of a topic and that of its offsets.
    private func forgetDeletedTopics(_ shard: GroupShard) {
        let known = topic.topics.current.byName
        let stored = shard.state.withLock { state in
            state.groups.values.reduce(into: Set<String>()) { $0.formUnion($1.offsets.byTopic.keys) }
        }
        let gone = stored.filter { known[$0] == nil }
        if !gone.isEmpty, let written = deleteOffsets(of: gone, in: shard) { flushDeletions([written]) }
    }

    /// Answers whoever waits for a group: the broker stops.
    func stop() {
        patterns.stop()
        timers.stop()
        for shard in shards { shard.failWaiting(.coordinatorNotAvailable) }
    }

    // MARK: Steps

    /// One step: changes the group, says what to store and whom to answer besides the requester.
    ///
    /// `group` is nil if there is none; the step may make one, and ends it by setting nil. A step that throws has changed
    /// nothing. It returns nil if the requester is answered through its token. One whose effects are divisible is `.copied`.
    typealias Step<Response> =
        @Sendable (_ group: inout Group?, _ effects: inout GroupEffects, _ moment: Moment) throws(GroupError) ->
        Response?

    /// When a step happens, and the token of its requester.
    struct Moment {
        /// Monotonic milliseconds.
        let now: Int64
        let token: ReplyToken
    }

    enum Mutation {
        /// The step works on a copy, which is dropped if the records cannot be stored.
        case copied
        /// The step works in place, because what it changes besides its records may stay (a session that goes on), and
        /// copying the members for each heartbeat would cost. Consumer groups keep what they were in `effects.undo`.
        case inPlace
    }

    func shard(of group: String) -> GroupShard { shards[Self.partition(of: group, count: shards.count)] }

    /// Kafka's way from a group id to a partition: the absolute value of Java's hash, 0 for the one that has none.
    static func partition(of group: String, count: Int) -> Int {
        let hash = javaHash(group)
        return Int(hash == .min ? 0 : abs(hash)) % count
    }

    /// Java's hash of a string, over its UTF-16 units.
    static func javaHash(_ text: String) -> Int32 {
        // Most ids are ASCII, of which the bytes are the units.
        let ofBytes: Int32?? = text.utf8.withContiguousStorageIfAvailable { bytes in
            var hash: Int32 = 0
            for byte in bytes {
                if byte >= 0x80 { return nil }
                hash = hash &* 31 &+ Int32(byte)
            }
            return hash
        }
        return (ofBytes ?? nil) ?? text.utf16.reduce(0) { $0 &* 31 &+ Int32($1) }
    }

    /// Runs one step on a group, at once or when the groups are loaded.
    ///
    /// - Parameters:
    ///   - creatingTopic: whether the offsets topic is made if it is missing; without it the step must store nothing then.
    ///   - waiter: where the requester is answered if the step remembers its token.
    func perform<Response: Sendable>(
        on id: String, _ mutation: Mutation = .copied, creatingTopic: Bool = false, waiter: GroupShard.Waiter? = nil,
        refuse: @escaping @Sendable (GroupError) -> Response, complete: @escaping @Sendable (Response) -> Void,
        step: @escaping Step<Response>
    ) {
        let shard = shard(of: id)
        let request = PendingStep(
            id: id, shard: shard, mutation: mutation, waiter: waiter, refuse: refuse, complete: complete, step: step)
        // Its records could not name it.
        guard id.utf8.count <= Int(Int16.max) else { return request.fail(GroupError(.invalidGroupID)) }
        guard creatingTopic, topic.topic == nil else {
            _ = shard.whenLoaded { self.run(request) }
            return
        }
        inBackground {
            do throws(TopicError) {
                try self.topic.create()
                _ = shard.whenLoaded { self.run(request) }
            } catch {
                if !error.isForWantOfSpace {
                    self.logger.error("\(OffsetsTopic.name) could not be created: \(error.message ?? "\(error.code)")")
                }
                request.fail(GroupError(.coordinatorNotAvailable, error.message))
            }
        }
    }

    /// The answer to a heartbeat that only lets the session of a classic group's member go on; nil if it takes a step.
    ///
    /// Heartbeats are most of what groups ask for. This one stores nothing and answers nobody else, so all that a step prepares
    /// for that would be in vain.
    func heartbeat(_ request: HeartbeatRequest) -> ErrorCode? {
        shard(of: request.groupID).state.withLock { state in
            guard state.isLoaded, let index = state.groups.index(forKey: request.groupID) else { return nil }
            return state.groups.values[index].heartbeatClassic(request, now: timers.now)
        }
    }

    private struct PendingStep<Response: Sendable>: Sendable {
        let id: String
        let shard: GroupShard
        let mutation: Mutation
        let waiter: GroupShard.Waiter?
        let refuse: @Sendable (GroupError) -> Response
        let complete: @Sendable (Response) -> Void
        let step: Step<Response>

        func fail(_ error: GroupError) {
            if let waiter { waiter.fail(error.code) } else { complete(refuse(error)) }
        }
    }

    /// What a step has left to do without the lock.
    private struct Aftermath<Response: Sendable>: Sendable {
        var response: Response?
        var answers = GroupShard.Answers()
        /// Set if records were appended.
        var partition: Partition?
    }

    private func run<Response: Sendable>(_ request: PendingStep<Response>) {
        let result = request.shard.state.withLock { state -> Result<Aftermath<Response>, GroupError> in
            if let code = state.loadFailure { return .failure(GroupError(code)) }
            let token = request.waiter.map { state.wait($0) } ?? 0
            var group = state.groups[request.id]
            let noted = group?.notedBytes
            if request.mutation == .inPlace { state.groups[request.id] = nil }
            var effects = GroupEffects()
            var result = Aftermath<Response>()
            var storedCount = 0
            let growth: GroupUsage.Growth
            do throws(GroupError) {
                result.response = try request.step(&group, &effects, Moment(now: timers.now, token: token))
                let mayHaveGrown = request.mutation == .copied || effects.undo != nil
                growth = GroupUsage.growth(of: &group, from: noted, measuring: mayHaveGrown)
                try usage.check(growth)
                result.partition = try append(
                    effects.records, divisible: effects.isDivisible, request.shard, storedCount: &storedCount)
            } catch {
                if storedCount > 0 {
                    apply(effects.records.prefix(storedCount), &state.groups[request.id])
                    schedule(request.id, &state.groups[request.id])
                }
                state.waiting[token] = nil
                if let undo = effects.undo { group?.membership = .consumer(undo) }
                if request.mutation == .inPlace, noted != nil { state.groups[request.id] = group }
                return .failure(error)
            }
            usage.note(growth)
            state.groups[request.id] = nil
            if group != nil {
                apply(effects.records[...], &group)
                if request.mutation == .copied || effects.movesDeadlines { schedule(request.id, &group) }
                state.groups[request.id] = group
            }
            result.answers.take(effects, from: &state)
            return .success(result)
        }
        switch result {
        case .failure(let error): request.fail(error)
        case .success(let aftermath):
            whenDurable(aftermath.partition) { error in
                if let error {
                    aftermath.answers.fail(error.code)
                    if aftermath.response != nil { request.complete(request.refuse(error)) }
                } else {
                    aftermath.answers.send()
                    if let response = aftermath.response { request.complete(response) }
                }
            }
        }
    }

    /// - Parameter storedCount: raised by the records that are in the log, which are some also after an error if they are
    ///   divisible.
    /// - Returns: the partition if there was something to append.
    private func append(
        _ records: [GroupRecord], divisible: Bool, _ shard: GroupShard, for purpose: DiskSpace.Purpose = .groups,
        storedCount: inout Int
    ) throws(GroupError) -> Partition? {
        guard !records.isEmpty else { return nil }
        guard let partition = topic.topic?.partition(shard.index) else {
            throw GroupError(.coordinatorNotAvailable, "\(OffsetsTopic.name) is not there.")
        }
        do throws(StorageError) {
            try topic.append(
                records, divisible: divisible, to: partition, for: purpose, storedCount: &storedCount)
        } catch {
            // That the disk is full is said once, not for every commit.
            if error.code != .noSpace {
                logger.error("\(partition.name.topic)-\(partition.name.partition) took no records: \(error.message)")
            }
            throw GroupError(error)
        }
        return partition
    }

    /// Offsets are changed by their records only; everything else the step has done itself.
    private func apply(_ records: ArraySlice<GroupRecord>, _ group: inout Group?) {
        for case .offsetCommit(let key, let value) in records { group?.offsets.apply(key, value) }
    }

    private func whenDurable(_ partition: Partition?, _ then: @escaping @Sendable (GroupError?) -> Void) {
        guard let partition, commitsWaitForDisk else { return then(nil) }
        groupCommit.wait(for: [partition]) { failures in
            then(failures[ObjectIdentifier(partition)].map { GroupError($0) })
        }
    }

    // MARK: Time

    /// How long a group without members and offsets is shown before it is forgotten; Kafka's
    /// `offsets.retention.check.interval.ms`.
    private static let idleGroupMilliseconds: Int64 = 600_000

    /// Sees to it that the timers know of the group's next deadline.
    private func schedule(_ id: String, _ group: inout Group?) {
        guard let current = group else { return }
        let forgetDeadline = current.isIdle ? current.forgetDeadline ?? timers.now + Self.idleGroupMilliseconds : nil
        group?.forgetDeadline = forgetDeadline
        guard let next = forgetDeadline ?? current.membership.nextDeadline, next < current.timerDeadline ?? .max else {
            return
        }
        group?.timerDeadline = next
        timers.add(next, group: id) { [weak self] in self?.timerFired() }
    }

    /// Looks after the groups whose time has come; when this returns, that is done.
    package func expireDue() { timers.onQueue { timerFired() } }

    private func timerFired() {
        for id in timers.takeDue(fire: { [weak self] in self?.timerFired() }) { expire(id) }
    }

    private func expire(_ id: String) {
        let shard = shard(of: id)
        let now = timers.now
        let aftermath = shard.state.withLock { state -> Aftermath<Never>? in
            guard var group = state.groups.removeValue(forKey: id) else { return nil }
            guard group.timerDeadline.map({ $0 <= now }) ?? true else {
                // An entry from before the group was forgotten and made again.
                state.groups[id] = group
                return nil
            }
            group.timerDeadline = nil
            var effects = GroupEffects()
            var next: Group? = group
            if group.isIdle, let deadline = group.forgetDeadline, deadline <= now {
                effects.records = group.membership.tombstones(id: id)
                next = nil
            } else {
                next?.membership.expire(now: now, topics: topic.topics.current, &effects)
            }
            var aftermath = Aftermath<Never>()
            // Members that are gone are gone, stored or not: after a restart they would be found silent again.
            var storedCount = 0
            do throws(GroupError) {
                aftermath.partition = try append(
                    effects.records, divisible: false, shard, storedCount: &storedCount)
            } catch {
                logger.warning("what became of group \(id) was not stored: \(error.code)")
            }
            usage.note(GroupUsage.growth(of: &next, from: group.notedBytes, measuring: true))
            schedule(id, &next)
            state.groups[id] = next
            aftermath.answers.take(effects, from: &state)
            return aftermath
        }
        guard let aftermath else { return }
        whenDurable(aftermath.partition) { error in
            if let error { aftermath.answers.fail(error.code) } else { aftermath.answers.send() }
        }
    }

    // MARK: All groups

    /// Topics were created, have grown, or were deleted. Groups look at the topics they name with their members' next
    /// heartbeats; what patterns match is found out here.
    func topicsChanged() { refreshPatterns() }

    /// Forgets what groups have committed for topics that were deleted. Blocks until it is durable, so that nobody finds it
    /// under a new topic of that name; on the background queue.
    func topicsDeleted(_ names: Set<String>) {
        flushDeletions(shards.compactMap { deleteOffsets(of: names, in: $0) })
    }

    private func flushDeletions(_ written: [Partition]) {
        guard !written.isEmpty, commitsWaitForDisk else { return }
        let done = DispatchSemaphore(value: 0)
        groupCommit.wait(for: written) { [logger] failures in
            for failure in failures.values {
                logger.warning("offsets of deleted topics may come back after a crash: \(failure.message)")
            }
            done.signal()
        }
        done.wait()
    }

    /// - Returns: the partition if something was appended to it.
    private func deleteOffsets(of topics: Set<String>, in shard: GroupShard) -> Partition? {
        shard.state.withLock { state in
            var partition: Partition?
            for id in state.groups.keys {
                // One batch for each group: those of all groups together may not fit into one.
                let records = state.groups[id]?.offsets.tombstones(group: id, topics: topics) ?? []
                var storedCount = 0
                // Whatever is stored is gone, also if not everything could be.
                defer {
                    apply(records.prefix(storedCount), &state.groups[id])
                    schedule(id, &state.groups[id])
                }
                do throws(GroupError) {
                    partition =
                        try append(records, divisible: true, shard, for: .upkeep, storedCount: &storedCount)
                        ?? partition
                } catch {
                    logger.warning("offsets of deleted topics were not removed, the next start will: \(error.code)")
                    break
                }
            }
            return partition
        }
    }

    // MARK: Patterns

    /// Time after which patterns are resolved once more if what they match could not be stored.
    private static let patternRetryMilliseconds = 5_000

    /// Finds out what the patterns of all groups match now. Calls that come while one waits are one.
    private func refreshPatterns(afterMilliseconds delay: Int = 0) {
        patterns.schedulePass(afterMilliseconds: delay) { [weak self] in
            guard let self else { return }
            for shard in self.shards {
                let wanted = shard.state.withLock { $0.groups.mapValues(\.patternsInUse).filter { !$0.value.isEmpty } }
                for (id, texts) in wanted { self.refreshPatterns(texts, of: id) }
            }
        }
    }

    private func refreshPatterns(_ texts: Set<String>, of id: String) {
        let current = topic.topics.current
        var resolved: [String: ResolvedPattern] = [:]
        for text in texts {
            do throws(TopicPatternError) {
                resolved[text] = try patterns.resolve(text, current)
            } catch {
                // Kafka took it; it keeps what it matched there.
                logger.warning("group \(id) subscribes with a pattern that is none, \(text): \(error.description)")
            }
        }
        perform(
            on: id, refuse: { $0 as GroupError? },
            complete: { [weak self] error in
                if error != nil { self?.refreshPatterns(afterMilliseconds: Self.patternRetryMilliseconds) }
            },
            step: { [resolved] (group, effects, _) throws(GroupError) in
                guard group?.isConsumer == true else { return .some(nil) }
                try group?.withConsumer(id) { consumer throws(GroupError) in
                    consumer.patternsResolved(resolved, topics: current, &effects)
                }
                return .some(nil)
            })
    }

    /// Every group, for lists. On the background queue, behind the loading.
    func all() -> [String: Group] {
        shards.reduce(into: [:]) { all, shard in
            all.merge(shard.state.withLock { $0.groups }, uniquingKeysWith: { first, _ in first })
        }
    }

    /// One group as it is now. On the background queue, behind the loading.
    func find(_ id: String) -> Group? { shard(of: id).state.withLock { $0.groups[id] } }

    /// Why nothing is known of a group: its partition could not be read.
    func loadFailure(of id: String) -> ErrorCode? { shard(of: id).state.withLock { $0.loadFailure } }
}

extension GroupError {
    /// Codes that make clients try again, since the disk may recover; a batch that cannot fit never will.
    init(_ error: StorageError) {
        self.init(error.code == .batchTooLarge ? .unknownServerError : .coordinatorNotAvailable, error.message)
    }
}
