import KafkaRecords

/// The first and the last block of a journal: how it is divided, and whose records it holds. It is there twice, because without it
/// nothing in the journal can be read.
struct JournalLayout: Equatable {
    private static let magic: UInt32 = 0x4D_4A_48_31  // "MJH1"
    private static let encodedBytes = 24
    private static let sectionBytesMax = 1 << 28

    let sectionBytes: Int
    /// Drawn anew whenever the journal is opened for writing; records of another one are old.
    let generation: UInt64

    /// For a file of about so many bytes.
    init(bytes: Int64) {
        let blocks = Int(min(max(bytes, CommitJournal.bytesMin), 1 << 31)) / CommitJournal.sectionCount
        sectionBytes = blocks / CommitJournal.blockBytes * CommitJournal.blockBytes
        generation = .random(in: .min ... .max)
    }

    private init(sectionBytes: Int, generation: UInt64) {
        self.sectionBytes = sectionBytes
        self.generation = generation
    }

    /// As divided, and empty.
    var renewed: JournalLayout { JournalLayout(sectionBytes: sectionBytes, generation: .random(in: .min ... .max)) }

    func start(of section: Int) -> Int64 { Int64(CommitJournal.blockBytes + section * sectionBytes) }

    private var copyPosition: Int64 { start(of: CommitJournal.sectionCount) }
    var fileBytes: Int64 { copyPosition + Int64(CommitJournal.blockBytes) }

    /// nil if there is none, or none that parses.
    static func read(from file: File) throws(StorageError) -> JournalLayout? {
        if let layout = decode(try file.read(count: encodedBytes, at: 0)[...]) { return layout }
        let copyPosition = try file.size() - Int64(CommitJournal.blockBytes)
        return copyPosition > 0 ? decode(try file.read(count: encodedBytes, at: copyPosition)[...]) : nil
    }

    func write(to file: File) throws(StorageError) {
        try file.write(encoded, at: copyPosition)
        try file.write(encoded, at: 0)
    }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> JournalLayout? {
        let span = bytes.span.bytes
        guard span.byteCount == encodedBytes, span.bigEndian(at: 0) == magic,
            span.bigEndian(at: 4, as: UInt32.self) == crc32c(span.extracting(8..<encodedBytes))
        else { return nil }
        let sectionBytes = Int(span.bigEndian(at: 8, as: Int64.self))
        guard (CommitJournal.blockBytes...sectionBytesMax).contains(sectionBytes),
            sectionBytes % CommitJournal.blockBytes == 0
        else { return nil }
        return JournalLayout(sectionBytes: sectionBytes, generation: span.bigEndian(at: 16))
    }

    /// The whole block.
    var encoded: [UInt8] {
        var block = [UInt8](repeating: 0, count: CommitJournal.blockBytes)
        block.storeBigEndian(Self.magic, at: 0)
        block.storeBigEndian(Int64(sectionBytes), at: 8)
        block.storeBigEndian(generation, at: 16)
        block.storeBigEndian(crc32c(block.span.bytes.extracting(8..<Self.encodedBytes)), at: 4)
        return block
    }
}
