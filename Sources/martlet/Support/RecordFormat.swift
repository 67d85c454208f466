// RecordFormat: the %-format of `consume`, with kcat's letters.

import KafkaClient

struct RecordFormat: Equatable {
    private enum Piece: Equatable {
        case literal([UInt8])
        case topic, partition, offset, timestamp, date, key, keyLength, value, valueLength, headers
    }

    private let pieces: [Piece]

    /// Throws `.usage` for a letter or escape that is not known.
    init(_ text: String) throws(CommandFailure) {
        var pieces: [Piece] = []
        var literal: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\\"): literal.append(try Escapes.escaped(&rest, in: text))
            case UInt8(ascii: "%"):
                if rest.first == byte {
                    literal.append(byte)
                    rest.removeFirst()
                    continue
                }
                if !literal.isEmpty { pieces.append(.literal(literal)) }
                literal = []
                pieces.append(try Self.piece(rest.popFirst(), in: text))
            default: literal.append(byte)
            }
        }
        if !literal.isEmpty { pieces.append(.literal(literal)) }
        self.pieces = pieces
    }

    private static func piece(_ letter: UInt8?, in text: String) throws(CommandFailure) -> Piece {
        switch letter.map({ Unicode.Scalar($0) }) {
        case "t": return .topic
        case "p": return .partition
        case "o": return .offset
        case "T": return .timestamp
        case "D": return .date
        case "k": return .key
        case "K": return .keyLength
        case "v", "s": return .value
        case "V", "S": return .valueLength
        case "h": return .headers
        default:
            throw CommandFailure(
                "\"\(text)\": behind % stands one of t p o T D k K v s V S h %; see `martlet consume --help`",
                status: .usage)
        }
    }

    /// Null keys and values are printed as nothing.
    func append(_ record: RecordView, topic: [UInt8], to bytes: inout [UInt8]) {
        for piece in pieces {
            switch piece {
            case .literal(let literal): bytes.append(contentsOf: literal)
            case .topic: bytes.append(contentsOf: topic)
            case .partition: Self.append(Int64(record.partition), to: &bytes)
            case .offset: Self.append(record.offset, to: &bytes)
            case .timestamp: Self.append(record.timestamp, to: &bytes)
            case .date: bytes.append(contentsOf: TimestampText.format(record.timestamp).utf8)
            case .key: Self.append(record.key, to: &bytes)
            case .keyLength: Self.append(Int64(record.key?.byteCount ?? -1), to: &bytes)
            case .value: Self.append(record.value, to: &bytes)
            case .valueLength: Self.append(Int64(record.value?.byteCount ?? -1), to: &bytes)
            case .headers: Self.appendHeaders(of: record, to: &bytes)
            }
        }
    }

    private static func append(_ span: RawSpan?, to bytes: inout [UInt8]) {
        guard let span else { return }
        span.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    private static func append(_ number: Int64, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: String(number).utf8)
    }

    /// As kcat has them: a=1,b=2, and NULL for a value that is null.
    private static func appendHeaders(of record: RecordView, to bytes: inout [UInt8]) {
        var isFirst = true
        record.forEachHeader { name, value in
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            append(name, to: &bytes)
            bytes.append(UInt8(ascii: "="))
            if value == nil { bytes.append(contentsOf: "NULL".utf8) }
            append(value, to: &bytes)
        }
    }
}
