// Quantity: numbers for people.

enum Quantity {
    /// "999 B", "12.3 MB": powers of 1000, three digits.
    static func bytes(_ count: Int64) -> String {
        guard count >= 1000 else { return "\(count) B" }
        var value = Double(count)
        var unit = 0
        while value >= 999.5, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        return "\(tenths(value)) \(units[unit])"
    }

    private static let units = ["B", "kB", "MB", "GB", "TB", "PB"]

    /// "1,234,567".
    static func grouped(_ count: Int) -> String {
        var digits = Array(String(count.magnitude))
        for position in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: position) }
        return (count < 0 ? "-" : "") + String(digits)
    }

    /// One digit behind the point.
    static func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
