// ProgressLine: how far a long command is, and how fast, on one line of a terminal's stderr.

import LogStorage

struct ProgressLine {
    private let isShown: Bool
    private let time: any TimeSource
    private let started: Int64
    private var lastShown: Int64

    init(isShown: Bool = StandardError.isTerminal, time: any TimeSource = SystemTime()) {
        self.isShown = isShown
        self.time = time
        started = time.monotonicNanoseconds
        lastShown = started
    }

    /// Redraws the line, at most five times a second.
    mutating func update(records: Int, bytes: Int) {
        guard isShown, time.monotonicNanoseconds - lastShown >= 200_000_000 else { return }
        lastShown = time.monotonicNanoseconds
        StandardError.write("\r\(summary("", records: records, bytes: bytes))\u{1B}[K")
    }

    /// Takes the line away.
    func clear() {
        if isShown { StandardError.write("\r\u{1B}[K") }
    }

    var elapsedSeconds: Double { Double(time.monotonicNanoseconds - started) / 1e9 }

    func summary(_ verb: String, records: Int, bytes: Int) -> String {
        let seconds = max(elapsedSeconds, 1e-6)
        let rate = Int64(Double(bytes) / seconds)
        return verb + (verb.isEmpty ? "" : " ")
            + "\(Quantity.grouped(records)) records, \(Quantity.bytes(Int64(bytes))) in \(Quantity.tenths(seconds)) s "
            + "(\(Quantity.grouped(Int(Double(records) / seconds)))/s, \(Quantity.bytes(rate))/s)"
    }
}
