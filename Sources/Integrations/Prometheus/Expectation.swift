import Domain

/// What must hold of a query's answer: `empty`, `not empty`, or a comparison of every sample, such as `< 60`.
struct Expectation: Sendable, Hashable {
    /// What is wrong with a text that is none.
    struct Invalid: Error {
        var message: String
    }

    enum Kind: Sendable, Hashable {
        case empty
        case notEmpty
        case compare(String, Double)
    }

    /// What people may write, for problems and help.
    static let forms = "empty, not empty, or a comparison of every sample such as > 0, <= 60, == 1 or != 0"

    var text: String
    var kind: Kind

    /// Throws `Invalid`.
    init(_ text: String) throws(Invalid) {
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        self.text = words
        switch words {
        case "empty": kind = .empty
        case "not empty": kind = .notEmpty
        default:
            guard let comparison = [">=", "<=", "==", "!=", ">", "<"].first(where: words.hasPrefix),
                let number = QueryAnswer.number(String(words.dropFirst(comparison.count).trimmed)), !number.isNaN
            else { throw Invalid(message: "'\(text.prefix(80))' says nothing that could hold") }
            kind = .compare(comparison, number)
        }
    }

    /// Whether one sample is as it should be. NaN never is.
    func holds(_ value: Double) -> Bool {
        guard case .compare(let comparison, let number) = kind, !value.isNaN else { return false }
        switch comparison {
        case ">=": return value >= number
        case "<=": return value <= number
        case "==": return value == number
        case "!=": return value != number
        case ">": return value > number
        default: return value < number
        }
    }
}
