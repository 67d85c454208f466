// One log: appending to it, finding an offset in it.

import KafkaRecords
import LogStorage
import TestSupport

extension MeasuredPath {
    static let storage = [
        MeasuredPath(name: "append a batch of 4 KiB", repetitions: 2_000) {
            let log = try TemporaryLog()
            let batch = BatchFixtures.batch(count: 4, valueBytes: 1_000)
            return { times in
                for _ in 0..<times { try log.append(batch) }
            }
        },
        MeasuredPath(name: "append a batch of 1 record", repetitions: 5_000) {
            let log = try TemporaryLog()
            let batch = BatchFixtures.batch(count: 1, valueBytes: 100)
            return { times in
                for _ in 0..<times { try log.append(batch) }
            }
        },
        MeasuredPath(name: "find an offset among 10,000 batches", repetitions: 5_000) {
            let log = try TemporaryLog()
            let batch = BatchFixtures.batch(count: 10, valueBytes: 100)
            for _ in 0..<10_000 { try log.append(batch) }
            return { times in
                for index in 0..<times {
                    // A step that shares no factor with the number of records comes to all of them.
                    let offset = Int64(index * 7_919 % 100_000)
                    let location = try log.log.locate(offset, maxBytes: 1 << 20)
                    keep(try location?.slice(from: offset, maxBytes: 1 << 20, atLeastOneBatch: true))
                }
            }
        },
    ]
}

/// A log whose directory goes with it.
private final class TemporaryLog {
    private let root = TemporaryDirectory("martlet-path")
    let log: Log

    init() throws {
        let fileSystem = PosixFileSystem()
        let name = TopicPartitionName(topic: "orders", partition: 0)
        let path = root.path + "/" + name.directoryName
        try Log.create(directory: path, fileSystem: fileSystem)
        (log, _) = try Log.open(
            directory: path, name: name, config: LogConfig(), fileSystem: fileSystem, time: ManualClock(),
            start: .clean(logStartOffset: nil))
    }

    func append(_ batch: [UInt8]) throws {
        keep(try log.append(batch.span.bytes, header: BatchHeader(parsing: batch.span.bytes)))
    }
}
