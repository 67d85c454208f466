// Timestamps to offsets in one segment, sparse.
//
// Layout (Kafka's): 12-byte entries, big-endian: the largest timestamp so far (Int64), last offset of the batch that
// brought it, relative to the segment's base (Int32). Timestamps strictly ascend. The last entry of a sealed segment is
// its largest timestamp.
// Crash and thread rule: `IndexFile`.

struct TimeIndex {
    static let timestamp = 0
    static let relativeOffset = timestamp + 8
    static let entryBytes = relativeOffset + 4

    var file: IndexFile

    init(directory: LogDirectory, baseOffset: Int64, suffix: FileSuffix = .none) {
        assert(Self.entryBytes == 12, "Kafka's entries have 12 bytes")
        file = IndexFile(
            directory: directory, baseOffset: baseOffset, kind: .timeIndex, entryBytes: Self.entryBytes, suffix: suffix)
    }

    /// Adds an entry unless the largest timestamp has not grown since the last one.
    mutating func appendIfLarger(timestamp: Int64, offset: Int64) {
        guard timestamp >= 0, file.count == 0 || timestamp > self.timestamp(file.count - 1) else { return }
        file.append(timestamp, Int32(offset - file.baseOffset))
    }

    func timestamp(_ entry: Int) -> Int64 { file.load(entry, at: Self.timestamp, as: Int64.self) }

    func offset(_ entry: Int) -> Int64 {
        file.baseOffset + Int64(file.load(entry, at: Self.relativeOffset, as: Int32.self))
    }

    /// The last entry that is not later than a time: all before the batch that it names are earlier. nil when all are later.
    func entry(notAfter timestamp: Int64) -> Int? {
        file.lastEntry { self.timestamp($0) <= timestamp }
    }

    /// The largest timestamp that is indexed and the offset that it was indexed with.
    var last: (timestamp: Int64, offset: Int64)? {
        file.count == 0 ? nil : (timestamp(file.count - 1), offset(file.count - 1))
    }

    /// Sorted, and for offsets before `endOffset`.
    func isSane(endOffset: Int64) -> Bool {
        var last: (timestamp: Int64, offset: Int64) = (-1, file.baseOffset - 1)
        for entry in 0..<file.count {
            let next = (timestamp: timestamp(entry), offset: offset(entry))
            guard next.timestamp > last.timestamp, next.offset > last.offset, next.offset < endOffset else {
                return false
            }
            last = next
        }
        return true
    }
}
