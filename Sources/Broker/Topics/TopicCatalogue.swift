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
    /// Far above what the limit of partitions allows.
    private static let maxSizeBytes = 256 << 20

    // MARK: File

    package static func read(directory: String, fileSystem: any FileSystem) throws(StorageError) -> TopicCatalogue? {
        let path = directory + "/" + fileName
        guard let bytes = try AtomicFile.read(path: path, fileSystem: fileSystem, limitBytes: maxSizeBytes) else {
            return nil
        }
        guard let catalogue = TopicCatalogue(decoding: bytes) else {
            throw StorageError(
                .corrupt,
                "\(path) is damaged. Restore it from a backup, or move it away: the broker then rebuilds it from the "
                    + "partition directories, with default settings.")
        }
        return catalogue
    }

    package func write(directory: String, fileSystem: any FileSystem) throws(StorageError) {
        try AtomicFile.replace(path: directory + "/" + Self.fileName, with: encoded(), fileSystem: fileSystem)
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
