import Domain
import Foundation

/// Writes to the terminal or the pipe.
enum Terminal {
    /// Whether standard output is a terminal.
    static let isInteractive = isatty(STDOUT_FILENO) == 1

    static func say(_ text: String) { write(text + "\n", to: .standardOutput) }

    static func complain(_ text: String) { write(text + "\n", to: .standardError) }

    /// A reader that has gone, such as `head`, ends nothing: a job is waited for all the same, and a bot serves on.
    static func write(_ text: String, to place: FileHandle = .standardOutput) {
        try? place.write(contentsOf: Data(text.utf8))
    }

    /// One JSON text on one line.
    static func json(_ value: some Encodable) throws {
        say(String(decoding: try ListingJSON.encode(value), as: UTF8.self))
    }

    static func say(_ report: Report) {
        var lines = [bold(report.title)]
        for block in report.blocks {
            switch block {
            case .text(let text): lines.append(text)
            case .code(let text):
                lines += text.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
            case .fields(let fields):
                let width = fields.map(\.name.count).max() ?? 0
                lines += fields.map { field in
                    "  \(field.name)\(String(repeating: " ", count: width - field.name.count))  \(field.value)"
                }
            case .steps(let steps):
                lines += steps.map { "  \($0.state.mark) \($0.name)" + ($0.note.isEmpty ? "" : "  \($0.note)") }
            case .offers(let offers): lines += offers.map { "  \($0.label): defimon run \"\($0.commandLine)\"" }
            }
        }
        say(lines.joined(separator: "\n"))
    }

    /// Columns of a listing, as wide as their widest cell.
    static func table(_ header: [String], _ rows: [[String]]) {
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            cells.enumerated().map { index, cell in
                index == cells.count - 1 ? cell : cell + String(repeating: " ", count: widths[index] - cell.count)
            }.joined(separator: "  ")
        }
        say(bold(line(header)))
        for row in rows { say(line(row)) }
    }

    private static func bold(_ text: String) -> String { isInteractive ? "\u{1b}[1m\(text)\u{1b}[0m" : text }
}
