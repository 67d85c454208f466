/// The parts that consumers of the classic protocol embed in JoinGroup and SyncGroup are read as their clients read them:
/// a newer version only adds fields at the end, so it is read as the newest that is known.
package protocol ConsumerProtocolPart: WireStructure {}

extension ConsumerProtocolSubscription: ConsumerProtocolPart {}
extension ConsumerProtocolAssignment: ConsumerProtocolPart {}

extension ConsumerProtocolPart {
    package init(decodingEmbedded bytes: [UInt8]) throws(WireError) {
        var reader = WireReader(bytes.span.bytes)
        let version = try reader.readInt16()
        guard version >= Self.versions.lowerBound else { throw .unknownVersion(version) }
        try self.init(from: &reader, version: min(version, Self.versions.upperBound))
    }
}
