package import Domain
import Foundation
package import Outbound

/// Gets, installs and renews the certificates of the settings.
package struct CertificateKeeper: Sendable {
    let settings: ACMESettings
    let wishes: [CertificateWish]
    let safe: CertificateSafe
    let authority: CertificateAuthority
    let answers: ChallengeAnswers
    let lookup: any DNSLookup
    let zones: [String: any DNSTexts]

    /// `session` trusts `settings.ca`; `external` is the account at the CA where the settings name one; `zones` are the
    /// providers of DNS records by the name that the settings give them.
    package init(
        _ settings: ACMESettings, _ certificates: CertificateSettings, session: HTTPSession,
        external: ExternalAccount?, safe: CertificateSafe, answers: ChallengeAnswers, lookup: any DNSLookup,
        zones: [String: any DNSTexts]
    ) {
        self.settings = settings
        wishes = certificates.wishes
        self.safe = safe
        authority = CertificateAuthority(settings: settings, session: session, safe: safe, external: external)
        self.answers = answers
        self.lookup = lookup
        self.zones = zones
    }

    /// Those that are meant by a text: all when it is empty, the one of this name, or those that cover this host. Throws
    /// `ActionError` when there are none.
    func wishes(_ text: String) throws(ActionError) -> [CertificateWish] {
        guard !text.isEmpty else {
            guard !wishes.isEmpty else {
                throw ActionError(
                    "the settings name no certificates",
                    hint: "add 'certificates: {<name>: {names: […]}}' to defimon.yaml")
            }
            return wishes
        }
        if let named = wishes.first(where: { $0.name == text }) { return [named] }
        let covering = wishes.filter { $0.covers(text) }
        guard covering.isEmpty else { return covering }
        let names = wishes.map(\.name)
        throw ActionError(
            "there is no certificate '\(text.prefix(80))', and none is for a host of that name",
            hint: NearestName.of(text, in: names).map { "did you mean '\($0)'?" }
                ?? "there are: \(names.joined(separator: ", "))")
    }

    func question(_ wish: CertificateWish, isForced: Bool, step: String) -> RenewalNeed.Question {
        RenewalNeed.Question(
            wish: wish, directory: settings.directory, profile: wish.profile ?? settings.profile, isForced: isForced,
            step: step)
    }

    /// All orders that were made for certificates of the settings. Throws `ActionError`.
    func made(_ kept: any KeptValues) async throws(ActionError) -> [CertificateRecord.Made] {
        var made: [CertificateRecord.Made] = []
        for wish in wishes { made += try await CertificateRecord.read(wish.name, kept).made }
        return made
    }

    /// Asks the CA when to renew, where it says that and wants to be asked (RFC 9773 §4.3). A CA that cannot be asked
    /// changes nothing: a third of the life decides then.
    func lookAtWindow(_ record: inout CertificateRecord, _ context: ActionContext) async throws {
        guard let current = record.current, current.directory == settings.directory, let certID = current.certID else {
            return
        }
        let now = context.time.now
        if let window = record.window, window.certID == certID, window.lookAgainAt > now { return }
        do {
            guard let info = try await authority.reader(context.time).renewalInfo(certID) else { return }
            record.window = RenewalWindow(info, of: certID, now: now)
        } catch is ACMEError {
            return
        }
    }

    /// Why nothing is asked of the CA now.
    func refusal(_ name: String, _ wait: CertificateRecord.Wait) -> ActionError {
        ActionError(
            "certificate \(name): \(CertificateKeeper.words(wait))",
            hint: "rotate-certs goes on by itself when it runs after that")
    }

    static func words(_ wait: CertificateRecord.Wait) -> String {
        "not before \(wait.until.rfc3339.prefix(16).replacing("T", with: " ")) UTC: \(wait.why)"
    }
}

/// When certificates end, for the bot's own watch.
extension CertificateKeeper: ExpirySource {
    package func expiries() async -> [Expiry] {
        var expiries: [Expiry] = []
        for wish in wishes {
            // What cannot be read is told by the next renewal.
            guard let chain = try? await safe.current(wish.name)?.chain,
                let issued = try? IssuedCertificate(chain: chain)
            else { continue }
            expiries.append(
                Expiry(name: "certificate \(wish.name)", endsAt: issued.notAfter, beganAt: issued.notBefore))
        }
        return expiries
    }
}
