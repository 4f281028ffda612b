import Domain
import Yams

/// Yams names the place of a doubled key's first writing; people want the second.
enum DuplicateKey {
    /// The place where the key that begins at `first` is written again in the same block map; nil when it cannot be
    /// found, as in a flow map.
    static func second(after first: Mark, in text: String) -> (line: Int, column: Int)? {
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        guard first.line >= 1, first.line <= lines.count, first.column >= 1 else { return nil }
        let line = lines[first.line - 1].dropFirst(first.column - 1)
        guard let colon = line.firstIndex(of: ":") else { return nil }
        let key = line[...colon]
        for (offset, line) in lines[first.line...].enumerated() {
            let indentation = line.prefix { $0 == " " }.count
            let rest = line.dropFirst(indentation)
            if rest.isEmpty || rest.first == "#" { continue }
            if indentation < first.column - 1 { return nil }
            if indentation == first.column - 1, rest.starts(with: key) {
                return (first.line + offset + 1, first.column)
            }
        }
        return nil
    }
}
