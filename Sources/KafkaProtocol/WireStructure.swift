/// A structure with versions: a body of a request or response (`Messages/`), or what is stored in internal topics or
/// embedded in other messages (`Structures/`). The code of both is generated.
package protocol WireStructure: Equatable, Sendable {
    /// Versions that the codec knows; what a broker advertises is its handler table's matter.
    static var versions: ClosedRange<Int16> { get }
    /// The first version with compact lengths and tagged fields (KIP-482); nil if there is none.
    static var firstFlexibleVersion: Int16? { get }

    init(from reader: inout WireReader, version: Int16) throws(WireError)
    func encode(into writer: inout WireWriter, version: Int16)
}

extension WireStructure {
    package static func isFlexible(_ version: Int16) -> Bool {
        firstFlexibleVersion.map { version >= $0 } ?? false
    }

    /// Decodes a whole body; bytes behind its last field are an error.
    package init(decoding body: RawSpan, version: Int16) throws(WireError) {
        var reader = WireReader(body)
        try self.init(from: &reader, version: version)
        try reader.expectEnd()
    }

    // MARK: Behind a version

    /// The structure behind the two bytes of its version: the form in which records are stored and parts are embedded.
    package func encodedBehindVersion(_ version: Int16) -> [UInt8] {
        assert(Self.versions.contains(version))
        var writer = WireWriter()
        writer.writeInt16(version)
        encode(into: &writer, version: version)
        return writer.bytes
    }

    /// Reads what `encodedBehindVersion` writes; a version that the codec does not know is an error.
    package init(decodingBehindVersion bytes: RawSpan) throws(WireError) {
        var reader = WireReader(bytes)
        let version = try reader.readInt16()
        guard Self.versions.contains(version) else { throw .unknownVersion(version) }
        try self.init(from: &reader, version: version)
        try reader.expectEnd()
    }
}
