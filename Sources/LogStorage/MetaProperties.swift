// `meta.properties` of a data directory: which cluster and node it belongs to.
//
// Layout (Kafka's version 1): a properties file with `version`, `cluster.id`, `node.id`, `directory.id`.
// Crash rule: written once, atomically and durably, when the directory is first used.
// Thread rule: plain value.

package struct MetaProperties: Equatable, Sendable {
    package static let fileName = "meta.properties"

    package var clusterID: String
    package var nodeID: Int32
    package var directoryID: String

    package init(clusterID: String, nodeID: Int32, directoryID: String) {
        self.clusterID = clusterID
        self.nodeID = nodeID
        self.directoryID = directoryID
    }

    package var encoded: [UInt8] {
        Array(
            "cluster.id=\(clusterID)\ndirectory.id=\(directoryID)\nnode.id=\(nodeID)\nversion=1\n".utf8)
    }

    /// nil when a property is missing or the version is another one.
    package static func decode(_ bytes: [UInt8]) -> MetaProperties? {
        var values: [Substring: String] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            guard !line.hasPrefix("#"), let equals = line.firstIndex(of: "=") else { continue }
            // Java writes some characters of values with a backslash in front.
            values[line[..<equals]] = line[line.index(after: equals)...].filter { $0 != "\\" }
        }
        guard values["version"] == "1", let cluster = values["cluster.id"], !cluster.isEmpty,
            let node = values["node.id"].flatMap({ Int32($0) }), node >= 0
        else { return nil }
        return MetaProperties(clusterID: cluster, nodeID: node, directoryID: values["directory.id"] ?? "")
    }

    /// What a damaged file still says, completed, and a phrase for each property about where it comes from.
    package static func salvaged(from bytes: [UInt8]) -> (identity: MetaProperties, sources: [String]) {
        var values: [Substring: Substring] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            guard let equals = line.firstIndex(of: "=") else { continue }
            values[line[..<equals]] = line[line.index(after: equals)...]
        }
        let cluster = values["cluster.id"].flatMap { Identifier($0) }
        let directory = values["directory.id"].flatMap { Identifier($0) }
        let node = values["node.id"].flatMap { Int32($0) }.flatMap { $0 >= 0 ? $0 : nil }
        let identity = MetaProperties(
            clusterID: (cluster ?? .random()).description, nodeID: node ?? 1,
            directoryID: (directory ?? .random()).description)
        return (
            identity,
            [
                "cluster.id \(identity.clusterID) \(cluster == nil ? "is new" : "as it stood there")",
                "node.id \(identity.nodeID) \(node == nil ? "is the default" : "as it stood there")",
                "directory.id \(directory == nil ? "is new" : "as it stood there")",
            ]
        )
    }
}
