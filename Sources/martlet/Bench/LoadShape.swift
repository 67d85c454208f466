// LoadShape: the options that say what a benchmark sends.

import ArgumentParser
import KafkaRecords

struct LoadShape: ParsableArguments {
    @Option(help: ArgumentHelp("Bytes of each value.", valueName: "bytes"))
    var recordBytes: Int = 1_024

    @Option(help: ArgumentHelp("Largest batch, before it is compressed.", valueName: "bytes"))
    var batchBytes: Int = 1 << 20

    @Option(help: "all: acknowledged when durable; 1: when in the page cache.")
    var acks: String = "all"

    @Option(
        name: [.customShort("z"), .long], help: ArgumentHelp("none, gzip, snappy, lz4 or zstd.", valueName: "codec"))
    var codec: String = "none"

    @Option(help: ArgumentHelp("Seconds of load.", valueName: "seconds"))
    var seconds: Double = 10

    func validate() throws {
        // The first eight bytes say when the record was due.
        guard (8...64 << 20).contains(recordBytes) else {
            throw ValidationError("--record-bytes is from 8 to 67108864.")
        }
        guard (1...256 << 20).contains(batchBytes) else {
            throw ValidationError("--batch-bytes is from 1 to 268435456.")
        }
        guard acks == "all" || acks == "1" else { throw ValidationError("--acks is all or 1.") }
        if Compression(name: codec) == nil { throw ValidationError("--codec is none, gzip, snappy, lz4 or zstd.") }
        guard seconds > 0, seconds <= 86_400 else { throw ValidationError("--seconds is from 0 to 86400.") }
    }

    var acksValue: Int16 { acks == "all" ? -1 : 1 }
    var compression: Compression { Compression(name: codec) ?? .none }
    var batchRecordsMax: Int { max(1, batchBytes / (recordBytes + Self.recordOverheadBytes)) }

    /// Lengths, timestamp and offset of a record without key and headers, about.
    private static let recordOverheadBytes = 12

    /// A value whose first eight bytes can be the time it was due. Half of it can be compressed, as in real events.
    func value(seed: Int) -> [UInt8] {
        var state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        return (0..<recordBytes).map { index in
            guard index & 8 == 0 else { return UInt8(ascii: "m") }
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state)
        }
    }
}
