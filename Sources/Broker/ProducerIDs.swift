import LogStorage
import Logging
import Synchronization

/// Hands out producer ids, each only once in the life of a data directory (KIP-98).
///
/// Crash rule: ids are reserved in blocks; the end of a block is durable in the file `producer-ids` (one decimal number)
/// before its first id is handed out, so a crash skips ids and never repeats one. Where the file is missing, nobody has ever
/// asked for an id, or it was lost, or the logs are another broker's: whoever asks first has all logs looked into, and gets
/// one above every id that they know.
/// Thread rule: any thread; a call may block on the disk, so calls belong on the broker's background queue. The mutex is
/// outside of those of partitions.
final class ProducerIDs: Sendable {
    private struct State {
        var next: Int64
        var blockEnd: Int64
    }

    private static let blockSize: Int64 = 1000
    static let fileName = "producer-ids"

    private let path: String
    private let fileSystem: any FileSystem
    private let topics: TopicRegistry
    private let logger: Logger
    /// nil until the first call, if there was no file.
    private let state: Mutex<State?>

    init(directory: DataDirectory, topics: TopicRegistry, logger: Logger) throws(StorageError) {
        path = directory.path + "/" + Self.fileName
        fileSystem = directory.fileSystem
        self.topics = topics
        self.logger = logger
        guard let stored = try AtomicFile.read(path: path, fileSystem: fileSystem, limitBytes: 64) else {
            state = Mutex(nil)
            return
        }
        guard let reserved = Self.decode(stored) else {
            throw StorageError(
                .corrupt,
                "\(path) does not hold a number. Write a number into it that is above every producer id in use, or have "
                    + "`martlet log check --repair` find one.")
        }
        state = Mutex(State(next: reserved, blockEnd: reserved))
    }

    static func encode(_ number: Int64) -> [UInt8] { Array("\(number)\n".utf8) }

    /// nil unless it is a number.
    static func decode(_ bytes: [UInt8]) -> Int64? {
        Int64(String(decoding: bytes, as: UTF8.self).trimmingNewline()).flatMap { $0 >= 0 ? $0 : nil }
    }

    func allocate() throws(StorageError) -> Int64 {
        try state.withLock { stored throws(StorageError) in
            var state = stored ?? unused()
            if state.next == state.blockEnd {
                let end = state.blockEnd + Self.blockSize
                try AtomicFile.replace(path: path, with: Self.encode(end), fileSystem: fileSystem)
                state.blockEnd = end
            }
            state.next += 1
            stored = state
            return state.next - 1
        }
    }

    /// Above every id that any log knows. Loads all of them, once in the life of a directory.
    private func unused() -> State {
        var largest = LargestProducerID()
        for partition in topics.current.all.flatMap(\.partitions) {
            do throws(StorageError) {
                for producer in try partition.producers() { largest.note(producer.producerID) }
            } catch {
                if partition.isDeleted { continue }
                let name = "\(partition.name.topic)-\(partition.name.partition)"
                logger.warning("what producers \(name) knows cannot be found out: \(error.message)")
            }
        }
        let first = largest.firstUnused
        if first > 0 {
            logger.notice("\(path) is missing, but logs know producers: new ones get ids from \(first) on")
        }
        return State(next: first, blockEnd: first)
    }
}

extension String {
    fileprivate func trimmingNewline() -> String { hasSuffix("\n") ? String(dropLast()) : self }
}
