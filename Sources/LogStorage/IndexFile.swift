// What both indexes of a segment have in common: a sorted array of fixed-size big-endian entries in a file.
//
// Layout: the file holds `storedCount` entries and nothing else. The newest entries are in memory, those of an active segment
// that are still to be written among them; what lies before is mapped when it is looked into. A small index is in memory as
// a whole. No descriptor stays open.
// Crash rule: a cache. Whatever is missing or does not pass `isSane` is rebuilt from the segment.
// Thread rule: plain value inside a segment, guarded by the partition's lock.

struct IndexFile {
    /// Entries in memory at most; the unit of an active partition's memory.
    static let tailEntriesMax = 128

    let directory: LogDirectory
    let baseOffset: Int64
    let kind: FileKind
    let entryBytes: Int
    private let suffix: FileSuffix
    /// Entries in the file.
    private var storedCount = 0
    /// Entries that are only in the file. Invariant: tailStart <= storedCount <= count, and tailStart < count unless there
    /// are none: the last entry is always in memory.
    private var tailStart = 0
    private var tail: [UInt8] = []
    /// Covers the first `tailStart` entries at least.
    private var slot: MappingSlot?

    init(
        directory: LogDirectory, baseOffset: Int64, kind: FileKind, entryBytes: Int, suffix: FileSuffix
    ) {
        self.directory = directory
        self.baseOffset = baseOffset
        self.kind = kind
        self.entryBytes = entryBytes
        self.suffix = suffix
    }

    var path: String { directory.path(baseOffset, kind, suffix) }
    var count: Int { tailStart + tail.count / entryBytes }
    var sizeInBytes: Int { count * entryBytes }

    /// Takes over what the file holds; false when there is none or its size is not a whole number of entries.
    mutating func load() throws(StorageError) -> Bool {
        guard let status = try directory.fileSystem.statusIfPresent(path), status.size % Int64(entryBytes) == 0,
            status.size <= Int64(Int32.max)
        else { return false }
        let count = Int(status.size) / entryBytes
        forgetEntries()
        if count == 0 { return true }
        let file = try File(path, .readOnly, directory.fileSystem)
        return try loadTail(file, from: count > Self.tailEntriesMax ? count - 1 : 0, count: count)
    }

    private mutating func loadTail(_ file: File, from start: Int, count: Int) throws(StorageError) -> Bool {
        let bytes = try file.read(count: (count - start) * entryBytes, at: Int64(start * entryBytes))
        guard bytes.count == (count - start) * entryBytes else { return false }
        (storedCount, tailStart, tail) = (count, start, bytes)
        return true
    }

    private mutating func forgetEntries() {
        (storedCount, tailStart) = (0, 0)
        tail = []
        slot = nil
    }

    /// Forgets all entries, with the file. Where the disk refuses that, the file is replaced by the next spill, and until
    /// then all entries are in memory: a full disk is no reason not to read.
    mutating func reset() {
        forgetEntries()
        try? directory.fileSystem.removeFile(path)
    }

    /// Keeps the first `count` entries. Only for entries that nobody reads at the same time.
    mutating func truncate(toCount count: Int) throws(StorageError) {
        let file = try File(path, .create, directory.fileSystem)
        try file.truncate(to: Int64(min(count, storedCount) * entryBytes))
        slot = nil
        if count > tailStart || count == 0 {
            tail.removeSubrange(min(tail.count, (count - tailStart) * entryBytes)...)
            storedCount = min(count, storedCount)
        } else if try !loadTail(file, from: count - 1, count: count) {
            throw StorageError(.corrupt, "\(path) is shorter than it was.")
        }
    }

    /// Adds an entry made of two big-endian integers. A full tail that cannot be written just stays in memory: the
    /// append that caused this has succeeded, and the next spill tries again.
    ///
    /// - Parameter maySpill: whether a full tail is written now.
    mutating func append<Key: FixedWidthInteger, Value: FixedWidthInteger>(
        _ key: Key, _ value: Value, maySpill: Bool = true
    ) {
        assert((Key.bitWidth + Value.bitWidth) / 8 == entryBytes, "an entry is a key and a value")
        if maySpill && isTailFull {
            try? spill()
            dropStoredTail()
        }
        withUnsafeBytes(of: key.bigEndian) { tail.append(contentsOf: $0) }
        withUnsafeBytes(of: value.bigEndian) { tail.append(contentsOf: $0) }
    }

