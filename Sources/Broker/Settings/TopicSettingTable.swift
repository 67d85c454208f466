/// Every topic-level setting, with the broker-level setting that gives its default.
///
/// Settings of Kafka that have no meaning on one node (throttled replicas, tiered storage) are accepted with their defaults
/// listed, since tools copy whole sets of them from one cluster to another.
package enum TopicSettingTable {
    package struct Entry: Sendable {
        package let definition: SettingDefinition
        /// The broker setting whose value a topic without an own one has.
        package let brokerName: String?

        package var name: String { definition.name }
    }

    private static func entry(
        _ name: String, _ kind: SettingDefinition.Kind, _ defaultValue: String, _ rule: SettingDefinition.Rule = .any,
        broker: String? = nil, _ documentation: String
    ) -> Entry {
        Entry(definition: SettingDefinition(name, kind, defaultValue, rule, documentation), brokerName: broker)
    }

    package static let entries: [Entry] = [
        entry(
            "cleanup.policy", .list, "delete", .oneOf(["compact", "delete"]), broker: "log.cleanup.policy",
            "What happens to old segments: delete, compact, or both."),
        entry(
            "compression.gzip.level", .int, "-1", .between(-1, 9), broker: "compression.gzip.level",
            "Level when this broker compresses with gzip; -1 is the library's default."),
        entry(
            "compression.lz4.level", .int, "9", .between(1, 17), broker: "compression.lz4.level",
            "Level when this broker compresses with lz4."),
        entry(
            "compression.type", .string, "producer",
            .oneOf(["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]), broker: "compression.type",
            "Codec of stored batches; producer keeps what the producer chose."),
        entry(
            "compression.zstd.level", .int, "3", .between(-131_072, 22), broker: "compression.zstd.level",
            "Level when this broker compresses with zstd."),
        entry(
            "delete.retention.ms", .long, "86400000", .atLeast(0), broker: "log.cleaner.delete.retention.ms",
            "How long a compacted topic keeps tombstones."),
        entry(
            "file.delete.delay.ms", .long, "60000", .atLeast(0), broker: "log.segment.delete.delay.ms",
            "How long files of deleted segments stay before they are removed."),
        entry(
            "flush.messages", .long, "9223372036854775807", .atLeast(1), broker: "log.flush.interval.messages",
            "Records after which a partition is flushed to the disk, besides acks=all."),
        entry(
            "flush.ms", .long, "9223372036854775807", .atLeast(0), broker: "log.flush.interval.ms",
            "Time after which appended records are flushed to the disk, besides acks=all."),
        entry(
            "follower.replication.throttled.replicas", .list, "", .any, "Accepted, without effect on one node."),
        entry(
            "index.interval.bytes", .int, "4096", .atLeast(0), broker: "log.index.interval.bytes",
            "Bytes of log between two entries of the offset index."),
        entry("leader.replication.throttled.replicas", .list, "", .any, "Accepted, without effect on one node."),
        entry("local.retention.bytes", .long, "-2", .atLeast(-2), "Accepted, without effect: no tiered storage."),
        entry("local.retention.ms", .long, "-2", .atLeast(-2), "Accepted, without effect: no tiered storage."),
        entry(
            "max.compaction.lag.ms", .long, "9223372036854775807", .atLeast(1),
            broker: "log.cleaner.max.compaction.lag.ms",
            "Longest time a record may stay uncompacted."),
        entry(
            "max.message.bytes", .int, "1048588", .atLeast(0), broker: "message.max.bytes",
            "Largest record batch that is accepted, as stored."),
        entry(
            "message.timestamp.after.max.ms", .long, "3600000", .atLeast(0),
            broker: "log.message.timestamp.after.max.ms",
            "How far in the future a record's create time may lie."),
        entry(
            "message.timestamp.before.max.ms", .long, "9223372036854775807", .atLeast(0),
            broker: "log.message.timestamp.before.max.ms", "How far in the past a record's create time may lie."),
        entry(
            "message.timestamp.type", .string, "CreateTime", .oneOf(["CreateTime", "LogAppendTime"]),
            broker: "log.message.timestamp.type", "Whose clock stamps the records: the producer's or this broker's."),
        entry(
            "min.cleanable.dirty.ratio", .double, "0.5", .ratio, broker: "log.cleaner.min.cleanable.ratio",
            "Share of uncompacted bytes from which a log is compacted."),
        entry(
            "min.compaction.lag.ms", .long, "0", .atLeast(0), broker: "log.cleaner.min.compaction.lag.ms",
            "Shortest time a record stays uncompacted."),
        entry(
            "min.insync.replicas", .int, "1", .atLeast(1), broker: "min.insync.replicas",
            "Accepted, without effect on one node."),
        entry(
            "preallocate", .boolean, "false", .any, broker: "log.preallocate",
            "Accepted, without effect: segments are always preallocated, in small steps."),
        entry("remote.log.copy.disable", .boolean, "false", .any, "Accepted, without effect: no tiered storage."),
        entry("remote.log.delete.on.disable", .boolean, "false", .any, "Accepted, without effect: no tiered storage."),
        entry("remote.storage.enable", .boolean, "false", .oneOf(["false"]), "Only false: no tiered storage."),
        entry(
            "retention.bytes", .long, "-1", .atLeast(-1), broker: "log.retention.bytes",
            "Bytes of a partition above which its oldest segments are deleted; -1 is no limit."),
        entry(
            "retention.ms", .long, "604800000", .atLeast(-1), broker: "log.retention.ms",
            "Age from which segments are deleted; -1 is no limit."),
        entry(
            "segment.bytes", .int, "1073741824", .atLeast(14), broker: "log.segment.bytes",
            "Size at which a new segment is started."),
        entry(
            "segment.index.bytes", .int, "10485760", .atLeast(4), broker: "log.index.size.max.bytes",
            "Largest size of a segment's offset index."),
        entry(
            "segment.jitter.ms", .long, "0", .atLeast(0), broker: "log.roll.jitter.ms",
            "Accepted, without effect: rolling one segment costs too little to be spread."),
        entry(
            "segment.ms", .long, "604800000", .atLeast(1), broker: "log.roll.ms",
            "Age at which a new segment is started."),
        entry(
            "unclean.leader.election.enable", .boolean, "false", .any, broker: "unclean.leader.election.enable",
            "Accepted, without effect on one node."),
    ]

    private static let byName = Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0) })

    package static func entry(named name: String) -> Entry? { byName[name] }
}
