// A log in a directory in memory, for the targets that open one.

import Glibc

@testable import KafkaRecords
@testable import LogStorage

enum ScratchLog {
    /// A directory in memory that every run empties.
    static let root: String = {
        var template = Array("/dev/shm/martlet-fuzz-XXXXXX".utf8CString)
        guard template.withUnsafeMutableBufferPointer({ mkdtemp($0.baseAddress!) }) != nil else {
            fatalError("no scratch")
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()
    static let fileSystem = PosixFileSystem()
    private static let name = TopicPartitionName(topic: "fuzz", partition: 0)

    static func directory() -> String {
        let path = root + "/fuzz-0"
        try? Log.remove(directory: path, fileSystem: fileSystem)
        guard (try? Log.create(directory: path, fileSystem: fileSystem)) != nil else { fatalError("no directory") }
        return path
    }

    static func write(_ path: String, _ bytes: [UInt8]) {
        guard let file = try? File(path, .replace, fileSystem), (try? file.write(bytes, at: 0)) != nil else {
            fatalError("\(path) was not written")
        }
    }

    static func open(
        _ path: String, _ start: LogStart, journaled: [JournaledRange] = []
    ) -> Log? {
        var config = LogConfig()
        config.segmentBytes = 1 << 20
        config.indexIntervalBytes = 200
        return try? Log.open(
            directory: path, name: name, config: config, fileSystem: fileSystem, time: SystemTime(), start: start,
            journaled: journaled
        ).log
    }

    static func batch(_ index: Int) -> [UInt8] {
        var builder = RecordBatchBuilder()
        let value = [UInt8](repeating: UInt8(97 + index % 26), count: 40)
        for record in 0..<3 { builder.append(timestamp: Int64(1_000 + index * 10 + record), key: nil, value: value) }
        guard let batch = try? builder.build() else { fatalError("a batch can be built") }
        return batch
    }

    static let good: [UInt8] = {
        let path = directory()
        guard let log = open(path, .clean(logStartOffset: nil)) else { fatalError("a new log opens") }
        for index in 0..<40 {
            let batch = ScratchLog.batch(index)
            guard let header = try? BatchHeader(parsing: batch.span.bytes),
                (try? log.append(batch.span.bytes, header: header)) != nil
            else { fatalError("a batch is appended") }
        }
        try? log.close()
        let read = try? AtomicFile.read(path: path + "/00000000000000000000.log", fileSystem: fileSystem)
        guard let bytes = read ?? nil else { fatalError("a segment is written") }
        return bytes
    }()

    /// Whatever was found in it, a log that is open takes records at its end, and closes.
    static func requireUsable(_ log: Log, end: Int64) {
        let batch = ScratchLog.batch(0)
        guard let header = try? BatchHeader(parsing: batch.span.bytes),
            let appended = try? log.append(batch.span.bytes, header: header)
        else { fatalError("the log takes records") }
        require(appended.baseOffset == end, "at its end")
        guard (try? log.close()) != nil else { fatalError("the log closes") }
    }
}
