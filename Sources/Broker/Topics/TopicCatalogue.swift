import KafkaProtocol
import KafkaRecords
import LogStorage

/// What is to survive a restart about topics (ids, names, numbers of partitions) and about settings. One file, replaced as a whole.
///
/// Layout: lines of blank-separated fields, percent-encoded where needed:
/// ```
/// martlet-catalogue 1
/// broker <setting> <value>
/// group <id> <setting> <value>
/// topic <id> <name> <partitions> <replication factor>
/// config <setting> <value>          (belongs to the topic above it)
/// crc32c <of all lines before this one, in hexadecimal>
/// ```
/// Crash rule: written to a temporary file, synced, renamed, directory synced; so either the old or the new one is there.
/// A topic exists from the moment its line is durable, and is gone from the moment the line is: directories that have no
/// line are leftovers, directories that are missing are made at start.
/// Threads: a value; `TopicRegistry` orders the changes.
package struct TopicCatalogue: Equatable, Sendable {
    package struct Entry: Equatable, Sendable {
        package let id: Uuid
        package let name: String
        package var partitionCount: Int32
        package let replicationFactor: Int16
        package var overrides: [String: String]

        package init(
            id: Uuid, name: String, partitionCount: Int32, replicationFactor: Int16, overrides: [String: String] = [:]
        ) {
            self.id = id
            self.name = name
            self.partitionCount = partitionCount
            self.replicationFactor = replicationFactor
            self.overrides = overrides
        }
    }

    package var topics: [String: Entry] = [:]
    /// Broker settings that were changed while it ran.
    package var brokerOverrides: [String: String] = [:]
    /// Settings of single groups, by group id.
    package var groupOverrides: [String: [String: String]] = [:]

    package init() {}

    static let fileName = "catalogue"
    private static let firstLine = "martlet-catalogue 1"
    /// A start reads no larger one, so none is written.
    static let maxSizeBytes = 256 << 20

    // MARK: File

    package static func read(directory: String, fileSystem: any FileSystem) throws(StorageError) -> TopicCatalogue? {
        let path = directory + "/" + fileName
        guard let bytes = try AtomicFile.read(path: path, fileSystem: fileSystem, limitBytes: maxSizeBytes) else {
            return nil
        }
        guard let catalogue = TopicCatalogue(decoding: bytes) else {
            throw StorageError(
                .corrupt,
                "\(path) is damaged. Restore it from a backup, or have `martlet log check --repair` make it again from the "
                    + "directories of partitions.")
        }
        return catalogue
    }

    package func write(directory: String, fileSystem: any FileSystem) throws(StorageError) {
        try Self.write(encoded(), directory: directory, fileSystem: fileSystem)
    }

    /// Writes what `encoded` has returned.
    static func write(_ bytes: [UInt8], directory: String, fileSystem: any FileSystem) throws(StorageError) {
        try AtomicFile.replace(path: directory + "/" + fileName, with: bytes, fileSystem: fileSystem)
    }

    /// As `write`, where the disk has no room for another file.
    ///
    /// - Returns: false if the spare space is too small, or was used up.
    static func write(_ bytes: [UInt8], directory: String, in spare: SpareFile) throws(StorageError) -> Bool {
        try spare.replace(path: directory + "/" + fileName, with: bytes)
    }

    package func encoded() -> [UInt8] {
        var text = Self.firstLine + "\n"
        for (name, value) in brokerOverrides.sorted(by: { $0.key < $1.key }) {
            text += "broker \(Self.escape(name)) \(Self.escape(value))\n"
        }
        for (id, overrides) in groupOverrides.sorted(by: { $0.key < $1.key }) {
            for (name, value) in overrides.sorted(by: { $0.key < $1.key }) {
                text += "group \(Self.escape(id)) \(Self.escape(name)) \(Self.escape(value))\n"
            }
        }
        for topic in topics.values.sorted(by: { $0.name < $1.name }) {
            text += "topic \(topic.id) \(Self.escape(topic.name)) \(topic.partitionCount) \(topic.replicationFactor)\n"
            for (name, value) in topic.overrides.sorted(by: { $0.key < $1.key }) {
                text += "config \(Self.escape(name)) \(Self.escape(value))\n"
            }
        }
        let body = Array(text.utf8)
        return body + Array("crc32c \(String(crc32c(body.span.bytes), radix: 16))\n".utf8)
    }

    /// nil if the bytes are not a whole catalogue.
    package init?(decoding bytes: [UInt8]) {
        var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard let last = lines.popLast(), lines.first == Substring(Self.firstLine) else { return nil }
        let body = lines.joined(separator: "\n").utf8 + Array("\n".utf8)
        guard last == "crc32c \(String(crc32c(Array(body).span.bytes), radix: 16))" else { return nil }
        var current: Entry?
        for line in lines.dropFirst() {
            let fields = line.split(separator: " ", omittingEmptySubsequences: false).map(Self.unescape)
            switch (fields[0], fields.count) {
            case ("broker", 3): brokerOverrides[fields[1]] = fields[2]
            case ("group", 4): groupOverrides[fields[1], default: [:]][fields[2]] = fields[3]
            case ("topic", 5):
                guard let id = Uuid(fields[1]), let partitions = Int32(fields[3]), let factor = Int16(fields[4])
                else { return nil }
                if let current { topics[current.name] = current }
                current = Entry(id: id, name: fields[2], partitionCount: partitions, replicationFactor: factor)
            case ("config", 3): current?.overrides[fields[1]] = fields[2]
            default: return nil
            }
        }
        if let current { topics[current.name] = current }
    }

    /// Undoes one flipped bit: the checksum says which, if it was one. nil if that does not make a catalogue of it.
    ///
    /// A checksum is linear: what a flipped bit does to it depends on the bit's place alone, and differs from place to place.
    package init?(correcting bytes: [UInt8]) {
        let lineFeed = UInt8(ascii: "\n")
        guard let lastLine = bytes.dropLast().lastIndex(of: lineFeed) else { return nil }
        // The bit may be one of the checksum itself, or of the line ends around it.
        for bit in max(0, lastLine - 1) * 8..<bytes.count * 8 {
            if let found = TopicCatalogue(decoding: Self.flipping(bit, of: bytes)) {
                self = found
                return
            }
        }
        let prefix = "crc32c "
        let text = String(decoding: bytes[(lastLine + 1)...], as: UTF8.self).drop { $0 == "\n" }
        guard text.hasPrefix(prefix), let stored = UInt32(text.dropFirst(prefix.count).prefix { $0 != "\n" }, radix: 16)
        else { return nil }
        let wanted = stored ^ crc32c(Array(bytes[...lastLine]).span.bytes)
        var effects = (0..<8).map { crc32c([UInt8](repeating: 1 << $0, count: 1).span.bytes) ^ Self.ofZero }
        for position in (0...lastLine).reversed() {
            if let bit = effects.firstIndex(of: wanted) {
                guard let found = TopicCatalogue(decoding: Self.flipping(position * 8 + bit, of: bytes)) else {
                    return nil
                }
                self = found
                return
            }
            // One more byte lies behind the bit.
            for bit in 0..<8 { effects[bit] = Self.shifted(effects[bit]) }
        }
        return nil
    }

    private static let ofZero = crc32c([UInt8](repeating: 0, count: 1).span.bytes)

    private static func flipping(_ bit: Int, of bytes: [UInt8]) -> [UInt8] {
        var changed = bytes
        changed[bit / 8] ^= 1 << (bit % 8)
        return changed
    }

    /// A CRC-32C after one byte of zeros more, without what initial and final values do to it.
    private static func shifted(_ remainder: UInt32) -> UInt32 {
        (0..<8).reduce(remainder) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ 0x82F6_3B78 }
    }

    private static func escape(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            if byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "%") {
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                escaped += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return escaped
    }

    private static func unescape(_ text: Substring) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(Substring(rest.prefix(2))), radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
