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
    private static let fileName = "producer-ids"

    private let path: String
    private let fileSystem: any FileSystem
    private let state: Mutex<State>

    init(directory: DataDirectory) throws(StorageError) {
        path = directory.path + "/" + Self.fileName
        fileSystem = directory.fileSystem
        let stored = try AtomicFile.read(path: path, fileSystem: fileSystem, limitBytes: 64)
        var reserved: Int64 = 0
        if let stored {
            let text = String(decoding: stored, as: UTF8.self).trimmingNewline()
            guard let number = Int64(text), number >= 0 else {
                throw StorageError(
                    .corrupt,
                    "\(path) does not hold a number. Write a number into it that is above every producer id in use.")
            }
            reserved = number
        }
        state = Mutex(State(next: reserved, blockEnd: reserved))
    }

    func allocate() throws(StorageError) -> Int64 {
        try state.withLock { state throws(StorageError) in
            if state.next == state.blockEnd {
                let end = state.blockEnd + Self.blockSize
                try AtomicFile.replace(path: path, with: Array("\(end)\n".utf8), fileSystem: fileSystem)
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