    /// The next entry has the tail written.
    var isTailFull: Bool { tail.count >= Self.tailEntriesMax * entryBytes }

    /// Writes what is only in memory behind what is stored.
    mutating func spill() throws(StorageError) {
        guard count > storedCount else { return }
        let file = try File(path, storedCount == 0 ? .replace : .create, directory.fileSystem)
        let unstored = Array(tail[((storedCount - tailStart) * entryBytes)...])
        try file.write(unstored, at: Int64(storedCount * entryBytes))
        storedCount = count
    }

    /// Leaves one entry in memory, if the others are in the file.
    private mutating func dropStoredTail() {
        guard storedCount == count, count > 0 else { return }
        tailStart = count - 1
        tail.removeFirst(tail.count - entryBytes)
        // It may end before them.
        slot = nil
    }

    /// Whether entries can be looked at without waiting for the disk.
    ///
    /// - Parameter isWritten: the file was written to a moment ago, so that mapping it needs nothing of the disk.
    mutating func isResident(isWritten: Bool) -> Bool {
        if tailStart == 0 { return true }
        // What cannot be mapped is not resident; who waits for the disk is told why.
        if isWritten { _ = try? mapping() }
        return slot?.mapping?.isResident(position: 0, count: tailStart * entryBytes) ?? false
    }

    /// What looking at entries reads; nil if all are in memory.
    var lookupPart: LookupFiles.Part? {
        if tailStart == 0 { return nil }
        return slot?.mapping.map { .mapped($0, byteCount: tailStart * entryBytes) } ?? .whole(path: path)
    }

    /// The integer at `byte` of the last entry; nil without any.
    func loadLast<Integer: FixedWidthInteger & BitwiseCopyable>(at byte: Int, as type: Integer.Type) -> Integer? {
        if tail.isEmpty { return nil }
        let position = tail.count - entryBytes + byte
        return Integer(bigEndian: tail.span.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: Integer.self))
    }

    // MARK: Reading

    /// The entries as they are now. They do not change any more, so what is found can be read without asking again.
    struct Entries {
        fileprivate let mapping: SegmentMapping?
        fileprivate let tail: [UInt8]
        fileprivate let tailStart: Int
        fileprivate let entryBytes: Int
        let count: Int

        /// The integer at `byte` of an entry.
        func load<Integer: FixedWidthInteger & BitwiseCopyable>(_ entry: Int, at byte: Int, as type: Integer.Type)
            -> Integer
        {
            precondition(entry >= 0 && entry < count, "an entry of this index")
            let position = (entry < tailStart ? entry : entry - tailStart) * entryBytes + byte
            if entry < tailStart, let mapping {
                let bytes = mapping.span(position..<position + MemoryLayout<Integer>.size)
                return Integer(bigEndian: bytes.unsafeLoadUnaligned(as: Integer.self))
            }
            return Integer(bigEndian: tail.span.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: Integer.self))
        }

        /// The last entry for which `holds`, nil when it holds for none; it must hold for a prefix of the entries.
        func last(where holds: (Int) -> Bool) -> Int? {
            var low = 0
            var high = count
            while low < high {
                let middle = (low + high) / 2
                if holds(middle) { low = middle + 1 } else { high = middle }
            }
            return low == 0 ? nil : low - 1
        }
    }

    /// Throws when the file cannot be mapped (again).
    mutating func entries() throws(StorageError) -> Entries {
        Entries(
            mapping: tailStart > 0 ? try mapping() : nil, tail: tail, tailStart: tailStart, entryBytes: entryBytes,
            count: count)
    }

    private mutating func mapping() throws(StorageError) -> SegmentMapping {
        if let mapping = slot?.mapping { return mapping }
        let file = try File(path, .readOnly, directory.fileSystem)
        let mapping = try SegmentMapping(file, capacity: tailStart * entryBytes)
        let slot = slot ?? MappingSlot(directory.pool)
        self.slot = slot
        slot.replace(with: mapping)
        return mapping
    }
}
