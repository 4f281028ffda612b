/// One condition on what an event says, in Alertmanager's matcher syntax (prometheus.io/docs/alerting, "matcher") on
/// dotted paths: `labels.severity != info`, `labels.alertname =~ "Geth(Down|Stuck)"`. A path that is not there is "".
/// Beyond that syntax `<`, `<=`, `>` and `>=` compare numbers, quantities and time spans: `arguments.size > 500GiB`.
package struct Matcher: Sendable, Hashable, CustomStringConvertible {
    package enum Comparison: String, Sendable, Hashable {
        case equal = "="
        case notEqual = "!="
        case matches = "=~"
        case doesNotMatch = "!~"
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
    }

    package var path: String
    package var comparison: Comparison
    package var value: String
    private var pattern: Pattern?

    /// What is wrong with the text of a matcher.
    package struct Invalid: Error, Sendable {
        package var reason: String
        package var fix: String?
    }

    /// Reads one matcher. Throws `Invalid` that says what is wrong and what would be right.
    package init(parsing text: String) throws(Invalid) {
        guard let (start, comparison) = Matcher.comparison(in: text) else {
            throw Invalid(
                reason: "'\(text)' has no comparison", fix: "write for example labels.severity = \"critical\"")
        }
        let path = text[..<start].trimmed
        let afterComparison = text.index(start, offsetBy: comparison.rawValue.count)
        let raw = text[afterComparison...].trimmed
        guard !path.isEmpty else { throw Invalid(reason: "'\(text)' has no path before \(comparison.rawValue)") }
        guard path.allSatisfy({ $0.isLetter || $0.isNumber || "._-/:".contains($0) }) else {
            throw Invalid(
                reason: "'\(path)' is not a dotted path", fix: "use letters, digits, '.', '_', '-', '/' and ':'")
        }
        self.path = String(path)
        self.comparison = comparison
        self.value = try Matcher.unquote(String(raw))
        switch comparison {
        case .equal, .notEqual: pattern = nil
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            pattern = nil
            guard Measure(value) != nil else {
                throw Invalid(
                    reason: "'\(value)' is nothing that \(comparison.rawValue) can compare",
                    fix: "write a number, a quantity such as 500GiB or a time span such as 2h")
            }
        case .matches, .doesNotMatch:
            do { pattern = try Pattern(value) } catch {
                throw Invalid(reason: "the regular expression '\(value)' is not valid: \(error.reason)")
            }
        }
    }

    private static func comparison(in text: String) -> (String.Index, Comparison)? {
        for index in text.indices {
            switch text[index] {
            case "\"": return nil
            case "!":
                let next = text.index(after: index)
                guard next < text.endIndex else { return nil }
                if text[next] == "=" { return (index, .notEqual) }
                if text[next] == "~" { return (index, .doesNotMatch) }
            case "<", ">":
                let next = text.index(after: index)
                let isOrEqual = next < text.endIndex && text[next] == "="
                return (
                    index,
                    text[index] == "<"
                        ? isOrEqual ? .lessOrEqual : .less : isOrEqual ? .greaterOrEqual : .greater
                )
            case "=":
                let next = text.index(after: index)
                if next < text.endIndex, text[next] == "~" { return (index, .matches) }
                return (index, .equal)
            default: continue
            }
        }
        return nil
    }

    private static func unquote(_ raw: String) throws(Invalid) -> String {
        guard raw.hasPrefix("\"") else {
            if raw.contains("\"") {
                throw Invalid(
                    reason: "the value \(raw) has a quote in its middle", fix: "put the whole value in quotes")
            }
            return raw
        }
        guard raw.count >= 2, raw.hasSuffix("\"") else {
            throw Invalid(reason: "the value \(raw) has no closing quote")
        }
        var value = ""
        var escaped = false
        for character in raw.dropFirst().dropLast() {
            if escaped {
                switch character {
                case "n": value += "\n"
                case "\"", "\\": value.append(character)
                // Any other escape belongs to the regular expression.
                default: value += "\\" + String(character)
                }
                escaped = false
            } else if character == "\\" {
                escaped = true
            } else if character == "\"" {
                throw Invalid(reason: "the value \(raw) has a quote in its middle", fix: "write it as \\\"")
            } else {
                value.append(character)
            }
        }
        guard !escaped else { throw Invalid(reason: "the value \(raw) has no closing quote") }
        return value
    }

    /// What a matcher saw, and whether it holds.
    package struct Verdict: Sendable, Hashable {
        package var matcher: String
        package var saw: String
        package var holds: Bool
    }

    /// Looks at `value`, and says what it saw there.
    package func verdict(on value: JSONValue) -> Verdict {
        let saw = value.at(path: path)?.plainText ?? ""
        let holds =
            switch comparison {
            case .equal: saw == self.value
            case .notEqual: saw != self.value
            case .matches: pattern?.matches(saw) ?? false
            case .doesNotMatch: !(pattern?.matches(saw) ?? true)
            case .less: compares(saw) { $0 < $1 }
            case .lessOrEqual: compares(saw) { $0 <= $1 }
            case .greater: compares(saw) { $0 > $1 }
            case .greaterOrEqual: compares(saw) { $0 >= $1 }
            }
        return Verdict(matcher: description, saw: String(saw.prefix(200)), holds: holds)
    }

    /// What cannot be compared, also a path that is not there, never holds.
    private func compares(_ saw: String, _ relation: (Double, Double) -> Bool) -> Bool {
        guard let left = Measure(saw), let right = Measure(value), left.isTime == right.isTime else { return false }
        return relation(left.amount, right.amount)
    }

    /// A number, an amount of bytes, or a time span in milliseconds.
    private struct Measure {
        var amount: Double
        var isTime = false

        init?(_ text: String) {
            if let number = Double(text), number.isFinite {
                amount = number
            } else if let quantity = Quantity(text) {
                amount = Double(quantity.bytes)
            } else if let duration = DurationText.parse(text) {
                (amount, isTime) = (Double(duration.milliseconds), true)
            } else {
                return nil
            }
        }
    }

    package var description: String {
        let quoted = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
        return "\(path) \(comparison.rawValue) \"\(quoted)\""
    }
}

extension StringProtocol {
    /// The text without white space at its ends.
    package var trimmed: SubSequence {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return self[endIndex...] }
        return self[first...last]
    }
}
