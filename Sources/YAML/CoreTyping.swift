import Domain

/// What a plain scalar of a definition is.
enum CoreTyping {
    static func content(of text: String) -> LocatedValue.Content {
        switch text {
        case "", "~", "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default: break
        }
        guard let first = text.utf8.first, first == UInt8(ascii: "-") || first.isDigit else { return .string(text) }
        let digits = first.isDigit ? text[...] : text.dropFirst()
        let whole = digits.utf8.prefix { $0.isDigit }
        // `007` is a name, not a number; a number with an exponent alone (`12e5`) may be a commit.
        guard !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0") else { return .string(text) }
        let rest = digits.utf8.dropFirst(whole.count)
        if rest.isEmpty { return Int64(text).map { .int($0) } ?? .string(text) }
        guard rest.first == UInt8(ascii: "."), rest.count > 1, rest.dropFirst().allSatisfy(\.isDigit),
            let number = Double(text)
        else { return .string(text) }
        return .double(number)
    }
}

extension UInt8 {
    /// Whether it is an ASCII digit.
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
}
