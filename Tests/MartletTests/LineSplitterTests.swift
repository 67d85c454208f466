import TestSupport
import Testing

@testable import martlet

@Suite struct LineSplitterTests {
    private func lines(_ text: [UInt8], blockBytes: Int) -> [[UInt8]] {
        var splitter = LineSplitter()
        var lines: [[UInt8]] = []
        for start in stride(from: 0, to: text.count, by: blockBytes) {
            let block = Array(text[start..<min(start + blockBytes, text.count)])
            splitter.feed(block.span.bytes) { line in lines.append(line.withUnsafeBytes { Array($0) }) }
        }
        splitter.finish { line in lines.append(line.withUnsafeBytes { Array($0) }) }
        return lines
    }

    @Test(arguments: 1...12)
    func linesOverBlockBorders(blockBytes: Int) {
        let text = Array("one\n\ntwo and more\n\nlast without end".utf8)
        let expected = ["one", "", "two and more", "", "last without end"].map { Array($0.utf8) }
        #expect(lines(text, blockBytes: blockBytes) == expected)
    }

    @Test func aFinalNewlineMakesNoEmptyLine() {
        #expect(lines(Array("a\nb\n".utf8), blockBytes: 100).count == 2)
        #expect(lines([], blockBytes: 100).isEmpty)
        #expect(lines(Array("\n".utf8), blockBytes: 1) == [[]])
    }

    @Test func agreesWithAPlainSplit() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<200 {
            let text = (0..<Int.random(in: 0...400, using: &generator)).map { _ in
                UInt8.random(in: 0..<5, using: &generator) == 0 ? 0x0A : UInt8.random(in: 65...90, using: &generator)
            }
            var expected = text.split(separator: 0x0A, omittingEmptySubsequences: false).map { Array($0) }
            if expected.last == [] { expected.removeLast() }
            #expect(lines(text, blockBytes: Int.random(in: 1...64, using: &generator)) == expected)
        }
    }

    @Test func findsSeparators() {
        func find(_ separator: String, _ line: String) -> Range<Int>? {
            firstRange(of: Array(separator.utf8), in: Array(line.utf8).span.bytes)
        }
        #expect(find(":", "a:b:c") == 1..<2)
        #expect(find("::", "a:b::c") == 3..<5)
        #expect(find("::", "a:b:") == nil)
        #expect(find(":", "") == nil)
        #expect(find("abc", "ab") == nil)
        #expect(find("ab", "aab") == 1..<3)
    }
}
