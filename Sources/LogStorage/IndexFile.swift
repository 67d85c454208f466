// What both indexes of a segment have in common: a sorted array of fixed-size big-endian entries in a file.
//
// Layout: the file holds `storedCount` entries and nothing else. The newest entries of an active segment wait in a small
// tail in memory and are written in one go; no descriptor stays open.
// Crash rule: a cache. Whatever is missing or does not pass `isSane` is rebuilt from the segment.
// Thread rule: plain value inside a segment, guarded by the partition's lock.

struct IndexFile {
    /// Entries that wait in memory for one write; the unit of an active partition's memory.
    static let tailEntriesMax = 128

    let directory: LogDirectory
    let baseOffset: Int64
    let kind: FileKind
    let entryBytes: Int
    private let suffix: FileSuffix
    private var storedCount = 0
    private var tail: [UInt8] = []
    private var mapping: SegmentMapping?

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
    var count: Int { storedCount + tail.count / entryBytes }
    var sizeInBytes: Int { count * entryBytes }

    /// Takes over what the file holds; false when there is none or its size is not a whole number of entries.
    mutating func load() throws(StorageError) -> Bool {
        guard let status = try directory.fileSystem.statusIfPresent(path), status.size % Int64(entryBytes) == 0,
            status.size <= Int64(Int32.max)
        else { return false }
        storedCount = Int(status.size) / entryBytes
        tail = []
        mapping = nil
        try mapStored()
        return true
    }

    /// Forgets all entries, in the file too. Where the disk refuses that, the file is replaced by the next spill, and until
    /// then all entries are in memory: a full disk is no reason not to read.
    mutating func reset() {
        storedCount = 0
        tail = []
        mapping = nil
        try? truncate(toCount: 0)
    }

    /// Keeps the first `count` entries. Only for entries that nobody reads at the same time.
    mutating func truncate(toCount count: Int) throws(StorageError) {
        let kept = min(count, storedCount)
        try File(path, .create, directory.fileSystem).truncate(to: Int64(kept * entryBytes))
        tail.removeSubrange(min(tail.count, (count - kept) * entryBytes)...)
        storedCount = kept
        mapping = nil
        try mapStored()
    }

    /// Adds an entry made of two big-endian integers. A full tail that cannot be written just stays in memory: the
    /// append that caused this has succeeded, and the next spill tries again.
    mutating func append<Key: FixedWidthInteger, Value: FixedWidthInteger>(_ key: Key, _ value: Value) {
        assert((Key.bitWidth + Value.bitWidth) / 8 == entryBytes, "an entry is a key and a value")
        if tail.count >= Self.tailEntriesMax * entryBytes { try? spill() }
        withUnsafeBytes(of: key.bigEndian) { tail.append(contentsOf: $0) }
        withUnsafeBytes(of: value.bigEndian) { tail.append(contentsOf: $0) }
    }

    /// Writes the tail behind what is stored.
    mutating func spill() throws(StorageError) {
        guard !tail.isEmpty else { return }
        let file = try File(path, storedCount == 0 ? .replace : .create, directory.fileSystem)
        try file.write(tail, at: Int64(storedCount * entryBytes))
        storedCount = count
        tail = []
        mapping = nil
        try mapStored(file)
    }

    /// Whether what is stored can be looked at without waiting for the disk.
    var isResident: Bool { mapping?.isResident(position: 0, count: storedCount * entryBytes) ?? true }

    var lookupPart: LookupFiles.Part? { mapping.map { .mapped($0, byteCount: storedCount * entryBytes) } }

    /// The integer at `byte` of an entry.
    func load<Integer: FixedWidthInteger & BitwiseCopyable>(_ entry: Int, at byte: Int, as type: Integer.Type)
        -> Integer
    {
        precondition(entry >= 0 && entry < count, "an entry of this index")
        let position = (entry < storedCount ? entry : entry - storedCount) * entryBytes + byte
        if entry < storedCount, let mapping {
            let bytes = mapping.span(position..<position + MemoryLayout<Integer>.size)
            return Integer(bigEndian: bytes.unsafeLoadUnaligned(as: Integer.self))
        }
        return Integer(bigEndian: tail.span.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: Integer.self))
    }

    /// The last entry for which `holds`, nil when it holds for none; it must hold for a prefix of the entries.
    func lastEntry(where holds: (Int) -> Bool) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : low - 1
    }

    private mutating func mapStored(_ opened: File? = nil) throws(StorageError) {
        guard storedCount > 0 else { return }
        let file: File
        if let opened { file = opened } else { file = try File(path, .readOnly, directory.fileSystem) }
        mapping = try SegmentMapping(file, capacity: storedCount * entryBytes)
    }
}
