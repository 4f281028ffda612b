package import Domain
import Foundation

/// The keys of the account and of certificates, in the bot's secret store.
package struct CertificateSafe: Sendable {
    private let store: any SecretStore
    private let onSecret: @Sendable (Secret) -> Void

    /// `onSecret` is told each key, so that it is shown nowhere.
    package init(_ store: any SecretStore, onSecret: @escaping @Sendable (Secret) -> Void) {
        self.store = store
        self.onSecret = onSecret
    }

    /// What is kept of a certificate: its key, and its chain once there is one.
    struct Kept: Sendable, Hashable {
        var key: Secret
        /// Empty: none was issued for the key yet.
        var chain: String
    }

    private enum Name {
        static func current(_ certificate: String) -> String { "certificate-\(certificate)" }
        static func next(_ certificate: String) -> String { "certificate-\(certificate).next" }
        static func previous(_ certificate: String) -> String { "certificate-\(certificate).previous" }
        static func account(_ directory: String) -> String {
            "acme-account-\(Hex.encode(SHA256Digest.of(Array(directory.utf8)).prefix(4)))"
        }
        static func nextAccount(_ directory: String) -> String { "\(account(directory)).next" }
    }

    // MARK: Certificates

    /// The one that was seen everywhere; nil before there is one. Throws `ActionError`.
    func current(_ certificate: String) async throws(ActionError) -> Kept? { try await kept(Name.current(certificate)) }

    /// The one that was seen everywhere, as it goes to where it is used; nil before there is one, and for a chain that
    /// cannot be read, which the next renewal says. Throws `ActionError` when the store cannot be read.
    package func bundle(_ certificate: String) async throws(ActionError) -> CertificateBundle? {
        guard let kept = try await current(certificate) else { return nil }
        return try? kept.bundle(certificate)
    }

    /// The one that is on its way. Throws `ActionError`.
    func next(_ certificate: String) async throws(ActionError) -> Kept? { try await kept(Name.next(certificate)) }

    /// Throws `ActionError`.
    func saveNext(_ certificate: String, _ kept: Kept) async throws(ActionError) {
        try await save(Name.next(certificate), kept)
    }

    /// Throws `ActionError`.
    func saveCurrent(_ certificate: String, _ kept: Kept) async throws(ActionError) {
        try await save(Name.current(certificate), kept)
    }

    /// The chain of the one before the current one, in PEM, so that it can be revoked; nil when there was none. It is no
    /// secret, and it stands beside those: parts of it are parts of what is one. Throws `ActionError`.
    func previousChain(_ certificate: String) async throws(ActionError) -> String? {
        try await all()[Name.previous(certificate)]?.reveal()
    }

    /// Throws `ActionError`.
    func savePrevious(_ certificate: String, _ chain: String) async throws(ActionError) {
        try await put(Name.previous(certificate), Secret(chain))
    }

    private func save(_ name: String, _ kept: Kept) async throws(ActionError) {
        onSecret(kept.key)
        try await put(name, Secret(kept.key.reveal().trimmed + "\n" + kept.chain))
    }

    private func kept(_ name: String) async throws(ActionError) -> Kept? {
        guard let text = try await all()[name]?.reveal() else { return nil }
        guard let end = text.range(of: CertificateSafe.keyEnd)?.upperBound else {
            throw ActionError("the stored secret '\(name)' is no key of a certificate")
        }
        let chain = text[end...].trimmed
        let kept = Kept(key: Secret(text[..<end] + "\n"), chain: chain.isEmpty ? "" : chain + "\n")
        onSecret(kept.key)
        return kept
    }

    private static let keyEnd = "-----END PRIVATE KEY-----"

    // MARK: Accounts

    /// Throws `ActionError`.
    func account(_ directory: String) async throws(ActionError) -> Secret? { try await all()[Name.account(directory)] }

    /// A key that may have become the account's. Throws `ActionError`.
    func nextAccount(_ directory: String) async throws(ActionError) -> Secret? {
        try await all()[Name.nextAccount(directory)]
    }

    /// Throws `ActionError`.
    func saveAccount(_ directory: String, _ key: Secret) async throws(ActionError) {
        try await put(Name.account(directory), key)
    }

    /// Throws `ActionError`.
    func saveNextAccount(_ directory: String, _ key: Secret) async throws(ActionError) {
        try await put(Name.nextAccount(directory), key)
    }

    private func put(_ name: String, _ secret: Secret) async throws(ActionError) {
        do { try await store.save(name, secret) } catch { throw error.actionError }
    }

    private func all() async throws(ActionError) -> [String: Secret] {
        do { return try await store.all() } catch { throw error.actionError }
    }
}

extension CertificateSafe.Kept {
    /// As it goes to where it is used. Throws `ACMEError` when the chain cannot be read.
    func bundle(_ name: String) throws(ACMEError) -> CertificateBundle {
        let issued = try IssuedCertificate(chain: chain)
        return CertificateBundle(
            name: name, chain: chain, key: key, serialNumber: issued.serialNumber, notAfter: issued.notAfter,
            names: issued.names)
    }
}
