// The name of one partition, and of its directory: `<topic>-<partition>`.
//
// Thread rule: plain value.

package struct TopicPartitionName: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let topic: String
    package let partition: Int32

    package init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    /// Splits at the last dash, because topics may contain dashes; nil for names that are no partition's.
    package init?(directoryName name: String) {
        guard let dash = name.lastIndex(of: "-"), dash != name.startIndex,
            let partition = Int32(name[name.index(after: dash)...]), partition >= 0,
            // One spelling only: "-01" and "-+1" are not ours.
            String(partition) == name[name.index(after: dash)...]
        else { return nil }
        self.init(topic: String(name[..<dash]), partition: partition)
    }

    package var description: String { directoryName }
    package var directoryName: String { "\(topic)-\(partition)" }

    package static func < (left: TopicPartitionName, right: TopicPartitionName) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }
}

/// Directories on their way out: `<topic>-<partition>.<32 hex digits>-delete`, as Kafka names them.
package enum DeletedDirectory {
    static let suffix = "-delete"
    static let nameBytesMax = 255

    /// Topics of the longest legal name are cut, as Kafka does, so that the name fits a directory entry.
    static func name(for directoryName: String, uniqueID: String) -> String {
        let tail = ".\(uniqueID)\(suffix)"
        return directoryName.prefix(nameBytesMax - tail.utf8.count) + tail
    }

    package static func isOne(_ name: String) -> Bool { name.hasSuffix(suffix) && name.contains(".") }
}
