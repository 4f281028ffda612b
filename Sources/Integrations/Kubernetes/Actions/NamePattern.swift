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
}
