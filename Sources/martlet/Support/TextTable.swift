// TextTable: columns for people. Numbers stand right, the last column is not padded, control characters are escaped.

struct TextTable {
    private let columns: [String]
    private var rows: [[String]] = []

    init(_ columns: [String]) { self.columns = columns }

    mutating func add(_ row: [String]) {
        precondition(row.count == columns.count, "a row has a cell for each column")
        rows.append(row.map(Escapes.visible))
    }

    var isEmpty: Bool { rows.isEmpty }

    /// The lines, each with its line break.
    var text: String {
        let all = [columns] + rows
        let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        // A column is numeric if every cell below its title is a number or a dash, and not all are dashes.
        let isNumeric = columns.indices.map { column in
            rows.allSatisfy { row in Self.isNumber(row[column]) } && rows.contains { row in row[column] != "-" }
        }
        var text = ""
        for row in all {
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                if column > 0 { line += "  " }
                line += isNumeric[column] ? padding + cell : cell + padding
            }
            while line.last == " " { line.removeLast() }
            text += line + "\n"
        }
        return text
    }

    /// Digits with a sign or a point, or a dash for none.
    private static func isNumber(_ cell: String) -> Bool {
        cell == "-" || (Double(cell) != nil && cell.utf8.allSatisfy { (0x2D...0x39).contains($0) })
    }
}
