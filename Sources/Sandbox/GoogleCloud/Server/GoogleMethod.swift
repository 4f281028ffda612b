import Domain

/// One method of an API, as its discovery document names it: `compute.disks.insert`.
struct GoogleMethod: Sendable {
    let id: String
    let verb: String
    /// After the service's root, without a slash before it: `projects/{project}/zones/{zone}/disks`.
    let path: String
    let style: GoogleError.Style
    /// IAM permissions that the caller must have.
    let permissions: @Sendable (GoogleCall) -> [GooglePermission]
    let handle: @Sendable (GoogleCall) async throws -> SandboxAnswer
    private let parts: [Substring]

    init(
        _ id: String, _ verb: String, _ path: String, style: GoogleError.Style = .reasons,
        permissions: @escaping @Sendable (GoogleCall) -> [GooglePermission],
        _ handle: @escaping @Sendable (GoogleCall) async throws -> SandboxAnswer
    ) {
        self.id = id
        self.verb = verb
        self.path = path
        self.style = style
        self.permissions = permissions
        self.handle = handle
        parts = path.split(separator: "/")
    }

    /// The parameters in a path, by name; nil when the path is another.
    func parameters(of segments: [String]) -> [String: String]? {
        guard segments.count == parts.count else { return nil }
        var found: [String: String] = [:]
        for (part, segment) in zip(parts, segments) {
            guard part.hasPrefix("{"), let end = part.firstIndex(of: "}") else {
                if part == segment { continue }
                return nil
            }
            let name = String(part[part.index(after: part.startIndex)..<end])
            // A custom verb stands behind a colon: `{cluster}:setResourceLabels`.
            let suffix = part[part.index(after: end)...]
            guard segment.hasSuffix(suffix), !suffix.isEmpty || !segment.contains(":") else { return nil }
            let value = String(segment.dropLast(suffix.count))
            guard !value.isEmpty else { return nil }
            found[name] = value
        }
        return found
    }
}
