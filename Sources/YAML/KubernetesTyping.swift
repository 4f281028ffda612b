import Domain
import Foundation
import Yams

/// What a plain scalar of a manifest is (the resolver of go-yaml 2, as sigs.k8s.io/yaml carries it).
enum KubernetesTyping {
    private static let words: [String: JSONValue] = {
        var words: [String: JSONValue] = [:]
        for word in ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"] { words[word] = true }
        for word in ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"] { words[word] = false }
        for word in ["", "~", "null", "Null", "NULL"] { words[word] = .null }
        for word in [".nan", ".NaN", ".NAN"] { words[word] = .double(.nan) }
        for word in [".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"] { words[word] = .double(.infinity) }
        for word in ["-.inf", "-.Inf", "-.INF"] { words[word] = .double(-.infinity) }
        return words
    }()

    static func value(of text: String) -> JSONValue {
        if let word = words[text] { return word }
        guard let first = text.utf8.first else { return .null }
        if first == UInt8(ascii: ".") { return isFloat(text) ? float(text) ?? .string(text) : .string(text) }
        guard first.isDigit || first == UInt8(ascii: "+") || first == UInt8(ascii: "-"), !isTimestamp(text) else {
            return .string(text)
        }
        let plain = text.filter { $0 != "_" }
        if let number = integer(plain) { return number }
        if isFloat(plain), let number = float(plain) { return number }
        return .string(text)
    }

    /// Whether an explicit tag admits the value.
    static func fits(_ value: JSONValue, tag: String) -> Bool {
        switch (tag, value) {
        case (Tag.Name.int.rawValue, .int), (Tag.Name.float.rawValue, .int), (Tag.Name.float.rawValue, .double),
            (Tag.Name.bool.rawValue, .bool), (Tag.Name.null.rawValue, .null):
            true
        default: false
        }
    }

    /// Go's `strconv.ParseInt(text, 0, 64)`: 0x, 0o, 0b and a leading 0 (octal). What does not fit into 63 bits becomes
    /// a floating-point number.
    private static func integer(_ text: String) -> JSONValue? {
        let isNegative = text.hasPrefix("-")
        let digits = (isNegative || text.hasPrefix("+") ? text.dropFirst() : text[...]).lowercased()
        let radix: Int
        let rest: Substring
        switch digits.prefix(2) {
        case "0x": (radix, rest) = (16, digits.dropFirst(2))
        case "0o": (radix, rest) = (8, digits.dropFirst(2))
        case "0b": (radix, rest) = (2, digits.dropFirst(2))
        default:
            let isOctal = digits.count > 1 && digits.hasPrefix("0")
            (radix, rest) = isOctal ? (8, digits.dropFirst()) : (10, digits[...])
        }
        guard !rest.isEmpty, rest.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else {
            return nil
        }
        if let number = Int64((isNegative ? "-" : "") + rest, radix: radix) { return .int(number) }
        return radix == 10 && rest.utf8.allSatisfy(\.isDigit) ? Double(text).map { .double($0) } : nil
    }

    /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
    private static func isFloat(_ text: String) -> Bool {
        var rest = text.utf8[...]
        func skipDigits() -> Int {
            let count = rest.prefix(while: \.isDigit).count
            rest = rest.dropFirst(count)
            return count
        }
        func skipSign() {
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        }
        skipSign()
        let whole = skipDigits()
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            let fraction = skipDigits()
            guard whole + fraction > 0 else { return false }
        } else if whole == 0 {
            return false
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            skipSign()
            guard skipDigits() > 0 else { return false }
        }
        return rest.isEmpty
    }

    private static func float(_ text: String) -> JSONValue? {
        guard let number = Double(text), number.isFinite else { return nil }
        return .double(number)
    }

    /// Dates and times stay text; only those that begin with a year and a hyphen could be taken for numbers, and those
    /// never are.
    private static func isTimestamp(_ text: String) -> Bool {
        text.utf8.count > 4 && text.utf8.prefix(4).allSatisfy(\.isDigit)
            && text.utf8.dropFirst(4).first == UInt8(ascii: "-")
    }
}
