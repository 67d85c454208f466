import Testing

@testable import Broker

@Suite struct TopicPatternTests {
    @Test(
        arguments: [
            ("orders", ["orders"], ["order", "orders-1", "xorders", ""]),
            ("orders-.*", ["orders-", "orders-eu"], ["orders", "xorders-eu"]),
            ("^orders$", ["orders"], ["orders-1"]),
            ("a|bc|", ["a", "bc", ""], ["b", "ab"]),
            ("(a|b)+c?", ["a", "abab", "abc"], ["", "c", "abcc"]),
            ("(?:ab){2,3}", ["abab", "ababab"], ["ab", "abababab"]),
            ("a{0}b{2}c{1,}", ["bbc", "bbcc"], ["abbc", "bb"]),
            ("[a-c_.-]+[^0-9]", ["a-b_c.x", "--"], ["d-x", "a1", "a"]),
            ("[]a]+", ["]a]"], ["[", ""]),
            ("[[:alpha:]][[:^digit:]]\\d\\D", ["ab1x", "z-9-"], ["1b1x", "a11x", "ab11"]),
            ("\\w+\\.\\w+", ["a_1.b"], ["a-1.b", "a1"]),
            ("\\pL\\p{Lu}\\PL", ["aB1", "BB-"], ["ab1", "aBc"]),
            ("\\Qa.b*\\E+", ["a.b*", "a.b**"], ["axb", "a.b"]),
            ("\\Qa.b", ["a.b"], ["axb"]),
            ("(?i)Logs-[a-c]", ["LOGS-B", "logs-c"], ["logs-d"]),
            ("(?i:a)b", ["Ab", "ab"], ["AB"]),
            ("(?P<name>x)(?<other>y)", ["xy"], ["x"]),
            ("\\x61\\x{62}\\143", ["abc"], ["abd"]),
            (".*?x.*?", ["x", "axb"], ["ab"]),
            ("\\bfoo\\b.*", ["foo", "foo-bar"], ["foobar"]),
            ("foo\\B.*", ["foobar"], ["foo-bar", "foo"]),
            ("\\Afoo\\z", ["foo"], ["foox"]),
            ("a{,2}", ["a{,2}"], ["aa"]),
            ("ä", [], ["a", ""]),
            ("(a*)*", ["", "aaa"], ["b"]),
            ("(|a)+", ["", "aa"], ["b"]),
        ] as [(String, [String], [String])])
    func namesMatchAsAWhole(_ text: String, _ matching: [String], _ others: [String]) throws {
        let pattern = try TopicPattern(text)
        for name in matching { #expect(pattern.matches(name), "\(text) matches \(name)") }
        for name in others { #expect(!pattern.matches(name), "\(text) does not match \(name)") }
    }

    @Test(
        arguments: [
            ("(", "missing closing )"), (")", "unexpected )"), ("a(b", "missing closing )"),
            ("[a", "missing closing ]: `[a`"), ("*a", "missing argument to repetition operator: `*`"),
            ("a**", "invalid nested repetition operator: `**`"),
            ("a{2}{3}", "invalid nested repetition operator: `{2}{3}`"),
            ("a{1001}", "invalid repeat count: `{1001}`"), ("a{3,2}", "invalid repeat count: `{3,2}`"),
            ("\\", "trailing backslash at end of expression"), ("\\1", "invalid escape sequence: `\\1`"),
            ("\\y", "invalid escape sequence: `\\y`"), ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
            ("(?<=a)", "invalid or unsupported Perl syntax: `(?<`"), ("(?P<a", "invalid named capture: `(?P<a`"),
            ("[z-a]", "invalid character class range: `z-a`"),
            ("[[:nope:]]", "invalid character class range: `[:nope:]`"),
            ("\\p{Nope}", "invalid character class range: `\\p{Nope}`"), ("(a{500}){500}", "expression too large"),
        ] as [(String, String)])
    func whatIsNoneIsRefused(_ text: String, _ problem: String) {
        #expect(throws: TopicPatternError(description: problem)) { _ = try TopicPattern(text) }
    }

    /// What is meant to take for ever does not: neither to read nor to match.
    @Test func hostilePatternsAreQuick() throws {
        let clock = ContinuousClock()
        let spent = try clock.measure {
            let name = String(repeating: "a", count: 249)
            for text in ["(a*)*b", "(a|aa)+b", "(a|a)*b", "((a?){30}a{30})*b", "(.*)(.*)(.*)(.*)(.*)(.*)(.*)b"] {
                #expect(!(try TopicPattern(text).matches(name)))
            }
            _ = try TopicPattern("(((((){1000}){1000}){1000}){1000}){1000}")
            for text in [
                String(repeating: "(", count: 4_000),
                String(repeating: "(a", count: 99) + String(repeating: "){9}", count: 99),
                String(repeating: "a", count: 5_000), "((a{100}){100}){100}",
            ] {
                #expect(throws: TopicPatternError.self) { _ = try TopicPattern(text) }
            }
        }
        #expect(spent < .seconds(5))
    }
}
