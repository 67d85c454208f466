import KafkaProtocol
import Testing

@Suite struct UuidTests {
    /// Texts from an independent Base64 implementation.
    @Test(
        arguments: [
            ("AAAAAAAAAAAAAAAAAAAAAA", 0x0000_0000_0000_0000, 0x0000_0000_0000_0000),
            ("_____________________w", 0xFFFF_FFFF_FFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF),
            ("AAECAwQFBgcICQoLDA0ODw", 0x0001_0203_0405_0607, 0x0809_0A0B_0C0D_0E0F),
            ("bWFydGxldEahbWVz8A3K_g", 0x6D61_7274_6C65_7446, 0xA16D_6573_F00D_CAFE),
            ("AAAAAAAAAAAAAAAAAAAAAQ", 0x0000_0000_0000_0000, 0x0000_0000_0000_0001),
            ("gAAAAAAAAAAAAAAAAAAAAA", 0x8000_0000_0000_0000, 0x0000_0000_0000_0000),
            ("OLTmUuRNp_I3DZ4mDicTZQ", 0x38B4_E652_E44D_A7F2, 0x370D_9E26_0E27_1365),
            ("UKSjptB_XAwzL4sSJAg_0g", 0x50A4_A3A6_D07F_5C0C, 0x332F_8B12_2408_3FD2),
            ("K5AviRHoGBj4yZ1dXZgxlQ", 0x2B90_2F89_11E8_1818, 0xF8C9_9D5D_5D98_3195),
        ] as [(String, UInt64, UInt64)])
    func knownTexts(text: String, high: UInt64, low: UInt64) {
        let id = Uuid(high: high, low: low)
        #expect(id.description == text)
        #expect(Uuid(text) == id)
    }

    @Test func anyIdComesBackFromItsText() {
        var random = SampleSource(seed: 41)
        for _ in 0..<2_000 {
            let id: Uuid = random.value()
            #expect(Uuid(id.description) == id)
        }
    }

    @Test(arguments: [
        "", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAA+A", "AAAAAAAAAAAAAAAAAAAAA=",
    ])
    func otherTextsAreNone(text: String) {
        #expect(Uuid(text) == nil)
    }

    @Test func randomIdsAreOfVersion4AndNeverLookLikeOptions() {
        var seen: Set<Uuid> = []
        for _ in 0..<500 {
            let id = Uuid.random()
            #expect(id.high >> 12 & 0xF == 4)
            #expect(id.low >> 62 == 2)
            #expect(!id.description.hasPrefix("-"))
            seen.insert(id)
        }
        #expect(seen.count == 500)
    }

    @Test func onTheWireTheHighHalfIsFirst() throws {
        let id = Uuid(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10)
        let encoded = written { $0.writeUuid(id) }
        #expect(encoded == bytes("0102030405060708090a0b0c0d0e0f10"))
        #expect(try reading(encoded) { (reader) throws(WireError) in try reader.readUuid() } == id)
        #expect(Uuid.zero < id && id < Uuid(high: id.high, low: .max))
    }
}
