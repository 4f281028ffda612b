/// Where the key is kept that signs the audit's checkpoints. Called by the engine, at the start and once a minute.
/// Throws `AuditSealError`.
package protocol AuditKeys: Sendable {
    /// Where it is, for people.
    var place: String { get }
    /// The key in force; nil when there is none.
    func current() async throws(AuditSealError) -> Ed25519PrivateKey?
    /// A key that waits to take its place.
    func waiting() async throws(AuditSealError) -> Ed25519PrivateKey?
    /// Makes the first key.
    func create() async throws(AuditSealError) -> Ed25519PrivateKey
    /// Puts the key that waits in the place of the old one, which is gone then.
    func adoptWaiting() async throws(AuditSealError)
}
