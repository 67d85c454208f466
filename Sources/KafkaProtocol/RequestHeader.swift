/// What stands in front of every request.
///
/// Layout: api key (2 bytes), api version (2), correlation id (4), client id (nullable string with a two-byte length, also
/// in flexible versions), and from header version 2 tagged fields. Header version 2 goes with flexible request versions.
/// (Header version 0, without a client id, belonged to ControlledShutdown only.)
///
/// Source: the Kafka protocol guide, "Request Header"; KIP-482.
package struct RequestHeader: Equatable, Sendable {
    package var apiKey: Int16
    package var apiVersion: Int16
    package var correlationID: Int32
    package var clientID: String?

    package init(apiKey: Int16, apiVersion: Int16, correlationID: Int32, clientID: String?) {
        self.apiKey = apiKey
        self.apiVersion = apiVersion
        self.correlationID = correlationID
        self.clientID = clientID
    }

    /// Bytes of the part whose layout never changes: key, version and correlation id.
    package static let fixedSizeBytes = 8

    /// Reads the fixed part, which every version of every request has.
    package init(fixedPartFrom reader: inout WireReader) throws(WireError) {
        apiKey = try reader.readInt16()
        apiVersion = try reader.readInt16()
        correlationID = try reader.readInt32()
        clientID = nil
    }

    /// Reads what follows the fixed part.
    package mutating func readRest(from reader: inout WireReader, flexible: Bool) throws(WireError) {
        clientID = try reader.readNullableString(false)
        if flexible { try reader.skipTaggedFields() }
    }

    package func encode(into writer: inout WireWriter, flexible: Bool) {
        writer.writeInt16(apiKey)
        writer.writeInt16(apiVersion)
        writer.writeInt32(correlationID)
        writer.writeNullableString(clientID, false)
        if flexible { writer.writeUnsignedVarint(0) }
    }
}

/// What stands in front of every response: the correlation id, and in flexible versions tagged fields.
///
/// The ApiVersions response always has the version without tagged fields: a client that does not yet know what the broker
/// speaks has to be able to read it (KIP-511).
package enum ResponseHeader {
    package static func encode(correlationID: Int32, flexible: Bool, apiKey: ApiKey, into writer: inout WireWriter) {
        writer.writeInt32(correlationID)
        if flexible && apiKey != .apiVersions { writer.writeUnsignedVarint(0) }
    }

    /// Returns the correlation id.
    package static func decode(
        from reader: inout WireReader, flexible: Bool, apiKey: ApiKey
    ) throws(WireError) -> Int32 {
        let correlationID = try reader.readInt32()
        if flexible && apiKey != .apiVersions { try reader.skipTaggedFields() }
        return correlationID
    }
}
