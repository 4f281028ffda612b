import Domain

/// What names of objects may look like (kubernetes.io/docs/concepts/overview/working-with-objects/names).
enum NamePattern {
    // The texts are constant and compile; without a pattern the API server itself refuses a wrong name.
    /// RFC 1123 label: namespaces.
    static let label = try? Pattern("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
    /// RFC 1123 subdomain: most other objects.
    static let subdomain = try? Pattern("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
    /// A key of a Secret.
    static let secretKey = try? Pattern("[-._a-zA-Z0-9]{1,253}")
    /// A variable of a container's environment.
    static let variable = try? Pattern("[A-Za-z_][A-Za-z0-9_]{0,127}")
    /// The id of a repository's tree: one folder's name, which cannot lead elsewhere.
    static let tree = try? Pattern("[a-zA-Z0-9][-._a-zA-Z0-9]{0,199}")
    /// `owner/name` at GitHub.
    static let repository = try? Pattern("[A-Za-z0-9][-_A-Za-z0-9]{0,99}/[-._A-Za-z0-9]{1,100}")
    /// A commit's SHA, or its beginning.
    static let commit = try? Pattern("[0-9a-f]{7,64}")
}
