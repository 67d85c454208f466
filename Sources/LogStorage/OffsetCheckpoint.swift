// One offset for each partition of a data directory: recovery points, log starts.
//
// Layout (Kafka's): text, a version line `0`, the count, then `<topic> <partition> <offset>` lines.
// Crash rule: replaced atomically and durably. A damaged one counts as empty: recovery then scans more.
// Thread rule: plain value; one writer for a file at a time.

import KafkaRecords

package struct OffsetCheckpoint: Equatable, Sendable {
    package var offsets: [TopicPartitionName: Int64]

    package init(offsets: [TopicPartitionName: Int64] = [:]) { self.offsets = offsets }

    /// Sorted, so that equal checkpoints are equal files.
    package var encoded: [UInt8] {
        CheckpointText.encode(
            offsets.sorted { $0.key < $1.key }.map { "\($0.key.topic) \($0.key.partition) \($0.value)" })
    }

    /// nil when the text is damaged.
    package static func decode(_ bytes: [UInt8]) -> OffsetCheckpoint? {
        guard let lines = CheckpointText.decode(bytes) else { return nil }
        var offsets: [TopicPartitionName: Int64] = [:]
        for line in lines {
            let words = line.split(separator: " ")
            guard words.count == 3, let partition = Int32(words[1]), let offset = Int64(words[2]), offset >= 0 else {
                return nil
            }
            offsets[TopicPartitionName(topic: String(words[0]), partition: partition)] = offset
        }
        return OffsetCheckpoint(offsets: offsets)
    }

    // MARK: With a checksum

    /// The same with a last line `crc32c <of all before it, in hexadecimal>`, for files that Kafka does not read.
    var encodedChecked: [UInt8] { encoded + Self.checksumLine(of: encoded) }

    /// nil when the text or its checksum is damaged.
    static func decodeChecked(_ bytes: [UInt8]) -> OffsetCheckpoint? {
        let lineFeed = UInt8(ascii: "\n")
        guard let lastLine = bytes.dropLast().lastIndex(of: lineFeed) else { return nil }
        let body = Array(bytes[...lastLine])
        return Array(bytes[(lastLine + 1)...]) == checksumLine(of: body) ? decode(body) : nil
    }

    private static func checksumLine(of body: [UInt8]) -> [UInt8] {
        Array("crc32c \(String(crc32c(body.span.bytes), radix: 16))\n".utf8)
    }
}
