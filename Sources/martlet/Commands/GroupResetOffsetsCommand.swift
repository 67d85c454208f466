// martlet group reset-offsets: moves the committed offsets of a group that has no members.

import ArgumentParser
import KafkaClient
import KafkaProtocol
import LogStorage

struct GroupResetOffsetsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset-offsets", abstract: "Set where a group goes on to read.",
        discussion: """
            The group must have no members: stop its consumers first. With --dry-run nothing is changed. Offsets that the log \
            does not have are moved to its start or end, with a note.
            """)

    @Argument(help: "The group's name.")
    var group: String

    @Option(
        help: ArgumentHelp(
            "A topic, or some of its partitions, such as orders:0,2-5; may be repeated.",
            valueName: "topic[:partitions]"))
    var topic: [String] = []

    @Flag(help: "All topics that the group has committed offsets of, with all their partitions.")
    var allTopics = false

    @Flag(help: "To the start of the log.")
    var toEarliest = false

    @Flag(help: "To the end of the log.")
    var toLatest = false

    @Flag(help: "To what is committed now (to its log's end, where nothing is).")
    var toCurrent = false

    @Option(help: ArgumentHelp("To this offset.", valueName: "offset"))
    var toOffset: Int64?

    @Option(
        help: ArgumentHelp(
            "To the first record at or after this time: milliseconds since 1970, or ISO 8601.", valueName: "time"))
    var toTimestamp: String?

    @Option(
        help: ArgumentHelp(
            "To the first record of the last so much time: 90s, 2h30m, 7d, or ISO 8601, such as PT2H.",
            valueName: "duration"))
    var byDuration: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Forwards by so many offsets, or backwards if negative, from what is committed.", valueName: "n"))
    var shiftBy: Int64?

    @Flag(help: "Show what would be done, and change nothing.")
    var dryRun = false

    @OptionGroup var client: ClientOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if allTopics == !topic.isEmpty { throw ValidationError("Give --topic, once or more, or --all-topics.") }
        if let wrong = topic.first(where: { TopicSelection($0) == nil }) {
            throw ValidationError("--topic \(wrong): write it as orders, orders:0 or orders:0,2-5.")
        }
        let given = [
            toEarliest, toLatest, toCurrent, toOffset != nil, toTimestamp != nil, byDuration != nil, shiftBy != nil,
        ].count { $0 }
        guard given == 1 else {
            throw ValidationError(
                "Give one of --to-earliest, --to-latest, --to-offset, --to-timestamp, --by-duration, --shift-by and "
                    + "--to-current.")
        }
        if let toOffset, toOffset < 0 { throw ValidationError("--to-offset is not negative.") }
        if let toTimestamp, TimestampText.parse(toTimestamp) == nil {
            throw ValidationError(
                "--to-timestamp \(toTimestamp): write milliseconds since 1970, or a time such as 2026-01-31T12:00:00Z.")
        }
        if let byDuration, DurationText.parse(byDuration) == nil {
            throw ValidationError("--by-duration \(byDuration): write it as 90s, 2h30m, 7d or PT2H.")
        }
    }

    /// - Parameter now: milliseconds since 1970.
    func target(now: Int64) -> ResetTarget {
        if toEarliest { return .earliest }
        if toLatest { return .latest }
        if let toOffset { return .offset(toOffset) }
        if let time = toTimestamp.flatMap(TimestampText.parse) { return .timestamp(time) }
        if let length = byDuration.flatMap(DurationText.parse) { return .timestamp(max(0, now - length)) }
        if let shiftBy { return .shift(shiftBy) }
        return .current
    }

    func run() async throws {
        let cluster = try await client.connect()
        let coordinator = try await cluster.coordinator(of: group)
        let description = try await coordinator.describe([group])[group]
        try checkThatNobodyReads(description?.members.count ?? 0, description?.state ?? "")
        let committed = try await coordinator.committedOffsets(of: group)
        let changes = try await plan(committed, cluster)
        var refused: [TopicPartition: ErrorCode] = [:]
        if !dryRun {
            refused = try await coordinator.commitWithoutMember(
                group, Dictionary(uniqueKeysWithValues: changes.map { ($0.partition, $0.after) }))
        }
        await cluster.close()
        report(changes.filter { refused[$0.partition] == nil })
        // A group that was not meant is most likely one whose name was mistyped.
        let verb = dryRun ? "does not exist" : "did not exist before"
        if description == nil, committed.isEmpty { StandardError.print("note: group \"\(group)\" \(verb)") }
        if let (partition, code) = refused.min(by: { $0.key < $1.key }) { throw refusal(partition, code) }
    }

    /// The broker refuses as well, but not in so many words.
    private func checkThatNobodyReads(_ count: Int, _ state: String) throws {
        guard count > 0 else { return }
        let sentence =
            "group \"\(group)\" is \(state) and has \(count) \(count == 1 ? "member" : "members"): "
            + "offsets can be set only while it has none. Stop its consumers first"
        guard dryRun else { throw CommandFailure(sentence) }
        StandardError.print("warning: \(sentence)")
    }

    private func plan(
        _ committed: [TopicPartition: CommittedOffset], _ cluster: KafkaCluster
    ) async throws -> [OffsetChange] {
        let selections =
            allTopics
            ? Set(committed.keys.map(\.topic)).sorted().compactMap { TopicSelection($0) }
            : topic.compactMap { TopicSelection($0) }
        guard !selections.isEmpty else {
            throw CommandFailure("group \"\(group)\" has committed no offsets: name topics with --topic")
        }
        let map = try await cluster.locate(selections.map(\.topic))
        var partitions = try Self.partitions(selections, map, skippingMissing: allTopics)
        guard !partitions.isEmpty else {
            throw CommandFailure("the topics of which group \"\(group)\" has committed offsets do not exist any more")
        }
        let target = target(now: SystemTime().wallMilliseconds)
        if case .shift = target {
            // Nothing to shift from is an error only where the partition was named.
            let named = Set(selections.filter { $0.partitions != nil }.flatMap { $0.chosen(from: []) })
            partitions.removeAll { committed[$0] == nil && !named.contains($0) }
        }
        guard !partitions.isEmpty else {
            throw CommandFailure("group \"\(group)\" has committed no offsets for these topics")
        }
        let starts = try await map.offsets(of: partitions, at: .earliest)
        let ends = try await map.offsets(of: partitions, at: .latest)
        var found: [TopicPartition: Int64] = [:]
        if case .timestamp(let time) = target { found = try await map.offsets(of: partitions, at: .timestamp(time)) }
        return try partitions.map { partition in
            let start = starts[partition] ?? 0
            return try OffsetChange(
                partition, to: target, committed: committed[partition]?.offset,
                log: start...max(start, ends[partition] ?? start), found: found[partition])
        }
    }

    /// In order, each once. A topic or partition that does not exist is an error, unless it was not named.
    static func partitions(
        _ selections: [TopicSelection], _ map: PartitionMap, skippingMissing: Bool
    ) throws(CommandFailure) -> [TopicPartition] {
        var partitions: Set<TopicPartition> = []
        for selection in selections {
            let all = map.partitions(of: selection.topic)
            if all.isEmpty && !skippingMissing {
                throw CommandFailure("topic \"\(selection.topic)\" does not exist, see `martlet topic list`")
            }
            let chosen = selection.chosen(from: all)
            if let stranger = chosen.first(where: { !map.contains($0) }) {
                throw CommandFailure(
                    "topic \"\(selection.topic)\" has no partition \(stranger.partition): it has \(all.count), from 0 on"
                )
            }
            partitions.formUnion(chosen)
        }
        return partitions.sorted()
    }

    private func refusal(_ partition: TopicPartition, _ code: ErrorCode) -> ClientError {
        let words: String? =
            switch code {
            case .unknownMemberID, .nonEmptyGroup, .illegalGeneration, .rebalanceInProgress, .staleMemberEpoch:
                "the group has got members meanwhile. Stop its consumers first"
            default: nil
            }
        return .refused("cannot set the offset of group \"\(group)\" for \(partition)", code, words)
    }

    private func report(_ changes: [OffsetChange]) {
        guard !output.json else { return output.print { Self.write(group, changes, dryRun: dryRun, &$0) } }
        StandardOutput.write(Array(Self.table(changes).utf8))
        if dryRun { StandardError.print("dry run: nothing was changed") }
    }

    static func table(_ changes: [OffsetChange]) -> String {
        var table = TextTable(["TOPIC", "PARTITION", "BEFORE", "AFTER", "NOTE"])
        for change in changes {
            table.add([
                change.partition.topic, "\(change.partition.partition)", change.before.map { "\($0)" } ?? "-",
                "\(change.after)", change.note,
            ])
        }
        return table.text
    }

    static func write(_ group: String, _ changes: [OffsetChange], dryRun: Bool, _ json: inout JSONText) {
        json.object { json in
            json.field("group", group)
            json.field("dry_run", dryRun)
            json.name("partitions")
            json.array(changes) { change, json in
                json.object { json in
                    json.field("topic", change.partition.topic)
                    json.field("partition", change.partition.partition)
                    json.field("before", change.before)
                    json.field("after", change.after)
                    json.field("note", change.note.isEmpty ? nil : change.note)
                }
            }
        }
    }
}
