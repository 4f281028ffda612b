import Domain
import Foundation

/// The protocol's methods (RFC 8555 §7, RFC 9773).
struct ACMEAPI: Sendable {
    let world: ACMEWorld
    let authority: ACMEAuthority
    let configuration: ACMEStandIn.Configuration
    /// Told of every challenge that is to be looked at.
    let prove: @Sendable (ACMEProof) -> Void

    var methods: [ACMEMethod] { accountMethods + orderMethods + authorizationMethods + certificateMethods }

    /// The directory (§7.1.1).
    func directory(_ links: ACMELinks) -> SandboxAnswer {
        var meta: [String: JSONValue] = [
            "termsOfService": .string(links["terms"]), "website": .string(links["about"]),
            "caaIdentities": ["sandbox.example"],
            "profiles": .object(
                Dictionary(
                    uniqueKeysWithValues: ACMEProfile.allCases.map {
                        ($0.rawValue, .string("Certificates for \($0.days) days"))
                    })),
        ]
        if !configuration.externalAccounts.isEmpty { meta["externalAccountRequired"] = true }
        var members: [String: JSONValue] = ["meta": .object(meta)]
        for (name, path) in [
            ("newNonce", "new-nonce"), ("newAccount", "new-account"), ("newOrder", "new-order"),
            ("revokeCert", "revoke-cert"), ("keyChange", "key-change"),
        ] { members[name] = .string(links[path]) }
        if configuration.hasRenewalInfo { members["renewalInfo"] = .string(links["renewal-info"]) }
        return .json(200, .object(members))
    }

    /// Renewal information (RFC 9773 §4), which anybody may ask for.
    func renewalInfo(_ certID: String) throws -> SandboxAnswer {
        guard configuration.hasRenewalInfo else { throw ACMEProblem.missing("page") }
        return try world.read { state, now in
            guard let issue = state.certificate(certID) else { throw ACMEProblem.missing("certificate") }
            let window = state.windows[certID] ?? ACMERenewalWindow(for: issue, now)
            var members: [String: JSONValue] = [
                "suggestedWindow": ["start": window.start.acme, "end": window.end.acme]
            ]
            if let explanation = window.explanation { members["explanationURL"] = .string(explanation) }
            return .json(
                200, .object(members),
                headers: [("Retry-After", String(configuration.renewalInfoLives.components.seconds))])
        }
    }
}
