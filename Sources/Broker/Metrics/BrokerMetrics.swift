import KafkaProtocol
import LogStorage

/// Asks the broker for everything that `MetricDefinition.all` names, and writes it down.
///
/// Nothing is kept for it but counters: values are read when somebody asks, each under the lock that guards it anyway, and no
/// log is opened or read for it.
/// Thread rule: any thread that may wait for locks; not an event loop of the clients.
package struct BrokerMetrics {
    /// What only the server knows.
    package struct Connections: Sendable {
        package var count: Int
        package var requestMemoryBytes: Int
        package var replyMemoryBytes: Int
        package var totals: RequestCounters.Totals

        package init(count: Int, requestMemoryBytes: Int, replyMemoryBytes: Int, totals: RequestCounters.Totals) {
            self.count = count
            self.requestMemoryBytes = requestMemoryBytes
            self.replyMemoryBytes = replyMemoryBytes
            self.totals = totals
        }
    }

    private let broker: Broker
    private let connections: Connections
    private var text: MetricsText

    /// The whole text.
    package static func text(of broker: Broker, connections: Connections) -> [UInt8] {
        var metrics = BrokerMetrics(broker, connections)
        metrics.write()
        return metrics.text.bytes
    }

    private init(_ broker: Broker, _ connections: Connections) {
        self.broker = broker
        self.connections = connections
        text = MetricsText(seriesMax: broker.settings.integer("metrics.series.max"))
    }

    /// Few series first: what grows with partitions and groups comes last, and is what a limit cuts off.
    private mutating func write() {
        writeProcess()
        writeRequests()
        let topics = broker.topics.current.all.sorted { $0.name < $1.name }
        let figures = topics.map { topic in topic.partitions.map { broker.topics.figures(of: $0) } }
        writeTotals(topics, figures)
        writeMaintenance()
        let groups = broker.groups.all().sorted { $0.key < $1.key }
        writeGroupStates(groups.map(\.value))
        writeTopics(topics, figures)
        writePartitions(topics, figures)
        writeGroups(groups, topics, figures)
        text.add(.truncated, text.isTruncated)
    }

    // MARK: Process and requests

    private mutating func writeProcess() {
        let process = ProcessFigures()
        let upMilliseconds = Int64((broker.time.monotonicNanoseconds - broker.startedNanoseconds) / 1_000_000)
        text.add(.startTime, Double(broker.time.wallMilliseconds - upMilliseconds) / 1_000)
        text.add(.uptime, Double(upMilliseconds) / 1_000)
        text.add(.cpu, process.cpuSeconds)
        addIfKnown(.residentMemory, process.residentBytes)
        addIfKnown(.anonymousMemory, process.anonymousBytes)
        addIfKnown(.openFiles, process.openFiles)
        addIfKnown(.openFilesMax, process.openFilesMax)
        // As with the others, what the system does not say is left out; `DiskSpace` has it in the log.
        let space = try? broker.directory.space()
        addIfKnown(.diskFree, space.map { Int($0.usableBytes) })
        addIfKnown(.diskTotal, space.map { Int($0.totalBytes) })
    }

    /// A family without a series says that the value is not known.
    private mutating func addIfKnown(_ metric: MetricDefinition, _ value: Int?) {
        text.family(metric) { family in if let value { family.add([], value) } }
    }

    private mutating func writeRequests() {
        let totals = connections.totals
        text.add(.connections, connections.count)
        text.add(.connectionsCreated, totals.accepted)
        text.add(.connectionsRefused, totals.refused)
        text.family(.requests) { family in
            for (name, count) in totals.byName.sorted(by: { $0.key < $1.key }) { family.add([name], count) }
        }
        text.family(.requestErrors) { family in
            for entry in broker.requestErrors.all { family.add([entry.api, entry.error], entry.count) }
        }
        text.add(.requestsClosed, totals.closed)
        text.add(.requestQueue, max(0, totals.requests - totals.answered))
        text.add(.parkedFetches, broker.parkedFetches.count)
        text.add(.requestMemory, connections.requestMemoryBytes)
        text.add(.replyMemory, connections.replyMemoryBytes)
        text.add(.receivedBytes, totals.receivedBytes)
        text.add(.sentBytes, totals.sentBytes)
    }

    // MARK: Logs

    private mutating func writeTotals(_ topics: [Topic], _ figures: [[Partition.Figures]]) {
        let all = figures.joined()
        text.add(.topics, topics.count)
        text.add(.partitions, all.count)
        text.add(.offlinePartitions, all.filter(\.isOffline).count)
        text.add(.damagedPartitions, all.filter { $0.damagedPlaces > 0 }.count)
        text.family(.damagedPlaces) { family in
            for (topic, partitions) in zip(topics, figures) {
                for (index, partition) in partitions.enumerated() where partition.damagedPlaces > 0 {
                    family.add([topic.name, String(index)], partition.damagedPlaces)
                }
            }
        }
        text.add(.truncatedBytes, all.reduce(0) { $0 + $1.truncatedBytes })
        let flushes = broker.groupCommit.figures
        text.summary(.flushes, count: flushes.rounds, sum: Double(flushes.nanoseconds) / 1e9)
        text.add(.journaledFlushes, flushes.journaled)
        text.add(.flushFailures, flushes.failures)
    }

    private mutating func writeMaintenance() {
        let figures = broker.maintenance.figures
        text.add(.cleanings, figures.cleanings)
        text.add(.cleanedBytesRead, figures.cleanedBytesRead)
        text.add(.cleanedBytesWritten, figures.cleanedBytesWritten)
        text.add(.uncleanablePartitions, figures.uncleanablePartitions)
        text.add(.expiredSegments, figures.expiredSegments)
    }

    private mutating func writeTopics(_ topics: [Topic], _ figures: [[Partition.Figures]]) {
        func write(_ metric: MetricDefinition, _ value: (Partition.Figures) -> Int) {
            text.family(metric) { family in
                for (topic, partitions) in zip(topics, figures) {
                    family.add([topic.name], partitions.reduce(0) { $0 + value($1) })
                }
            }
        }
        write(.messagesIn, \.appendedRecords)
        write(.bytesIn, \.appendedBytes)
        write(.bytesOut, \.fetchedBytes)
    }

    private mutating func writePartitions(_ topics: [Topic], _ figures: [[Partition.Figures]]) {
        func write(_ metric: MetricDefinition, _ value: (Partition.Figures) -> Int64?) {
            text.family(metric) { family in
                for (topic, partitions) in zip(topics, figures) {
                    for (index, partition) in partitions.enumerated() {
                        if let value = value(partition) { family.add([topic.name, String(index)], value) }
                    }
                }
            }
        }
        write(.logSize, \.sizeInBytes)
        write(.logStart, \.logStartOffset)
        write(.logEnd, \.logEndOffset)
        write(.logSegments, \.segmentCount)
    }

    // MARK: Groups

    private mutating func writeGroupStates(_ groups: [Group]) {
        let counts = Dictionary(grouping: groups) { $0.membership.stateName }.mapValues(\.count)
        text.family(.groups) { family in
            for (state, count) in counts.sorted(by: { $0.key < $1.key }) { family.add([state], count) }
        }
    }

    private mutating func writeGroups(
        _ groups: [(key: String, value: Group)], _ topics: [Topic], _ figures: [[Partition.Figures]]
    ) {
        text.family(.groupMembers) { family in
            for (id, group) in groups { family.add([id], group.membership.memberCount) }
        }
        let ends = Dictionary(uniqueKeysWithValues: zip(topics.map(\.name), figures.map { $0.map(\.logEndOffset) }))
        func write(_ metric: MetricDefinition, _ value: (CommittedOffset, Int64?) -> Int64?) {
            text.family(metric) { family in
                for (id, group) in groups {
                    for (topic, partitions) in group.offsets.byTopic.sorted(by: { $0.key < $1.key }) {
                        for (partition, committed) in partitions.sorted(by: { $0.key < $1.key }) {
                            let all = ends[topic] ?? []
                            let end = partition >= 0 && Int(partition) < all.count ? all[Int(partition)] : nil
                            if let value = value(committed, end) { family.add([id, topic, String(partition)], value) }
                        }
                    }
                }
            }
        }
        write(.groupOffset) { committed, _ in committed.offset }
        write(.groupLag) { committed, end in end.map { max(0, $0 - committed.offset) } }
    }
}

extension Group.Membership {
    fileprivate var memberCount: Int {
        switch self {
        case .classic(let group): group.members.count
        case .consumer(let group): group.members.count
        }
    }
}
