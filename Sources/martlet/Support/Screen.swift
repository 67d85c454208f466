// Screen: redraws a block of text in place on a terminal; elsewhere it prints block after block.
//
// On a terminal it uses the alternate screen, and puts the last block on the normal one when it leaves.

import Glibc

struct Screen {
    private let isTerminal: Bool
    private let write: (String) -> Void
    private var last = ""
    private var isEntered = false

    private static let enterAlternate = "\u{1B}[?1049h\u{1B}[?25l"
    private static let leaveAlternate = "\u{1B}[?25h\u{1B}[?1049l"
    private static let home = "\u{1B}[H"
    private static let eraseLine = "\u{1B}[K"
    private static let eraseBelow = "\u{1B}[J"

    init(
        isTerminal: Bool = StandardOutput.isTerminal,
        write: @escaping (String) -> Void = { StandardOutput.write(Array($0.utf8)) }
    ) {
        self.isTerminal = isTerminal
        self.write = write
    }

    /// Shows a block of whole lines.
    mutating func show(_ text: String, size: (columns: Int, rows: Int) = Screen.size()) {
        guard isTerminal else {
            // A blank line stands between blocks.
            write(last.isEmpty ? text : "\n" + text)
            last = text
            return
        }
        last = text
        let start = isEntered ? Self.home : Self.enterAlternate + Self.home
        isEntered = true
        write(start + Self.cut(text, size).map { $0 + Self.eraseLine }.joined(separator: "\r\n") + Self.eraseBelow)
    }

    /// Shows a warning below a block that was shown before; elsewhere than on a terminal once, on the standard error.
    mutating func warn(_ sentence: String, below text: String, isNew: Bool) {
        if isTerminal {
            show("\(text)\nwarning: \(sentence)\n")
        } else if isNew {
            StandardError.print("warning: \(sentence)")
        }
    }

    /// Gives the terminal back.
    mutating func leave() {
        guard isEntered else { return }
        isEntered = false
        write(Self.leaveAlternate + last)
    }

    /// What fits: a line that wraps or a block that scrolls would spoil the next drawing.
    static func cut(_ text: String, _ size: (columns: Int, rows: Int)) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
            String($0.prefix(size.columns))
        }
        if lines.last == "" { lines.removeLast() }
        guard lines.count > size.rows else { return lines }
        let hidden = lines.count - size.rows + 1
        return lines.prefix(size.rows - 1) + [String("… \(hidden) more lines".prefix(size.columns))]
    }

    static func size() -> (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}
