import Foundation

/// Where the REST API is, and what is at the same server.
struct APIRoot: Sendable {
    /// Without a slash at its end.
    let url: String
    private let parts: URLComponents?

    init(_ url: String) {
        self.url = url
        parts = URLComponents(string: url)
    }

    /// The host of the pages that people see.
    var webHost: String { url == GitHubSettings.publicAPI ? "github.com" : parts?.host ?? "" }

    /// Whether an address is at this server: same scheme, host and port, and nobody's name in it.
    func isHere(_ address: String) -> Bool {
        guard let other = URLComponents(string: address), let parts, other.user == nil, other.password == nil else {
            return false
        }
        func port(_ parts: URLComponents) -> Int { parts.port ?? (parts.scheme?.lowercased() == "https" ? 443 : 80) }
        return other.scheme?.lowercased() == parts.scheme?.lowercased()
            && other.host?.lowercased() == parts.host?.lowercased() && port(other) == port(parts)
    }

    /// Path and query of an address, from the root of the API; nil when it is not below it.
    func path(of address: String) -> String? {
        guard isHere(address), let other = URLComponents(string: address), let parts,
            other.percentEncodedPath.hasPrefix(parts.percentEncodedPath)
        else { return nil }
        let path = other.percentEncodedPath.dropFirst(parts.percentEncodedPath.count)
        return path + (other.percentEncodedQuery.map { "?\($0)" } ?? "")
    }
}
