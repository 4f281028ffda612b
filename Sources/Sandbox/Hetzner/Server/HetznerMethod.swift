import Domain

/// One operation of the API, by its name in the OpenAPI document: `create_server`.
struct HetznerMethod: Sendable {
    let id: String
    let verb: String
    let pattern: PathPattern
    let handle: @Sendable (HetznerCall) throws -> SandboxAnswer

    /// `path` stands after `/v1/`.
    init(
        _ id: String, _ verb: String, _ path: String,
        _ handle: @escaping @Sendable (HetznerCall) throws -> SandboxAnswer
    ) {
        self.id = id
        self.verb = verb
        pattern = PathPattern(path)
        self.handle = handle
    }
}
