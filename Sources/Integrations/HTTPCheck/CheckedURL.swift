import Foundation

/// A URL that may be asked.
struct CheckedURL: Sendable, Hashable {
    /// What is wrong with a URL, and what would be right.
    struct Invalid: Error {
        var message: String
        var fix: String
    }

    var text: String
    /// Without the brackets of an IPv6 address.
    var host: String
    var port: Int
    var isTLS: Bool

    /// Throws `Invalid`.
    init(_ text: String) throws(Invalid) {
        guard text.utf8.count <= 2048, let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), var host = parts.host, !host.isEmpty
        else {
            throw Invalid(
                message: "this is no URL of a web server", fix: "write for example https://example.org/health")
        }
        guard parts.user == nil, parts.password == nil else {
            throw Invalid(message: "the URL holds a user or a password", fix: "leave it out: URLs are shown and logged")
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        let port = parts.port ?? (scheme == "https" ? 443 : 80)
        guard (1...65_535).contains(port) else {
            throw Invalid(message: "the URL has the port \(port)", fix: "ports go from 1 to 65535")
        }
        self.text = text
        self.host = host
        self.port = port
        isTLS = scheme == "https"
    }

    /// `https://example.org:8443/health`: what people see, without the query, which may hold what is not theirs.
    var shown: String { String(text.prefix { $0 != "?" && $0 != "#" }.prefix(200)) }
}
