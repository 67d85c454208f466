// The internal topic `__consumer_offsets`: where groups and committed offsets live on disk.
//
// Layout: records in Kafka's key and value format (`GroupRecord`), compacted by key. A group's records are in the partition
// that the hash of its id names, so existing tools find them.
// Crash rule: a step of a group is one batch: it is there as a whole or not at all. Only what deletes more than a segment can
// hold is several; a crash in between leaves the rest, of which nobody was told that it is gone.
// Thread rule: Sendable; the records of one partition are appended under its shard's lock, so their order is that of the steps.

import KafkaProtocol
import KafkaRecords
import LogStorage
import Logging

struct OffsetsTopic: Sendable {
    static let name = "__consumer_offsets"

    let topics: TopicRegistry
    let settings: BrokerSettings
    let time: any TimeSource
    let logger: Logger

    var topic: Topic? { topics.current.byName[Self.name] }

    /// Fixed from the creation of the topic on: a group is found by it.
    var partitionCount: Int { topic?.partitions.count ?? settings.integer("offsets.topic.num.partitions") }

    /// The settings that the topic needs to be what it is.
    static func overrides(_ settings: BrokerSettings) -> [String: String] {
        [
            "cleanup.policy": "compact", "compression.type": "producer",
            "segment.bytes": settings["offsets.topic.segment.bytes"].text,
        ]
    }

    /// Makes the topic if it is not there; blocks on the disk.
    func create() throws(TopicError) {
        guard topic == nil else { return }
        do throws(TopicError) {
            _ = try topics.create(
                NewTopic(
                    name: Self.name, partitionCount: Int32(clamping: partitionCount), replicationFactor: 1,
                    overrides: Self.overrides(settings)))
        } catch  where error.code == .topicAlreadyExists {
            // Two asked at once.
        }
    }

    /// Appends the records of one step as one batch; as several if they may be divided and do not fit into one.
    ///
    /// - Parameter storedCount: raised by the records that are in the log, also by those before an error.
    func append(
        _ records: [GroupRecord], divisible: Bool, to partition: Partition, for purpose: DiskSpace.Purpose,
        storedCount: inout Int
    ) throws(StorageError) {
        var builder = RecordBatchBuilder()
        let now = time.wallMilliseconds
        let limit = divisible ? topic?.config.segmentBytes ?? .max : .max
        for record in records {
            let (key, value) = record.stamped(milliseconds: now).encoded()
            let size = key.count + (value?.count ?? 0) + Self.recordOverheadBytes
            if builder.count > 0, builder.estimatedSizeInBytes + size > limit {
                storedCount += try append(&builder, to: partition, for: purpose)
            }
            builder.append(timestamp: now, key: key, value: value)
        }
        storedCount += try append(&builder, to: partition, for: purpose)
    }

    /// What stands before and behind key and value in a record without headers is at most as long.
    private static let recordOverheadBytes = 32

    /// - Returns: how many records the batch has.
    private func append(
        _ builder: inout RecordBatchBuilder, to partition: Partition, for purpose: DiskSpace.Purpose
    ) throws(StorageError) -> Int {
        let count = builder.count
        let batch: [UInt8]
        let header: BatchHeader
        do throws(RecordError) {
            batch = try builder.build()
            header = try BatchHeader(parsing: batch.span.bytes)
        } catch {
            throw StorageError(.batchTooLarge, "The records of a group do not fit into a batch: \(error).")
        }
        _ = try partition.append(batch.span.bytes, header: header, for: purpose)
        return count
    }

    // MARK: Replay

    /// Reads a partition from its beginning and hands over every record that can be read; damage is logged and left out.
    ///
    /// Behind damage the next batch is looked for offset by offset, with the help of the log's index.
    func replay(_ partition: Partition, _ apply: (GroupRecord) -> Void) throws(StorageError) {
        let bounds = try partition.bounds()
        var next = bounds.logStartOffset
        var damage: (start: Int64, reason: String)?
        while next < bounds.logEndOffset {
            var reason: String?
            let start = next
            do throws(StorageError) {
                guard let slice = try partition.read(from: next, maxBytes: Self.readBytes, atLeastOneBatch: true).slice
                else { break }
                // The span is of a mapping that the slice holds, and used in this closure only.
                (next, reason) = slice.withUnsafeBytes { replay($0.bytes, from: start, bounds.logEndOffset, apply) }
            } catch {
                guard error.code == .corrupt else { throw error }
                reason = error.message
            }
            if let found = damage, next > start {
                report(found, until: next, partition.name)
                damage = nil
            }
            guard let reason else { continue }
            if damage == nil { damage = (next, reason) }
            next += 1
        }
        if let damage { report(damage, until: next, partition.name) }
    }

    private static let readBytes = 4 << 20

    private func report(_ damage: (start: Int64, reason: String), until end: Int64, _ name: TopicPartitionName) {
        logger.error(
            """
            \(name.topic)-\(name.partition) is damaged between offsets \(damage.start) and \(end): \(damage.reason). What groups \
            have committed there is lost; they go on from older commits.
            """)
    }

    /// - Returns: the offset behind the last batch that is good, and what is wrong with the one behind it.
    private func replay(
        _ bytes: RawSpan, from start: Int64, _ end: Int64, _ apply: (GroupRecord) -> Void
    ) -> (next: Int64, problem: String?) {
        var next = start
        var position = 0
        while position < bytes.byteCount {
            do throws(RecordError) {
                let batch = try RecordBatch(bytes.extracting(droppingFirst: position))
                guard batch.header.lastOffset >= next, batch.header.nextOffset <= end else {
                    return (next, "a batch of offset \(batch.header.baseOffset) is out of place")
                }
                try batch.verifyChecksum()
                let records =
                    batch.header.isControl ? [] : try batch.records(decompressedLimitBytes: Self.batchMaxBytes)
                for record in records { replay(record, apply) }
                position += batch.header.sizeInBytes
                next = batch.header.nextOffset
            } catch {
                return (next, "\(error)")
            }
        }
        return (next, nil)
    }

    private static let batchMaxBytes = 256 << 20

    private func replay(_ record: Record, _ apply: (GroupRecord) -> Void) {
        guard let key = record.key else { return }
        do throws(WireError) {
            if let known = try GroupRecord(key: key, value: record.value) { apply(known) }
        } catch {
            logger.error(
                "\(Self.name) has a record at offset \(record.offset) that cannot be read: \(error)")
        }
    }
}

extension GroupRecord {
    /// The state machines of groups know no wall clock: the time of a change is that of its record.
    fileprivate func stamped(milliseconds: Int64) -> GroupRecord {
        guard case .groupMetadata(let key, var value?) = self else { return self }
        value.currentStateTimestamp = milliseconds
        return .groupMetadata(key, value)
    }
}
