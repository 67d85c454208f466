import KafkaProtocol
import Testing

/// Bytes that nobody meant: they decode to something or throw a `WireError`, and never trap.
@Suite struct HostileInputTests {
    @Test(arguments: [UInt64]([21, 22, 23, 24]))
    func randomBytesNeverTrap(seed: UInt64) {
        for type in sampleMessages { feedRandomBytes(to: type, seed: seed) }
    }

    private func feedRandomBytes<Message: SampleMessage>(to type: Message.Type, seed: UInt64) {
        var random = SampleSource(seed: seed, for: type)
        for version in type.versions {
            for _ in 0..<150 {
                var noise = random.bytes(random.below(96))
                // Zeros and ones are plausible lengths, so that some noise gets past the first field.
                for index in noise.indices where random.below(2) == 0 { noise[index] = UInt8(random.below(3)) }
                decodeAndEncodeAgain(type, noise, version, "seed \(seed)")
            }
        }
    }

    @Test(arguments: [UInt64]([31, 32, 33, 34]))
    func flippedBitsNeverTrap(seed: UInt64) {
        for type in sampleMessages { flipBits(of: type, seed: seed) }
    }

    private func flipBits<Message: SampleMessage>(of type: Message.Type, seed: UInt64) {
        var random = SampleSource(seed: seed, for: type)
        for version in type.versions {
            let bytes = type.sample(&random, version: version).encoded(version: version)
            guard !bytes.isEmpty else { continue }
            for _ in 0..<150 {
                var damaged = bytes
                for _ in 0...random.below(3) { damaged[random.below(bytes.count)] ^= 1 << UInt8(random.below(8)) }
                decodeAndEncodeAgain(type, damaged, version, "seed \(seed)")
            }
        }
    }

    /// What decodes has one encoding, which decodes to what has the same encoding.
    private func decodeAndEncodeAgain<Message: SampleMessage>(
        _ type: Message.Type, _ bytes: [UInt8], _ version: Int16, _ note: String
    ) {
        // Decoded records are a range of their frame, which cannot be encoded.
        let holdsRecords = type == ProduceRequest.self || type == FetchResponse.self
        guard let message = try? type.init(decoding: bytes, version: version), !holdsRecords else { return }
        let encoded = message.encoded(version: version)
        let again = try? type.init(decoding: encoded, version: version)
        #expect(again?.encoded(version: version) == encoded, "\(type) \(version), \(note): \(hexadecimal(bytes))")
    }

    // MARK: Lengths

    /// A count that the bytes left cannot hold is refused before the first element is read or memory is reserved.
    @Test(arguments: [
        ("7fffffff", WireError.invalidLength(.init(Int32.max))), ("fffffffe", .invalidLength(-2)),
        ("80000000", .invalidLength(.init(Int32.min))), ("00000005 00000000", .invalidLength(5)),
        ("ffffffff", .invalidLength(-1)),
    ])
    func wrongArrayCountsAreRefused(text: String, expected: WireError) {
        var calls = 0
        let error = wireError { () throws(WireError) in
            try reading(bytes(text)) { (reader) throws(WireError) in
                try reader.readList(false) { (reader: inout WireReader) throws(WireError) in
                    calls += 1
                    return try reader.readInt8()
                }
            }
        }
        #expect(error == expected)
        #expect(calls == 0)
    }

    @Test(arguments: [
        ("ffffffff0f", WireError.invalidLength(.init(UInt32.max) - 1)),
        ("8080808008", .invalidLength(.init(Int32.max))),
        ("ffffffff1f", .invalidVarint), ("ffffffffff01", .invalidVarint), ("8080808080", .invalidVarint),
        ("00", .invalidLength(-1)), ("06 00000000", .invalidLength(5)), ("80", .truncated(needed: 1, available: 0)),
    ])
    func wrongCompactArrayCountsAreRefused(text: String, expected: WireError) {
        let error = wireError { () throws(WireError) in
            try reading(bytes(text)) { (reader) throws(WireError) in
                try reader.readList(true) { (reader: inout WireReader) throws(WireError) in try reader.readInt8() }
            }
        }
        #expect(error == expected)
    }

    @Test func wrongStringLengthsAreRefused() {
        func error(_ text: String, _ flexible: Bool) -> WireError? {
            wireError { () throws(WireError) in
                try reading(bytes(text)) { (reader) throws(WireError) in try reader.readString(flexible) }
            }
        }
        #expect(error("7fff 61", false) == .truncated(needed: 32_767, available: 1))
        #expect(error("ffff", false) == .invalidLength(-1))
        #expect(error("8000", false) == .invalidLength(-32_768))
        #expect(error("00", true) == .invalidLength(-1))
        #expect(error("ffffffff0f", true) == .truncated(needed: Int(UInt32.max) - 1, available: 0))
        #expect(error("0002 c328", false) == .invalidString)
        #expect(error("02 80", true) == .invalidString)
    }

    @Test func wrongLengthsOfBytesAndRecordsAreRefused() {
        for (text, flexible, expected): (String, Bool, WireError) in [
            ("7fffffff", false, .truncated(needed: .init(Int32.max), available: 0)),
            ("fffffffe", false, .invalidLength(-2)), ("80000000 00", false, .invalidLength(.init(Int32.min))),
            ("ffffffff0f 00", true, .truncated(needed: .init(UInt32.max) - 1, available: 1)),
            ("00000002 00", false, .truncated(needed: 2, available: 1)),
            ("03 00", true, .truncated(needed: 2, available: 1)),
        ] {
            let ofBytes = wireError { () throws(WireError) in
                try reading(bytes(text)) { (reader) throws(WireError) in try reader.readNullableBytes(flexible) }
            }
            let ofRecords = wireError { () throws(WireError) in
                try reading(bytes(text)) { (reader) throws(WireError) in try reader.readNullableRecords(flexible) }
            }
            #expect(ofBytes == expected)
            #expect(ofRecords == expected)
        }
    }

    /// One count inside the other, each as large as the bytes left allow: the work stays in proportion to the bytes.
    @Test func nestedCountsCannotMultiply() {
        let claim = written { $0.writeInt32(20_000) }
        let request = written { writer in
            writer.writeNullableString(nil, false)
            writer.writeInt16(-1)
            writer.writeInt32(0)
            writer.writeInt32(10_000)
            writer.writeString("topic", false)
        }
        let bytes = request + claim + [UInt8](repeating: 0, count: 20_000)
        let error = wireError { () throws(WireError) in try ProduceRequest(decoding: bytes, version: 7) }
        #expect(error == .truncated(needed: 4, available: 0))
    }

    @Test func aWholeMessageWithAHostileCountIsRefused() {
        let head = written { writer in
            writer.writeInt32(-1)
            writer.writeInt32(500)
            writer.writeInt32(1)
            writer.writeInt32(.max)
            writer.writeInt8(0)
        }
        let error = wireError { () throws(WireError) in
            try FetchRequest(decoding: head + bytes("7fffffff 0000"), version: 4)
        }
        #expect(error == .invalidLength(Int(Int32.max)))
    }
}
