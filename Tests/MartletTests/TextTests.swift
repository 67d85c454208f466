import Testing

@testable import martlet

@Suite struct TextTests {
    @Test func tablesAlignNumbersRight() {
        var table = TextTable(["NAME", "COUNT", "NOTE"])
        table.add(["a", "1", "x"])
        table.add(["long name", "1000", ""])
        #expect(table.text == "NAME       COUNT  NOTE\na              1  x\nlong name   1000\n")
    }

    @Test func anEmptyTableIsItsTitles() {
        #expect(TextTable(["A", "B"]).text == "A  B\n")
    }

    @Test func controlCharactersAreShownNotSent() {
        #expect(Escapes.visible("a\0b\u{1B}[2J\r\n\t\u{9B}ä✓") == "a\\0b\\x1b[2J\\r\\n\\t\\x9bä✓")
        var table = TextTable(["A", "B"])
        table.add(["\u{7}", "x"])
        #expect(table.text == "A     B\n\\x07  x\n")
    }

    @Test func jsonSeparatesAndNests() {
        var json = JSONText()
        json.object { json in
            json.field("a", 1)
            json.field("b", "x")
            json.field("c", nil)
            json.name("d")
            json.array([1, 2]) { number, json in json.object { $0.field("n", number) } }
            json.name("e")
            json.array { _ in }
            json.field("f", true)
        }
        json.newLine()
        json.object { _ in }
        #expect(json.text == #"{"a":1,"b":"x","c":null,"d":[{"n":1},{"n":2}],"e":[],"f":true}"# + "\n{}")
    }

    @Test func jsonEscapes() {
        var json = JSONText()
        json.string("a\"b\\c\nd\te\r\u{1}ü🐦/\u{7F}")
        #expect(json.text == #""a\"b\\c\nd\te\r\u0001ü🐦/"# + "\u{7F}\"")
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
    func base64AsInTheRFC(text: String, expected: String) {
        #expect(Array(text.utf8).withUnsafeBufferPointer { base64($0) } == expected)
    }

    @Test func escapes() throws {
        #expect(try Escapes.bytes(#"a\tb\n\\\x00\xfF\0\r"#) == [97, 9, 98, 10, 92, 0, 255, 0, 13])
        #expect(throws: CommandFailure.self) { try Escapes.bytes(#"\q"#) }
        #expect(throws: CommandFailure.self) { try Escapes.bytes(#"\x1"#) }
        #expect(throws: CommandFailure.self) { try Escapes.bytes(#"\"#) }
    }

    @Test func keyValues() {
        #expect(KeyValue("a=b=c").map { [$0.key, $0.value] } == ["a", "b=c"])
        #expect(KeyValue("a=").map(\.value) == "")
        #expect(KeyValue("=a") == nil)
        #expect(KeyValue("a") == nil)
    }

    @Test func quantities() {
        #expect(Quantity.bytes(999) == "999 B")
        #expect(Quantity.bytes(1000) == "1.0 kB")
        #expect(Quantity.bytes(12_345_678) == "12.3 MB")
        #expect(Quantity.bytes(999_999) == "1.0 MB")
        #expect(Quantity.grouped(1_234_567) == "1,234,567")
        #expect(Quantity.grouped(123) == "123")
        #expect(Quantity.grouped(-1000) == "-1,000")
    }
}

@Suite struct TimestampTextTests {
    @Test(arguments: [
        ("1700000000000", Int64(1_700_000_000_000)), ("0", 0), ("1970-01-01", 0), ("2023-11-14", 1_699_920_000_000),
        ("2023-11-14T22:13:20Z", 1_700_000_000_000), ("2023-11-14T22:13:20", 1_700_000_000_000),
        ("2023-11-14 22:13:20.123456Z", 1_700_000_000_123), ("2023-11-15T00:13:20+02:00", 1_700_000_000_000),
        ("2023-11-14T17:13:20-0500", 1_700_000_000_000), ("2023-11-14T22:13", 1_699_999_980_000),
        ("2024-02-29T00:00Z", 1_709_164_800_000), ("1969-12-31T23:59:59.5Z", -500),
    ])
    func parses(text: String, expected: Int64) {
        #expect(TimestampText.parse(text) == expected)
    }

    @Test(arguments: [
        "", "yesterday", "2023-13-01", "2023-02-29", "2023-00-10", "2023-11-14T", "2023-11-14T24:00", "2023-11-14T10",
        "2023-11-14T10:00:60", "2023-11-14T10:00:00.", "2023-11-14T10:00Zjunk", "2023-11-14T10:00+2", "-5",
        "99999999999999999999", "2023-11-14T10:00+25:00",
    ])
    func refuses(text: String) {
        #expect(TimestampText.parse(text) == nil)
    }

    @Test func formats() {
        #expect(TimestampText.format(1_700_000_000_123) == "2023-11-14T22:13:20.123Z")
        #expect(TimestampText.format(0) == "1970-01-01T00:00:00.000Z")
        #expect(TimestampText.format(-1) == "-")
    }

    @Test func whatIsWrittenIsReadAgain() {
        // Every day of more than a century, at changing times of day.
        for day in Int64(0)..<45_000 {
            let milliseconds = day * 86_400_000 + day * 7919 % 86_400_000
            #expect(TimestampText.parse(TimestampText.format(milliseconds)) == milliseconds)
        }
    }
}
