import Foundation

/// A web address that stands in a text: `https://` or `http://`, a host of ASCII letters without anybody's name before
/// it, and characters that may stand in a URL (RFC 3986 §2).
struct WebAddressInText: Sendable {
    private static let schemes = ["https://", "http://"].map { Array($0.unicodeScalars) }
    /// The longest address that becomes a link.
    private static let longest = 2000

    /// Without what only ends the sentence.
    let text: String
    /// How many scalars of the text it takes.
    var length: Int { text.unicodeScalars.count }

    /// Nil when none begins at `index`.
    init?(_ scalars: [Unicode.Scalar], at index: Int) {
        // In the middle of a word nothing begins.
        if index > 0, WebAddressInText.isWord(scalars[index - 1]) { return nil }
        let rest = scalars[index...].prefix(WebAddressInText.longest + 1)
        guard let scheme = WebAddressInText.schemes.first(where: { WebAddressInText.starts(rest, with: $0) }) else {
            return nil
        }
        var found = Array(rest.prefix { WebAddressInText.mayStand($0) })
        guard found.count <= WebAddressInText.longest else { return nil }
        while let last = found.last, WebAddressInText.endsASentence(last, found) { found.removeLast() }
        let host = found.dropFirst(scheme.count).prefix { !"/?#".unicodeScalars.contains($0) }
        guard !host.isEmpty,
            host.allSatisfy({ WebAddressInText.isWord($0) || "-.:[]".unicodeScalars.contains($0) }),
            host.first.map(WebAddressInText.isWord) == true || host.first == "["
        else { return nil }
        let text = String(String.UnicodeScalarView(found))
        guard URLComponents(string: text)?.host?.isEmpty == false else { return nil }
        self.text = text
    }

    /// Whether it names an issue, pull request or discussion at that host, which would be told of it.
    func isReference(at host: String) -> Bool {
        guard let parts = URLComponents(string: text), let named = parts.host?.lowercased() else { return false }
        guard named == host.lowercased() || named == "www." + host.lowercased() else { return false }
        let path = parts.path.split(separator: "/").map { $0.lowercased() }
        return path.count >= 4 && ["issues", "pull", "pulls", "discussions"].contains(path[2])
    }

    private static func starts(_ scalars: ArraySlice<Unicode.Scalar>, with scheme: [Unicode.Scalar]) -> Bool {
        scalars.count > scheme.count
            && zip(scalars, scheme).allSatisfy { $0.properties.lowercaseMapping == String($1) }
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
    }

    private static func mayStand(_ scalar: Unicode.Scalar) -> Bool {
        isWord(scalar) || "-._~:/?#[]@!$&'()*+,;=%".unicodeScalars.contains(scalar)
    }

    /// A full stop or bracket behind an address is the sentence's, but for a bracket that was opened in the address.
    private static func endsASentence(_ scalar: Unicode.Scalar, _ found: [Unicode.Scalar]) -> Bool {
        if scalar == ")" { return found.count { $0 == ")" } > found.count { $0 == "(" } }
        if scalar == "]" { return found.count { $0 == "]" } > found.count { $0 == "[" } }
        return ".,;:!?'*_~".unicodeScalars.contains(scalar)
    }
}
