// DurationText: lengths of time as people write them (90s, 2h30m, PT2H) and read them (12.3 s, 3 min 20 s).

enum DurationText {
    /// Milliseconds of "500ms", "90s", "2h30m", "1d", or ISO 8601: "PT2H", "P1DT12H". nil if it is none of these.
    static func parse(_ text: String) -> Int64? {
        var rest = Substring(text.lowercased())
        let isISO = rest.first == "p"
        if isISO { rest.removeFirst() }
        var total: Int64 = 0
        var parts = 0
        while !rest.isEmpty {
            if isISO, rest.first == "t" {
                rest.removeFirst()
                // Something has to stand behind the T.
                guard !rest.isEmpty else { return nil }
            }
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest[digits.endIndex...]
            guard let number = Int64(digits), let unit = units.first(where: { rest.hasPrefix($0.name) }) else {
                return nil
            }
            rest = rest.dropFirst(unit.name.count)
            let (length, tooLong) = number.multipliedReportingOverflow(by: unit.milliseconds)
            let (sum, tooMuch) = total.addingReportingOverflow(length)
            guard !tooLong, !tooMuch else { return nil }
            total = sum
            parts += 1
        }
        return parts > 0 ? total : nil
    }

    /// "ms" stands before "m".
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 7 * 86_400_000),
    ]

    /// "0 s", "350 ms", "12.3 s", "3 min 20 s", "2 h 5 min", "3 d 4 h": two units at most.
    static func format(milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        return switch milliseconds {
        case 0: "0 s"
        case ..<1000: "\(milliseconds) ms"
        case ..<60_000: "\(seconds).\(milliseconds % 1000 / 100) s"
        case ..<3_600_000: pair(seconds / 60, "min", seconds % 60, "s")
        case ..<86_400_000: pair(seconds / 3600, "h", seconds / 60 % 60, "min")
        default: pair(seconds / 86_400, "d", seconds / 3600 % 24, "h")
        }
    }

    private static func pair(_ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String) -> String {
        "\(large) \(largeUnit)" + (small == 0 ? "" : " \(small) \(smallUnit)")
    }
}
