/// One family of metrics: its name, type, labels and what it means. `docs/metrics.md` is checked against the table below.
///
/// Names are those under which Kafka's own metrics are usually exported, and those of the usual exporters for lag and processes,
/// so that dashboards made for Kafka find them; what only Martlet has begins with `martlet_`.
package struct MetricDefinition: Sendable {
    package enum Kind: String, Sendable {
        case counter, gauge, summary
    }

    package let name: String
    package let kind: Kind
    package let labels: [String]
    package let help: String

    private init(_ name: String, _ kind: Kind, _ help: String) { self.init(name, kind, [], help) }

    private init(_ name: String, _ kind: Kind, _ labels: [String], _ help: String) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.help = help
    }

    // MARK: Process

    static let startTime = MetricDefinition(
        "process_start_time_seconds", .gauge, "When the process started, in seconds since 1970.")
    static let uptime = MetricDefinition("martlet_uptime_seconds", .gauge, "For how long the broker has been up.")
    static let cpu = MetricDefinition("process_cpu_seconds_total", .counter, "CPU time of the process.")
    static let residentMemory = MetricDefinition(
        "process_resident_memory_bytes", .gauge,
        "Memory in use, pages of mapped segments included, which the kernel may take back.")
    static let anonymousMemory = MetricDefinition(
        "martlet_anonymous_memory_bytes", .gauge, "Memory of the broker's own, without mapped files.")
    static let openFiles = MetricDefinition("process_open_fds", .gauge, "Open files and sockets.")
    static let openFilesMax = MetricDefinition("process_max_fds", .gauge, "Limit of open files and sockets.")
    static let diskFree = MetricDefinition(
        "martlet_data_directory_free_bytes", .gauge, "Free space of the file system of the data directory.")
    static let diskTotal = MetricDefinition(
        "martlet_data_directory_total_bytes", .gauge, "Size of the file system of the data directory.")

    // MARK: Connections and requests

    static let connections = MetricDefinition(
        "kafka_server_socketservermetrics_connection_count", .gauge, "Open connections of Kafka clients.")
    static let connectionsCreated = MetricDefinition(
        "kafka_server_socketservermetrics_connection_creation_total", .counter, "Connections that were accepted.")
    static let connectionsRefused = MetricDefinition(
        "martlet_connections_refused_total", .counter, "Connections that a limit has refused.")
    static let requests = MetricDefinition(
        "kafka_network_requestmetrics_requests_total", .counter, ["request"], "Requests that were received.")
    static let requestErrors = MetricDefinition(
        "kafka_network_requestmetrics_errors_total", .counter, ["request", "error"],
        "Error codes in answers: of a request, or of a topic, a partition or whatever else it asked about.")
    static let requestsClosed = MetricDefinition(
        "martlet_requests_closed_total", .counter,
        "Requests after which the broker closed the connection, because it could not or must not answer them.")
    static let requestQueue = MetricDefinition(
        "kafka_network_requestchannel_requestqueuesize", .gauge, "Requests that are not answered yet.")
    static let parkedFetches = MetricDefinition(
        "martlet_waiting_fetches", .gauge, "Fetches that wait for records or for their time to be up.")
    static let requestMemory = MetricDefinition(
        "martlet_request_memory_bytes", .gauge, "Memory that requests hold which have arrived in part.")
    static let replyMemory = MetricDefinition(
        "martlet_reply_memory_bytes", .gauge, "Memory that replies hold which their clients have not taken.")
    static let receivedBytes = MetricDefinition(
        "martlet_received_bytes_total", .counter, "Bytes of requests that were received.")
    static let sentBytes = MetricDefinition("martlet_sent_bytes_total", .counter, "Bytes of replies that were sent.")

    // MARK: Topics and logs

    static let topics = MetricDefinition(
        "kafka_controller_kafkacontroller_globaltopiccount", .gauge, "Topics, internal ones included.")
    static let partitions = MetricDefinition(
        "kafka_server_replicamanager_partitioncount", .gauge, "Partitions, internal ones included.")
    static let offlinePartitions = MetricDefinition(
        "kafka_controller_kafkacontroller_offlinepartitionscount", .gauge,
        "Partitions that take no records: their log could not be opened, or a flush has failed.")
    static let damagedPartitions = MetricDefinition(
        "martlet_log_damaged_partitions", .gauge,
        "Partitions in which damage was found since the start, by recovery or by a read.")
    static let damagedPlaces = MetricDefinition(
        "martlet_log_damaged_batches", .gauge, ["topic", "partition"],
        "Damaged places in the log of a partition, as far as they were found since the start; only where there are any."
    )
    static let truncatedBytes = MetricDefinition(
        "martlet_log_recovery_truncated_bytes", .gauge, "Bytes of torn ends that the last start has cut off.")
    static let messagesIn = MetricDefinition(
        "kafka_server_brokertopicmetrics_messagesin_total", .counter, ["topic"], "Records that were appended.")
    static let bytesIn = MetricDefinition(
        "kafka_server_brokertopicmetrics_bytesin_total", .counter, ["topic"], "Bytes of batches that were appended.")
    static let bytesOut = MetricDefinition(
        "kafka_server_brokertopicmetrics_bytesout_total", .counter, ["topic"], "Bytes of batches that were fetched.")
    static let logSize = MetricDefinition(
        "kafka_log_log_size", .gauge, ["topic", "partition"], "Bytes of a partition's segments.")
    static let logStart = MetricDefinition(
        "kafka_log_log_logstartoffset", .gauge, ["topic", "partition"], "The first offset that can be read.")
    static let logEnd = MetricDefinition(
        "kafka_log_log_logendoffset", .gauge, ["topic", "partition"], "The offset that the next record gets.")
    static let logSegments = MetricDefinition(
        "kafka_log_log_numlogsegments", .gauge, ["topic", "partition"], "Segments of a partition.")
    static let flushes = MetricDefinition(
        "kafka_log_logflushstats_logflush_seconds", .summary,
        "Rounds of flushes, each of which makes everything durable that waits for it, and the time they took.")
    static let journaledFlushes = MetricDefinition(
        "martlet_log_journaled_flushes_total", .counter, "Rounds of flushes that went to the commit journal.")
    static let flushFailures = MetricDefinition(
        "martlet_log_flush_failures_total", .counter, "Partitions that a failed flush has taken offline.")

    // MARK: Maintenance

    static let cleanings = MetricDefinition(
        "kafka_log_logcleaner_cleanings_total", .counter, "Cleanings of compacted logs that came to their end.")
    static let cleanedBytesRead = MetricDefinition(
        "kafka_log_logcleaner_read_bytes_total", .counter, "Bytes that the log cleaner has read.")
    static let cleanedBytesWritten = MetricDefinition(
        "kafka_log_logcleaner_written_bytes_total", .counter, "Bytes that the log cleaner has written.")
    static let uncleanablePartitions = MetricDefinition(
        "kafka_log_logcleanermanager_uncleanable_partitions_count", .gauge,
        "Partitions that are not cleaned until the next start.")
    static let expiredSegments = MetricDefinition(
        "martlet_retention_deleted_segments_total", .counter, "Segments that retention has let go.")

    // MARK: Groups

    static let groups = MetricDefinition(
        "kafka_coordinator_group_groupmetadatamanager_numgroups", .gauge, ["state"], "Consumer groups by state.")
    static let groupMembers = MetricDefinition(
        "kafka_consumergroup_members", .gauge, ["consumergroup"], "Members of a group.")
    static let groupOffset = MetricDefinition(
        "kafka_consumergroup_current_offset", .gauge, ["consumergroup", "topic", "partition"],
        "The offset that a group has committed.")
    static let groupLag = MetricDefinition(
        "kafka_consumergroup_lag", .gauge, ["consumergroup", "topic", "partition"],
        "Records behind the committed offset.")

    // MARK: The answer itself

    static let truncated = MetricDefinition(
        "martlet_metrics_truncated", .gauge,
        "1 if series were left out because metrics.series.max was reached, else 0.")

    /// In the order in which they are told.
    package static let all: [MetricDefinition] = [
        startTime, uptime, cpu, residentMemory, anonymousMemory, openFiles, openFilesMax, diskFree, diskTotal,
        connections, connectionsCreated, connectionsRefused, requests, requestErrors, requestsClosed, requestQueue,
        parkedFetches, requestMemory, replyMemory, receivedBytes, sentBytes,
        topics, partitions, offlinePartitions, damagedPartitions, damagedPlaces, truncatedBytes, flushes,
        journaledFlushes,
        flushFailures,
        cleanings, cleanedBytesRead, cleanedBytesWritten, uncleanablePartitions, expiredSegments, groups,
        messagesIn, bytesIn, bytesOut, logSize, logStart, logEnd, logSegments, groupMembers, groupOffset, groupLag,
        truncated,
    ]
}
