import LogStorage
import Synchronization

/// Hands out producer ids, each only once in the life of a data directory (KIP-98).
///
/// Crash rule: ids are reserved in blocks; the end of a block is durable in the file `producer-ids` (one decimal number)
/// before its first id is handed out, so a crash skips ids and never repeats one.
/// Thread rule: any thread; a call may block on the disk, so calls belong on the broker's background queue.
final class ProducerIDs: Sendable {
    private struct State {
        var next: Int64
        var blockEnd: Int64
    }

    private static let blockSize: Int64 = 1000
    static let fileName = "producer-ids"

    private let path: String
    private let fileSystem: any FileSystem
    private let state: Mutex<State>

    init(directory: DataDirectory) throws(StorageError) {
        path = directory.path + "/" + Self.fileName
        fileSystem = directory.fileSystem
        let stored = try AtomicFile.read(path: path, fileSystem: fileSystem, limitBytes: 64)
        var reserved: Int64 = 0
        if let stored {
            guard let number = Self.decode(stored) else {
                throw StorageError(
                    .corrupt,
                    "\(path) does not hold a number. Write a number into it that is above every producer id in use, or have "
                        + "`martlet log check --repair` find one.")
            }
            reserved = number
        }
        state = Mutex(State(next: reserved, blockEnd: reserved))
    }

    static func encode(_ number: Int64) -> [UInt8] { Array("\(number)\n".utf8) }

    /// nil unless it is a number.
    static func decode(_ bytes: [UInt8]) -> Int64? {
        Int64(String(decoding: bytes, as: UTF8.self).trimmingNewline()).flatMap { $0 >= 0 ? $0 : nil }
    }

    func allocate() throws(StorageError) -> Int64 {
        try state.withLock { state throws(StorageError) in
            if state.next == state.blockEnd {
                let end = state.blockEnd + Self.blockSize
                try AtomicFile.replace(path: path, with: Self.encode(end), fileSystem: fileSystem)
                state.blockEnd = end
            }
            defer { state.next += 1 }
            return state.next
        }
    }
}

extension String {
    fileprivate func trimmingNewline() -> String { hasSuffix("\n") ? String(dropLast()) : self }
}
