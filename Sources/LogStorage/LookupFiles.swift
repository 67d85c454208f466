// The files that finding an offset looks into. They are read into memory without the partition's lock, before the lock is taken:
// appends do not wait for a disk that somebody else's old records are read from.
//
// Thread rule: Sendable and immutable; `readIn` waits for the disk.

package struct LookupFiles: Sendable {
    enum Part: Sendable {
        /// An index that is mapped.
        case mapped(SegmentMapping, byteCount: Int)
        /// A file that is opened and read under the lock when it is needed.
        case whole(path: String)
        /// The same, but only its end.
        case end(path: String)
    }

    /// What is walked behind the last entry of an index.
    private static let endBytes: Int64 = 256 << 10
    private static let pieceBytes = 1 << 20

    let parts: [Part]
    let fileSystem: any FileSystem

    /// Best effort: what cannot be read now is an error of whoever needs it.
    package func readIn() {
        for part in parts {
            switch part {
            case .mapped(let mapping, let byteCount):
                if !mapping.isResident(position: 0, count: byteCount) { mapping.readIn(0..<byteCount) }
            case .whole(let path): try? read(path, lastBytes: .max)
            case .end(let path): try? read(path, lastBytes: Self.endBytes)
            }
        }
    }

    private func read(_ path: String, lastBytes: Int64) throws(StorageError) {
        guard try fileSystem.statusIfPresent(path) != nil else { return }
        let file = try File(path, .readOnly, fileSystem)
        let size = try file.size()
        var position = max(0, size - min(size, lastBytes))
        while position < size {
            let piece = try file.read(count: Int(min(Int64(Self.pieceBytes), size - position)), at: position)
            if piece.isEmpty { return }
            position += Int64(piece.count)
        }
    }
}
