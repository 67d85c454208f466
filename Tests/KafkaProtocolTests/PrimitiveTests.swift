import KafkaProtocol
import Testing

/// The primitive types against bytes worked out by hand from the protocol guide.
@Suite struct PrimitiveTests {
    @Test func numbersAreBigEndian() throws {
        let encoded = written { writer in
            writer.writeBool(true)
            writer.writeInt8(-2)
            writer.writeInt16(-2)
            writer.writeUInt16(0xFEDC)
            writer.writeInt32(0x0102_0304)
            writer.writeUInt32(0xFEDC_BA98)
            writer.writeInt64(.min + 1)
            writer.writeFloat64(1.5)
        }
        #expect(encoded == bytes("01 fe fffe fedc 01020304 fedcba98 8000000000000001 3ff8000000000000"))
        try reading(encoded) { (reader) throws(WireError) in
            #expect(try reader.readBool())
            #expect(try reader.readInt8() == -2)
            #expect(try reader.readInt16() == -2)
            #expect(try reader.readUInt16() == 0xFEDC)
            #expect(try reader.readInt32() == 0x0102_0304)
            #expect(try reader.readUInt32() == 0xFEDC_BA98)
            #expect(try reader.readInt64() == .min + 1)
            #expect(try reader.readFloat64() == 1.5)
            try reader.expectEnd()
        }
    }

    @Test(arguments: [
        (UInt32(0), "00"), (1, "01"), (127, "7f"), (128, "8001"), (300, "ac02"), (16_383, "ff7f"), (16_384, "808001"),
        (0x7FFF_FFFF, "ffffffff07"), (.max, "ffffffff0f"),
    ])
    func varints(value: UInt32, text: String) throws {
        #expect(written { $0.writeUnsignedVarint(value) } == bytes(text))
        #expect(try reading(bytes(text)) { (reader) throws(WireError) in try reader.readUnsignedVarint() } == value)
    }

    @Test(arguments: [
        (String?.none, "ffff", "00"), ("", "0000", "01"), ("kafka", "00056b61666b61", "066b61666b61"),
        ("→", "0003e28692", "04e28692"),
    ])
    func strings(text: String?, inflexible: String, flexible: String) throws {
        for (isFlexible, expected) in [(false, inflexible), (true, flexible)] {
            let encoded = written { $0.writeNullableString(text, isFlexible) }
            #expect(encoded == bytes(expected))
            let decoded = try reading(encoded) { (reader) throws(WireError) in try reader.readNullableString(isFlexible)
            }
            #expect(decoded == text)
        }
    }

    @Test(arguments: [
        ([UInt8]?.none, "ffffffff", "00"), ([], "00000000", "01"), ([7, 8], "000000020708", "030708"),
    ])
    func byteArraysAndLists(value: [UInt8]?, inflexible: String, flexible: String) throws {
        for (isFlexible, expected) in [(false, inflexible), (true, flexible)] {
            #expect(written { $0.writeNullableBytes(value, isFlexible) } == bytes(expected))
            let list = value?.map { Int8($0) }
            let encoded = written {
                $0.writeNullableList(list, isFlexible) { element, writer in writer.writeInt8(element) }
            }
            #expect(encoded == bytes(expected))
            try reading(encoded) { (reader) throws(WireError) in
                #expect(try reader.readNullableBytes(isFlexible) == value)
            }
            let decoded = try reading(encoded) { (reader) throws(WireError) in
                try reader.readNullableList(isFlexible) { (reader: inout WireReader) throws(WireError) in
                    try reader.readInt8()
                }
            }
            #expect(decoded == list)
        }
    }

    @Test func structurePresence() throws {
        let absent = DescribeTopicPartitionsRequest(cursor: nil)
        #expect(absent.encoded(version: 0) == bytes("01 000007d0 ff 00"))
        let present = DescribeTopicPartitionsRequest(cursor: .init(topicName: "t", partitionIndex: 2))
        #expect(present.encoded(version: 0) == bytes("01 000007d0 01 0274 00000002 00 00"))
        #expect(try DescribeTopicPartitionsRequest(decoding: present.encoded(version: 0), version: 0) == present)
        #expect(try DescribeTopicPartitionsRequest(decoding: absent.encoded(version: 0), version: 0) == absent)
    }

    /// A two-byte length cannot state more; only texts for people are that long, so they are cut.
    @Test func stringsTooLongForTheirLengthAreCut() throws {
        for text in [String(repeating: "x", count: 40_000), String(repeating: "→", count: 20_000)] {
            let encoded = written { $0.writeString(text, false) }
            let decoded = try reading(encoded) { (reader) throws(WireError) in
                let decoded = try reader.readString(false)
                try reader.expectEnd()
                return decoded
            }
            #expect(decoded.utf8.count <= 32_767)
            #expect(decoded.unicodeScalars.prefix(10_000).elementsEqual(text.unicodeScalars.prefix(10_000)))
            let compact = written { $0.writeString(text, true) }
            #expect(try reading(compact) { (reader) throws(WireError) in try reader.readString(true) } == text)
        }
    }

    @Test func aSizeCanBePatchedIn() {
        let encoded = written { writer in
            writer.writeInt32(0)
            writer.writeInt8(9)
            writer.patchInt32(-0x0102_0305, at: 0)
        }
        #expect(encoded == bytes("fefdfcfb 09"))
    }

    @Test func errorsSayWhatIsWrong() {
        #expect(
            WireError.truncated(needed: 4, available: 1).description == "the message ends early: 4 bytes needed, 1 left"
        )
        #expect(WireError.invalidLength(-7).description == "invalid length -7")
        #expect(WireError.invalidTaggedField(tag: 3).description.contains("tagged field 3"))
        #expect(WireError.trailingBytes(2).description == "2 bytes follow the last field")
    }
}
