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
        guard timestamp >= 0, timestamp > last?.timestamp ?? -1 else { return }
        file.append(timestamp, Int32(offset - file.baseOffset))
    }

    /// The entries as they are now.
    struct Entries {
        fileprivate let raw: IndexFile.Entries
        fileprivate let baseOffset: Int64

        var count: Int { raw.count }

        func timestamp(_ entry: Int) -> Int64 { raw.load(entry, at: TimeIndex.timestamp, as: Int64.self) }

        func offset(_ entry: Int) -> Int64 {
            baseOffset + Int64(raw.load(entry, at: TimeIndex.relativeOffset, as: Int32.self))
        }

        func last(where holds: (Int) -> Bool) -> Int? { raw.last(where: holds) }
    }

    mutating func entries() throws(StorageError) -> Entries {
        Entries(raw: try file.entries(), baseOffset: file.baseOffset)
    }

    /// The last entry that is not later than a time: all before the batch that it names are earlier. nil when all are later.
    mutating func entry(notAfter timestamp: Int64) throws(StorageError) -> (timestamp: Int64, offset: Int64)? {
        let entries = try entries()
        return entries.last { entries.timestamp($0) <= timestamp }
            .map { (entries.timestamp($0), entries.offset($0)) }
    }

    /// The largest timestamp that is indexed and the offset that it was indexed with.
    var last: (timestamp: Int64, offset: Int64)? {
        guard let timestamp = file.loadLast(at: Self.timestamp, as: Int64.self),
            let relativeOffset = file.loadLast(at: Self.relativeOffset, as: Int32.self)
        else { return nil }
        return (timestamp, file.baseOffset + Int64(relativeOffset))
    }

    /// Sorted, and for offsets before `endOffset`.
    mutating func isSane(endOffset: Int64) throws(StorageError) -> Bool {
        let entries = try entries()
        var last: (timestamp: Int64, offset: Int64) = (-1, file.baseOffset - 1)
        for entry in 0..<entries.count {
            let next = (timestamp: entries.timestamp(entry), offset: entries.offset(entry))
            guard next.timestamp > last.timestamp, next.offset > last.offset, next.offset < endOffset else {
                return false
            }
            last = next
        }
        return true
    }
}
