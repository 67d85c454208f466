// Offsets to positions in one segment, sparse: about one entry for every `index.interval.bytes`.
//
// Layout (Kafka's): 8-byte entries, big-endian: last offset of a batch relative to the segment's base (Int32), position
// of that batch (Int32). Both strictly ascend.
// Crash and thread rule: `IndexFile`.

struct OffsetIndex {
    static let relativeOffset = 0
    static let position = relativeOffset + 4
    static let entryBytes = position + 4

    /// One entry: the last offset of a batch, and where that batch starts.
    struct Entry: Equatable {
        let lastOffset: Int64
        let position: Int
    }

    var file: IndexFile

    init(directory: LogDirectory, baseOffset: Int64, suffix: FileSuffix = .none) {
        assert(Self.entryBytes == 8, "Kafka's entries have 8 bytes")
        file = IndexFile(
            directory: directory, baseOffset: baseOffset, kind: .offsetIndex, entryBytes: Self.entryBytes,
            suffix: suffix)
    }

    mutating func append(offset: Int64, position: Int, maySpill: Bool = true) {
        file.append(Int32(offset - file.baseOffset), Int32(position), maySpill: maySpill)
    }

    /// The entries as they are now.
    struct Entries {
        fileprivate let raw: IndexFile.Entries
        fileprivate let baseOffset: Int64

        var count: Int { raw.count }

        func offset(_ entry: Int) -> Int64 {
            baseOffset + Int64(raw.load(entry, at: OffsetIndex.relativeOffset, as: Int32.self))
        }

        func position(_ entry: Int) -> Int { Int(raw.load(entry, at: OffsetIndex.position, as: Int32.self)) }

        func last(where holds: (Int) -> Bool) -> Int? { raw.last(where: holds) }

        func entry(_ entry: Int) -> Entry { Entry(lastOffset: offset(entry), position: position(entry)) }
    }

    mutating func entries() throws(StorageError) -> Entries {
        Entries(raw: try file.entries(), baseOffset: file.baseOffset)
    }

    /// Position to start a scan for `offset` at: that of the last indexed batch which ends at or before it.
    mutating func floor(offset: Int64) throws(StorageError) -> Int { try entry(offset: offset)?.position ?? 0 }

    /// The entry to start a scan for `offset` at; nil for the start of the segment.
    mutating func entry(offset: Int64) throws(StorageError) -> Entry? {
        let entries = try entries()
        return entries.last { entries.offset($0) <= offset }.map(entries.entry)
    }

    /// The last entry whose batch does not start behind `position`.
    mutating func entry(position limit: Int) throws(StorageError) -> Entry? {
        let entries = try entries()
        return entries.last { entries.position($0) <= limit }.map(entries.entry)
    }

    /// The last indexed batch start that is not behind `position`; 0 when there is none.
    mutating func floor(position limit: Int) throws(StorageError) -> Int { try entry(position: limit)?.position ?? 0 }

    /// Where the last indexed batch starts; 0 when there is none.
    var lastPosition: Int { file.loadLast(at: Self.position, as: Int32.self).map(Int.init) ?? 0 }

    /// The last entry; nil when there is none.
    var last: Entry? {
        file.loadLast(at: Self.relativeOffset, as: Int32.self)
            .map { Entry(lastOffset: file.baseOffset + Int64($0), position: lastPosition) }
    }

    /// Sorted, and inside a segment of `segmentSize` bytes.
    mutating func isSane(segmentSize: Int) throws(StorageError) -> Bool {
        let entries = try entries()
        var lastOffset: Int64 = file.baseOffset - 1
        var lastPosition = -1
        for entry in 0..<entries.count {
            let (offset, position) = (entries.offset(entry), entries.position(entry))
            guard offset > lastOffset, position > lastPosition, position < segmentSize else { return false }
            (lastOffset, lastPosition) = (offset, position)
        }
        return true
    }
}
