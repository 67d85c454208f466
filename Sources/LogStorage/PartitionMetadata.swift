// `partition.metadata` in each partition's directory: which topic id it belongs to, so that a directory of a deleted topic
// is never taken for one of a new topic with the same name.
//
// Layout (Kafka's): text, `version: 0` and `topic_id: <22 characters>`, without a final line break.
// Crash rule: replaced atomically and durably.
// Thread rule: pure functions.

package enum PartitionMetadata {
    static let fileName = "partition.metadata"

    package static func encode(_ topicID: Identifier) -> [UInt8] { Array("version: 0\ntopic_id: \(topicID)".utf8) }

    package static func write(
        directory: String, topicID: Identifier, fileSystem: any FileSystem, durably: Bool = true
    ) throws(StorageError) {
        // For many new partitions: the caller syncs once behind all of them.
        if !durably {
            return try File(directory + "/" + fileName, .replace, fileSystem).write(encode(topicID), at: 0)
        }
        try AtomicFile.replace(path: directory + "/" + fileName, with: encode(topicID), fileSystem: fileSystem)
    }

    /// nil when there is no file; `.corrupt` when there is one without a topic id.
    package static func read(directory: String, fileSystem: any FileSystem) throws(StorageError) -> Identifier? {
        let path = directory + "/" + fileName
        guard let bytes = try AtomicFile.read(path: path, fileSystem: fileSystem) else { return nil }
        let prefix = "topic_id: "
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix(prefix) {
            if let id = Identifier(line.dropFirst(prefix.count)) { return id }
        }
        throw StorageError(.corrupt, "\(path) holds no topic id.")
    }
}
