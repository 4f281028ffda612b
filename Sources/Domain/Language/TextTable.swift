/// A table of plain text: columns side by side, as kubectl prints them.
package struct TextTable: Sendable {
    /// A longer cell is cut.
    package static let longestCell = 120

    private var rows: [[String]]

    package init(_ heads: [String]) { rows = [heads] }

    /// Adds a row.
    package mutating func add(_ cells: [String]) { rows.append(cells.map(TextTable.clean)) }

    /// All rows, without a line break at the end.
    package var text: String {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { index, cell in
                index == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[index] - cell.count)
            }
            return String(cells.joined(separator: "  ").trimmed)
        }.joined(separator: "\n")
    }

    /// One line of bounded length: what stands in a cell may come from outside.
    private static func clean(_ cell: String) -> String {
        let line = String(cell.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
        return line.count > longestCell ? String(line.prefix(longestCell - 1)) + "…" : line
    }
}
