/// Every broker-level setting. Those that only give topics their defaults come from `TopicSettingTable`.
package enum BrokerSettingTable {
    private static let kerberosRelogin = "sasl.kerberos.min.time.before.relogin"

    /// Settings of the broker itself.
    private static let own: [SettingDefinition] = [
        SettingDefinition("node.id", .int, "1", .atLeast(0), "Number of this broker in Metadata."),
        SettingDefinition("log.dirs", .string, "martlet-data", .any, "The data directory."),
        SettingDefinition(
            "listeners", .list, "PLAINTEXT://0.0.0.0:9092", .any,
            "Where the broker listens, as PLAINTEXT://host:port; several are separated by commas."),
        SettingDefinition(
            "advertised.listeners", .list, "", .any,
            "The address clients are told to use; empty: the address each of them connected to."),
        SettingDefinition(
            "num.partitions", .int, "1", .atLeast(1), "Partitions of a topic whose creator states no number."),
        SettingDefinition(
            "default.replication.factor", .int, "1", .atLeast(1),
            "Replication factor of a topic whose creator states none; stored, one node keeps one copy."),
        SettingDefinition(
            "replication.factor.accept.max", .int, "3", .between(1, 32_767),
            "Largest replication factor that CreateTopics accepts, for applications written for clusters."),
        SettingDefinition(
            "auto.create.topics.enable", .boolean, "true", .any, "Whether asking for an unknown topic creates it."),
        SettingDefinition("delete.topic.enable", .boolean, "true", .any, "Whether topics may be deleted."),
        SettingDefinition(
            "partitions.max", .int, "20000", .atLeast(1), "Most partitions that this broker holds, over all topics."),
        SettingDefinition(
            "log.open.files.max", .int, "0", .atLeast(0),
            "Most segment files that stay open for writing; those not written to for longest are synced and closed. "
                + "0: what max.connections leaves of the process's descriptors, half of them at least."),
        SettingDefinition(
            "log.mappings.max", .int, "0", .atLeast(0),
            "Most files that stay mapped for reading; those not read for longest go. 0: half of vm.max_map_count."),
        SettingDefinition(
            "num.network.threads", .int, "0", .between(0, 1024), "Event loops; 0 is one for each core."),
        SettingDefinition(
            "num.io.threads", .int, "8", .between(1, 1024),
            "Most reads from the disk at a time for fetches whose records are not in memory; each has a thread."),
        SettingDefinition(
            "socket.request.max.bytes", .int, "104857600", .atLeast(1024), "Largest request that is accepted."),
        SettingDefinition(
            "queued.max.request.bytes", .long, "536870912", .atLeast(1_048_576),
            "Memory for requests that have arrived in part, over all connections; those above it wait."),
        SettingDefinition(
            "queued.max.reply.bytes", .long, "536870912", .atLeast(1_048_576),
            "Memory for replies that were not taken, over all connections; above it those that hold most are closed."),
        SettingDefinition("max.connections", .int, "10000", .atLeast(1), "Most connections at a time."),
        SettingDefinition(
            "max.connections.per.ip", .int, "2147483647", .atLeast(0), "Most connections at a time from one address."),
        SettingDefinition(
            "connections.max.idle.ms", .long, "600000", .atLeast(1000), "Idle time after which a connection is closed."),
        SettingDefinition(
            "connection.in.flight.requests.max", .int, "100", .between(1, 100_000),
            "Requests of one connection that may wait for their replies; beyond them the broker reads no further."),
        SettingDefinition(
            "connection.queued.reply.max.bytes", .int, "8388608", .atLeast(65_536),
            "Replies of one connection that may wait to be sent; beyond them the broker reads no further."),
        SettingDefinition(
            "connection.write.stall.max.ms", .long, "60000", .atLeast(100),
            "Time without progress after which a client that does not read its replies is disconnected."),
        SettingDefinition(
            "controlled.shutdown.drain.ms", .long, "5000", .atLeast(0),
            "How long a stop waits for requests that are being answered."),
        SettingDefinition(
            "fetch.max.bytes", .int, "57671680", .atLeast(1024), "Most bytes of records in one Fetch reply."),
        SettingDefinition(
            "max.incremental.fetch.session.cache.slots", .int, "1000", .atLeast(0), "Most fetch sessions (KIP-227)."),
        SettingDefinition(
            "fetch.session.cache.max.bytes", .long, "134217728", .atLeast(65_536),
            "Memory for the partitions of all fetch sessions; who needs more works without a session."),
        SettingDefinition(
            "producer.id.expiration.ms", .int, "86400000", .atLeast(1),
            "Time after which a partition forgets an idle idempotent producer."),
        SettingDefinition(
            "partition.producers.max", .int, "100000", .atLeast(1),
            "Most idempotent producers that a partition remembers."),
        SettingDefinition(
            "decompressed.batch.max.bytes", .int, "134217728", .atLeast(1_048_576),
            "Most bytes that one record batch may decompress to when the broker has to look into it."),
        SettingDefinition(
            "offsets.topic.num.partitions", .int, "50", .between(1, 10_000),
            "Partitions of __consumer_offsets; fixed once the topic exists."),
        SettingDefinition(
            "offsets.topic.segment.bytes", .int, "104857600", .atLeast(1_048_576),
            "Segment size of __consumer_offsets; small ones are compacted sooner."),
        SettingDefinition(
            "offset.metadata.max.bytes", .int, "4096", .between(0, 32_767),
            "Largest metadata that a consumer may commit with an offset; its record cannot state more than 32767."),
        SettingDefinition(
            "group.min.session.timeout.ms", .int, "6000", .atLeast(1), "Shortest session timeout a member may ask for."),
        SettingDefinition(
            "group.max.session.timeout.ms", .int, "1800000", .atLeast(1),
            "Longest session timeout a member may ask for."),
        SettingDefinition(
            "group.initial.rebalance.delay.ms", .int, "500", .atLeast(0),
            "How long the first member of an empty group waits for others before they share the partitions."),
        SettingDefinition(
            "group.coordinator.groups.max", .int, "100000", .atLeast(1),
            "Most groups, over the whole broker; those that only store offsets count as well."),
        SettingDefinition(
            "group.coordinator.member.max.bytes", .long, "268435456", .atLeast(65_536),
            "Memory for the members of all groups: their subscriptions, and the assignments of classic ones."),
        SettingDefinition("group.max.size", .int, "10000", .atLeast(1), "Most members of one group."),
        SettingDefinition(
            "group.consumer.session.timeout.ms", .int, "45000", .atLeast(1),
            "Time after which a silent member of a consumer group (KIP-848) is dropped."),
        SettingDefinition(
            "group.consumer.min.session.timeout.ms", .int, "45000", .atLeast(1),
            "Shortest group.consumer.session.timeout.ms."),
        SettingDefinition(
            "group.consumer.max.session.timeout.ms", .int, "60000", .atLeast(1),
            "Longest group.consumer.session.timeout.ms."),
        SettingDefinition(
            "group.consumer.heartbeat.interval.ms", .int, "5000", .atLeast(1),
            "How often members of consumer groups (KIP-848) are told to send heartbeats."),
        SettingDefinition(
            "group.consumer.min.heartbeat.interval.ms", .int, "5000", .atLeast(1),
            "Shortest group.consumer.heartbeat.interval.ms."),
        SettingDefinition(
            "group.consumer.max.heartbeat.interval.ms", .int, "15000", .atLeast(1),
            "Longest group.consumer.heartbeat.interval.ms."),
        SettingDefinition(
            "group.consumer.max.size", .int, "2147483647", .atLeast(1), "Most members of one consumer group (KIP-848)."),
        SettingDefinition(
            "group.consumer.assignors", .list, "uniform,range", .oneOf(GroupAssignor.allCases.map(\.rawValue)),
            "Assignors that members of consumer groups may ask for; the first is used if they ask for none."),
        SettingDefinition(
            "group.consumer.migration.policy", .string, "bidirectional",
            .oneOf(GroupMigrationPolicy.allCases.map(\.rawValue)),
            "Which groups with members may change their protocol: classic ones (upgrade), consumer ones (downgrade)."),
        SettingDefinition(
            "flush.policy", .string, "ack", .oneOf(["ack", "interval"]),
            "ack: acks=all waits until the disk has the records; interval: only flush.messages and flush.ms flush."),
        SettingDefinition(
            "commit.journal.bytes", .long, "67108864", .between(0, 1 << 30),
            "Size of the file that makes acks=all of many partitions durable with one sync. 0: none."
        ),
        SettingDefinition(
            "log.cleaner.enable", .boolean, "true", .any, "Whether compacted topics are compacted."),
        SettingDefinition(
            "log.cleaner.backoff.ms", .long, "15000", .between(1, 86_400_000),
            "Pause of the log cleaner when it has found nothing more to do."),
        SettingDefinition(
            "log.cleaner.dedupe.buffer.size", .long, "134217728", .between(1_048_576, 1 << 40),
            "Memory for the keys of one cleaning; 24 bytes a key. More keys take several cleanings."),
        SettingDefinition(
            "log.cleaner.io.buffer.load.factor", .double, "0.9", .ratio,
            "How full the buffer for keys may become; fuller is slower."),
        SettingDefinition(
            "log.cleaner.io.max.bytes.per.second", .double, "1.7976931348623157E308", .any,
            "Bytes that the log cleaner reads and writes in a second at most."),
        SettingDefinition(
            "log.cleaner.threads", .int, "1", .atLeast(0), "Accepted, without effect: one thread cleans."),
        SettingDefinition(
            "log.disk.min.free.bytes", .long, "-1", .atLeast(-1),
            "With less than this free on the disk, records and new topics are refused; 0: never; -1: a twentieth of the disk, at most 512 MiB."
        ),
        SettingDefinition(
            "log.disk.budget.bytes", .long, "-1", .atLeast(-1),
            "Bytes of all logs together above which the oldest sealed segments go; -1: no limit."),
        SettingDefinition(
            "log.retention.check.interval.ms", .long, "300000", .between(1, 86_400_000),
            "How often logs are looked through for segments that have expired."),
        SettingDefinition(
            kerberosRelogin, .long, "60000", .any,
            "Accepted, without effect: no Kerberos. Tools set it to try whether settings can be changed."),
        SettingDefinition(
            "metrics.listener", .string, "", .any,
            "Where metrics are served for Prometheus (GET /metrics), as host:port; empty: nowhere."),
        SettingDefinition(
            "metrics.series.max", .int, "100000", .between(100, 10_000_000),
            "Most series in one answer; beyond, those of groups and partitions are left out, which is told."),
        SettingDefinition(
            "log.level", .string, "info", .oneOf(["trace", "debug", "info", "warning", "error"]),
            "Least level of log lines."),
    ]

    /// Other names of one setting in a coarser unit, with the factor to the finer one.
    package static let aliases: [String: (name: String, factor: Int64)] = [
        "log.retention.minutes": ("log.retention.ms", 60_000),
        "log.retention.hours": ("log.retention.ms", 3_600_000),
        "log.roll.hours": ("log.roll.ms", 3_600_000),
        "log.roll.jitter.hours": ("log.roll.jitter.ms", 3_600_000),
        "broker.id": ("node.id", 1),
    ]

    package static let definitions: [SettingDefinition] = own + TopicSettingTable.entries.compactMap(asBrokerSetting)

    private static func asBrokerSetting(_ entry: TopicSettingTable.Entry) -> SettingDefinition? {
        entry.brokerName.map {
            let topic = entry.definition
            return SettingDefinition(
                $0, topic.kind, topic.defaultValue, topic.rule,
                "Default of the topic setting \(topic.name). \(topic.documentation)")
        }
    }

    private static let byName = Dictionary(uniqueKeysWithValues: definitions.map { ($0.name, $0) })

    package static func definition(named name: String) -> SettingDefinition? { byName[name] }

    /// Settings that may change while the broker runs: the defaults of topics, and what has no effect anyway.
    package static let dynamicNames = Set(TopicSettingTable.entries.compactMap(\.brokerName)).union([kerberosRelogin])
}
