import KafkaRecords
import LogStorage

/// The settings of one topic as the code uses them: its own values over the broker's, parsed once per change.
package struct TopicConfig: Sendable {
    package enum Source: Int8, Sendable {
        // The numbers are those of DescribeConfigs (`ConfigSource`).
        case topic = 1
        case dynamicBroker = 2
        case staticBroker = 4
        case `default` = 5
        case group = 8
    }

    /// Where a value comes from, nearest first: each is what DescribeConfigs calls a synonym.
    package struct Layer: Sendable {
        package let name: String
        package let value: String
        package let source: Source
    }

    /// Values set on the topic itself.
    package let overrides: [String: String]

    package let maxMessageBytes: Int
    /// nil: stored as the producer compressed it.
    package let compression: Compression?
    package let compressionLevel: Int?
    package let timestampType: TimestampType
    package let timestampBeforeMaxMilliseconds: Int64
    package let timestampAfterMaxMilliseconds: Int64
    package let log: LogConfig

    package var segmentBytes: Int { log.segmentBytes }
    package var isCompacted: Bool { log.isCompacted }
    /// Whether old records go by age, size or request.
    package var isDeletable: Bool { log.isDeletable }

    package init(overrides: [String: String], broker: BrokerSettings, dynamicBroker: [String: String]) {
        let text = { (name: String) -> String in
            Self.layers(of: name, overrides: overrides, broker: broker, dynamicBroker: dynamicBroker)[0].value
        }
        let number = { (name: String) -> Int64 in
            guard let value = Int64(text(name)) else {
                preconditionFailure("\(name) was accepted without being a number")
            }
            return value
        }
        let ratio = { (name: String) -> Double in
            guard let value = Double(text(name)) else {
                preconditionFailure("\(name) was accepted without being a number")
            }
            return value
        }
        self.overrides = overrides
        maxMessageBytes = Int(number("max.message.bytes"))
        let codec = text("compression.type")
        compression = codec == "uncompressed" ? Compression.none : Compression(name: codec)
        compressionLevel =
            switch compression {
            case .gzip: Int(number("compression.gzip.level"))
            case .lz4: Int(number("compression.lz4.level"))
            case .zstd: Int(number("compression.zstd.level"))
            default: nil
            }
        timestampType = text("message.timestamp.type") == "LogAppendTime" ? .logAppendTime : .createTime
        timestampBeforeMaxMilliseconds = number("message.timestamp.before.max.ms")
        timestampAfterMaxMilliseconds = number("message.timestamp.after.max.ms")

        var log = LogConfig()
        log.segmentBytes = Int(number("segment.bytes"))
        log.segmentMilliseconds = number("segment.ms")
        log.indexIntervalBytes = Int(number("index.interval.bytes"))
        log.indexMaxBytes = Int(number("segment.index.bytes"))
        log.producerExpirationMilliseconds = Int64(broker.integer("producer.id.expiration.ms"))
        log.producersMax = broker.integer("partition.producers.max")
        log.decompressedLimitBytes = broker.integer("decompressed.batch.max.bytes")
        let policies = SettingDefinition.elements(of: text("cleanup.policy"))
        log.isCompacted = policies.contains("compact")
        log.minCleanableDirtyRatio = ratio("min.cleanable.dirty.ratio")
        log.minCompactionLagMilliseconds = number("min.compaction.lag.ms")
        log.maxCompactionLagMilliseconds = number("max.compaction.lag.ms")
        log.deleteRetentionMilliseconds = number("delete.retention.ms")
        log.isDeletable = policies.contains("delete")
        log.retentionMilliseconds = number("retention.ms") < 0 ? nil : number("retention.ms")
        log.retentionBytes = number("retention.bytes") < 0 ? nil : number("retention.bytes")
        log.fileDeleteDelayMilliseconds = number("file.delete.delay.ms")
        log.flushMessages = number("flush.messages")
        log.flushMilliseconds = number("flush.ms")
        // Only sealed segments are cleaned: one that stayed active for longer would miss the lag that was promised.
        if log.isCompacted {
            log.segmentMilliseconds = min(log.segmentMilliseconds, log.maxCompactionLagMilliseconds)
        }
        self.log = log
    }

    /// The values that a setting has on each level, the one in force first.
    package static func layers(
        of name: String, overrides: [String: String], broker: BrokerSettings, dynamicBroker: [String: String]
    ) -> [Layer] {
        guard let entry = TopicSettingTable.entry(named: name) else {
            preconditionFailure("there is no setting \(name)")
        }
        var layers: [Layer] = []
        if let value = overrides[name] { layers.append(Layer(name: name, value: value, source: .topic)) }
        if let brokerName = entry.brokerName {
            if let value = dynamicBroker[brokerName] {
                layers.append(Layer(name: brokerName, value: value, source: .dynamicBroker))
            }
            let value = broker[brokerName]
            if value.source != .default {
                layers.append(Layer(name: brokerName, value: value.text, source: .staticBroker))
            }
        }
        let defaultName = entry.brokerName ?? name
        layers.append(Layer(name: defaultName, value: entry.definition.defaultValue, source: .default))
        return layers
    }
}
