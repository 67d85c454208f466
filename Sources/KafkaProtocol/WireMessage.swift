/// A request or response body, as the generated code in `Messages/` defines them.
package protocol WireMessage: Equatable, Sendable {
    static var apiKey: ApiKey { get }
    /// Versions that the codec knows; what a broker advertises is its handler table's matter.
    static var versions: ClosedRange<Int16> { get }
    /// The first version with compact lengths and tagged fields (KIP-482); nil if there is none.
    static var firstFlexibleVersion: Int16? { get }

    init(from reader: inout WireReader, version: Int16) throws(WireError)
    func encode(into writer: inout WireWriter, version: Int16)
}

extension WireMessage {
    package static func isFlexible(_ version: Int16) -> Bool {
        firstFlexibleVersion.map { version >= $0 } ?? false
    }

    /// Decodes a whole body; bytes behind its last field are an error.
    package init(decoding body: RawSpan, version: Int16) throws(WireError) {
        var reader = WireReader(body)
        try self.init(from: &reader, version: version)
        try reader.expectEnd()
    }
}

package protocol RequestMessage: WireMessage {
    associatedtype Response: WireMessage
}
