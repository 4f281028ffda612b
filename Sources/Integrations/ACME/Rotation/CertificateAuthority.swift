import Domain
import Outbound

/// The CA with the bot's account there.
struct CertificateAuthority: Sendable {
    let settings: ACMESettings
    let session: HTTPSession
    let safe: CertificateSafe
    let external: ExternalAccount?

    /// A client with the bot's account, which is made where there is none. Throws `ActionError`, `ACMEError`.
    func client(_ time: any TimeSource) async throws -> ACMEClient {
        if let changed = try await changedKey(time) { return changed }
        let key: ACMEKey
        if let pem = try await safe.account(settings.directory) {
            key = try ACMEKey(pem: pem)
        } else {
            key = ACMEKey.make()
            // Before the CA knows it: an account whose key is lost is lost.
            try await safe.saveAccount(settings.directory, key.pem)
        }
        return try await client(key, time)
    }

    /// Gives the account another key (RFC 8555 §7.3.5). Throws `ActionError`, `ACMEError`.
    func changeKey(_ time: any TimeSource) async throws {
        let present = try await client(time)
        let new = ACMEKey.make()
        try await safe.saveNextAccount(settings.directory, new.pem)
        _ = try await present.changeKey(to: new)
        try await safe.saveAccount(settings.directory, new.pem)
    }

    /// What the CA says without knowing who asks.
    func reader(_ time: any TimeSource) -> ACMEClient {
        ACMEClient(directory: settings.directory, key: ACMEKey.make(), session: session, time: time)
    }

    private func client(_ key: ACMEKey, _ time: any TimeSource) async throws -> ACMEClient {
        let client = ACMEClient(directory: settings.directory, key: key, session: session, time: time)
        _ = try await client.account(
            contact: settings.contact, agreeToTerms: settings.agreesToTerms, external: external)
        return client
    }

    /// A change of the key whose end was not seen: the CA tells whether it knows the new one.
    private func changedKey(_ time: any TimeSource) async throws -> ACMEClient? {
        guard let pem = try await safe.nextAccount(settings.directory) else { return nil }
        guard try await safe.account(settings.directory) != pem else { return nil }
        let client = ACMEClient(
            directory: settings.directory, key: try ACMEKey(pem: pem), session: session, time: time)
        guard try await client.findAccount() != nil else { return nil }
        try await safe.saveAccount(settings.directory, pem)
        return client
    }
}
