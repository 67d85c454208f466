// Compression: the codec ids of a record batch, as they stand in the lowest three bits of its attributes.

/// How the records of a batch are compressed. The raw value is the id on the wire (KIP-98; zstd: KIP-110).
package enum Compression: UInt8, CaseIterable, Sendable {
    case none = 0
    case gzip = 1
    case snappy = 2
    case lz4 = 3
    case zstd = 4

    /// The name that Kafka's `compression.type` setting uses.
    package var name: String {
        switch self {
        case .none: "none"
        case .gzip: "gzip"
        case .snappy: "snappy"
        case .lz4: "lz4"
        case .zstd: "zstd"
        }
    }

    /// The codec with this `compression.type` name; nil for any other word (`producer` and `uncompressed` included).
    package init?(name: String) {
        guard let found = Compression.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }
}
