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

    mutating func append(offset: Int64, position: Int) {
        file.append(Int32(offset - file.baseOffset), Int32(position))
    }

    func offset(_ entry: Int) -> Int64 {
        file.baseOffset + Int64(file.load(entry, at: Self.relativeOffset, as: Int32.self))
    }

    func position(_ entry: Int) -> Int { Int(file.load(entry, at: Self.position, as: Int32.self)) }

    /// Position to start a scan for `offset` at: that of the last indexed batch which ends at or before it.
    func floor(offset: Int64) -> Int {
        file.lastEntry { self.offset($0) <= offset }.map { position($0) } ?? 0
    }

    /// The entry to start a scan for `offset` at; nil for the start of the segment.
    func entry(offset: Int64) -> Entry? {
        file.lastEntry { self.offset($0) <= offset }.map { Entry(lastOffset: self.offset($0), position: position($0)) }
    }

    /// The last entry whose batch does not start behind `position`.
    func entry(position limit: Int) -> Entry? {
        file.lastEntry { position($0) <= limit }.map { Entry(lastOffset: offset($0), position: position($0)) }
    }

    /// The last indexed batch start that is not behind `position`; 0 when there is none.
    func floor(position limit: Int) -> Int {
        file.lastEntry { self.position($0) <= limit }.map { position($0) } ?? 0
    }

    /// Sorted, and inside a segment of `segmentSize` bytes.
    func isSane(segmentSize: Int) -> Bool {
        var lastOffset: Int64 = file.baseOffset - 1
        var lastPosition = -1
        for entry in 0..<file.count {
            let (offset, position) = (offset(entry), position(entry))
            guard offset > lastOffset, position > lastPosition, position < segmentSize else { return false }
            (lastOffset, lastPosition) = (offset, position)
        }
        return true
    }
}
