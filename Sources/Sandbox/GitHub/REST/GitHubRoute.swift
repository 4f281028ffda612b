/// One path of the API, as the documentation writes it: `repos/:owner/:repo/commits/*ref/check-runs`. A part with a
/// star takes as many segments as there are: branches may have slashes in their names.
struct GitHubRoute: Sendable {
    /// Who may ask.
    enum Access: Sendable {
        /// The App itself, with its JSON Web Token.
        case app
        /// A user or an installation, with a token.
        case token
        /// A user with a token, no installation.
        case user
        /// An installation, no user.
        case installation
        case anybody
    }

    let method: String
    let parts: [Substring]
    let access: Access
    let handle: @Sendable (GitHubCall) async throws -> SandboxAnswer

    init(
        _ method: String, _ pattern: String, _ access: Access = .token,
        _ handle: @escaping @Sendable (GitHubCall) async throws -> SandboxAnswer
    ) {
        self.method = method
        parts = pattern.split(separator: "/")
        self.access = access
        self.handle = handle
    }

    /// The parameters in a path, by name; nil when the path is another.
    func parameters(of segments: [String]) -> [String: String]? {
        let star = parts.firstIndex { $0.hasPrefix("*") }
        let taken = star == nil ? 1 : segments.count - parts.count + 1
        guard taken >= 1, star != nil || segments.count == parts.count else { return nil }
        var (found, index) = ([String: String](), 0)
        for part in parts {
            let count = part.hasPrefix("*") ? taken : 1
            let value = segments[index..<index + count].joined(separator: "/")
            index += count
            if part.hasPrefix(":") || part.hasPrefix("*") {
                found[String(part.dropFirst())] = value
            } else if part != value {
                return nil
            }
        }
        return found
    }
}
