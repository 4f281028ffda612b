import Foundation

/// URLs that a CA hands out.
enum ACMELink {
    /// Characters at most.
    static let longest = 2048

    /// A URL that may be asked: https, or http on this machine. Throws `ACMEError` that names what it is of.
    static func checked(_ text: String?, _ what: String) throws(ACMEError) -> String {
        guard let text else { throw ACMEError.strange("the CA's answer has no \(what)") }
        guard text.utf8.count <= longest else {
            throw ACMEError.strange("the CA's \(what) is a URL of more than \(longest) characters")
        }
        guard isUsable(text) else {
            throw ACMEError.strange("the CA's \(what) is no https URL: \(text.prefix(100))")
        }
        return text
    }

    private static func isUsable(_ text: String) -> Bool {
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }), let url = URLComponents(string: text),
            let host = url.host, !host.isEmpty, url.user == nil
        else { return false }
        return url.scheme == "https"
            || url.scheme == "http" && ["localhost", "127.0.0.1", "[::1]", "::1"].contains(host)
    }

    /// URLs of a `Link` header that stand in a relation (RFC 8288 §3), at most 10; those that may not be asked are left
    /// out.
    static func links(_ header: String?, relation: String) -> [String] {
        guard let header else { return [] }
        // `<url>;rel="up", <url>;rel="alternate"`: a URL in brackets, then parameters up to the next one.
        return header.split(separator: "<").prefix(50).compactMap { part -> String? in
            let pieces = part.split(separator: ">", maxSplits: 1)
            guard pieces.count == 2 else { return nil }
            let parameters = pieces[1].split { ";,".contains($0) }.map { $0.filter { $0 != " " && $0 != "\"" } }
            guard parameters.contains("rel=\(relation)") else { return nil }
            return try? checked(String(pieces[0]), "link")  // one that may not be asked is none
        }.prefix(10).map(\.self)
    }
}
