/// Why bytes are not the message they claim to be.
///
/// Source: the Kafka protocol guide, "Protocol Primitive Types".
package enum WireError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The message ends before a field does.
    case truncated(needed: Int, available: Int)
    /// A length or an element count is negative where null is not allowed, or larger than what is left.
    case invalidLength(Int)
    /// A variable-length integer has more bytes than its type can hold.
    case invalidVarint
    /// A string is not UTF-8.
    case invalidString
    /// A tagged field is longer or shorter than it says.
    case invalidTaggedField(tag: UInt32)
    /// Bytes follow the last field.
    case trailingBytes(Int)
    /// A stored or embedded structure has a version that this codec does not know.
    case unknownVersion(Int16)

    package var description: String {
        switch self {
        case .truncated(let needed, let available):
            "the message ends early: \(needed) bytes needed, \(available) left"
        case .invalidLength(let length): "invalid length \(length)"
        case .invalidVarint: "a variable-length integer is too long"
        case .invalidString: "a string is not UTF-8"
        case .invalidTaggedField(let tag): "tagged field \(tag) does not have the size that it states"
        case .trailingBytes(let count): "\(count) bytes follow the last field"
        case .unknownVersion(let version): "version \(version) is unknown"
        }
    }
}
