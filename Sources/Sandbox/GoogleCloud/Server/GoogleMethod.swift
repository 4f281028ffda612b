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
    private let pattern: PathPattern

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
        pattern = PathPattern(path)
    }

    /// The parameters in a path, by name; nil when the path is another.
    func parameters(of segments: [String]) -> [String: String]? { pattern.parameters(of: segments) }
}
