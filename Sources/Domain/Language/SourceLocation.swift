/// A place in a definition file. Line and column count from 1, the column in Unicode scalars.
package struct SourceLocation: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
    package var file: String
    package var line: Int
    package var column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// The place of values that come from no file.
    package static let none = SourceLocation(file: "", line: 0, column: 0)

    package static func < (left: SourceLocation, right: SourceLocation) -> Bool {
        (left.file, left.line, left.column) < (right.file, right.line, right.column)
    }

    package var description: String { line == 0 ? file : "\(file):\(line):\(column)" }
}
