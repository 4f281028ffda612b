/// A thing that a client may ask for by POST.
struct ACMEMethod: Sendable {
    /// How it signs its requests (RFC 8555 §6.2).
    enum Signer: Sendable { case account, newKey, either }

    /// `newOrder`, `finalize`: after the directory's names.
    let id: String
    /// Its path after `/acme/`.
    let pattern: PathPattern
    let signer: Signer
    let handle: @Sendable (ACMECall) throws -> SandboxAnswer

    init(
        _ id: String, _ pattern: String, by signer: Signer = .account,
        _ handle: @escaping @Sendable (ACMECall) throws -> SandboxAnswer
    ) {
        self.id = id
        self.pattern = PathPattern(pattern)
        self.signer = signer
        self.handle = handle
    }
}
