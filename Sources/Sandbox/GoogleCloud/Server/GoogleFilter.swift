import Domain
import Foundation

/// A list's `filter`, as far as it is used: comparisons by `=`, `!=`, `:` (has), `eq` and `ne` (a whole regular
/// expression), all of which must hold; they stand behind each other with `AND` or in parentheses
/// (cloud.google.com/compute/docs/reference/rest/v1/instances/list).
struct GoogleFilter {
    private enum Test { case equal, unequal, has, matches, differs }

    private struct Comparison {
        var path: [String]
        var test: Test
        var value: String
    }

    private let comparisons: [Comparison]

    /// Throws Google's error for what is not understood.
    init(_ text: String) throws {
        var comparisons: [Comparison] = []
        for part in GoogleFilter.parts(text) {
            guard let comparison = GoogleFilter.comparison(part) else {
                throw GoogleError.invalid("filter", text, "Invalid list filter expression.")
            }
            comparisons.append(comparison)
        }
        self.comparisons = comparisons
    }

    func matches(_ item: JSONValue) -> Bool { comparisons.allSatisfy { GoogleFilter.holds($0, item) } }

    /// `(a) (b)`, `(a) AND (b)`, `a AND b`.
    private static func parts(_ text: String) -> [String] {
        let plain = text.replacing("(", with: " AND ").replacing(")", with: " AND ")
        return plain.split(separator: " AND ").map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty && $0 != "AND" }
    }

    private static func comparison(_ text: String) -> Comparison? {
        let tests: [(String, Test)] = [
            (" eq ", .matches), (" ne ", .differs), ("!=", .unequal), ("=", .equal), (":", .has),
        ]
        for (sign, test) in tests {
            guard let range = text.range(of: sign) else { continue }
            let path = text[..<range.lowerBound].trimmingCharacters(in: .whitespaces)
            let value = text[range.upperBound...].trimmingCharacters(in: CharacterSet(charactersIn: " \"'"))
            guard !path.isEmpty else { return nil }
            return Comparison(path: path.split(separator: ".").map(String.init), test: test, value: value)
        }
        return nil
    }

    private static func holds(_ comparison: Comparison, _ item: JSONValue) -> Bool {
        let found = comparison.path.reduce(Optional(item)) { $0?[$1] }
        let text = found?.plainText ?? ""
        switch comparison.test {
        case .equal: return text == comparison.value
        case .unequal: return text != comparison.value
        case .has: return comparison.value == "*" ? found != nil : text.contains(comparison.value)
        case .matches: return whole(text, comparison.value)
        case .differs: return !whole(text, comparison.value)
        }
    }

    private static func whole(_ text: String, _ pattern: String) -> Bool {
        // What is no regular expression matches nothing.
        guard let regex = try? Regex(pattern) else { return false }
        return text.wholeMatch(of: regex) != nil
    }
}
