import Domain
import SwiftASN1
import X509

extension ACMEAPI {
    var certificateMethods: [ACMEMethod] {
        [
            ACMEMethod("certificate", "cert/{id}") { try chain($0, isOther: false) },
            ACMEMethod("certificate", "cert/{id}/other") { try chain($0, isOther: true) },
            ACMEMethod("revokeCert", "revoke-cert", by: .either, revoke),
        ]
    }

    /// RFC 8555 §7.4.2.
    private func chain(_ call: ACMECall, isOther: Bool) throws -> SandboxAnswer {
        try world.read { state, _ in
            guard let issue = state.certificates.first(where: { $0.id == call.id }) else {
                throw ACMEProblem.missing("certificate")
            }
            guard try call.holder().id == issue.account else {
                throw ACMEProblem.unauthorized("this is another account's")
            }
            let other = call.links["cert/\(issue.id)\(isOther ? "" : "/other")"]
            return SandboxAnswer(
                200,
                headers: [
                    ("Content-Type", "application/pem-certificate-chain"),
                    ("Link", "<\(other)>;rel=\"alternate\""),
                ], body: Array((isOther ? issue.otherChain : issue.chain).utf8))
        }
    }

    /// RFC 8555 §7.6.
    private func revoke(_ call: ACMECall) throws -> SandboxAnswer {
        let payload = try call.signed.object()
        guard let bytes = payload["certificate"]?.stringValue.flatMap(Base64URL.decode) else {
            throw ACMEProblem.malformed("certificate must be base64url without padding")
        }
        var reason = 0
        if let value = payload["reason"] {
            guard let number = value.intValue, (0...10).contains(number), number != 7 else {
                throw ACMEProblem(400, "badRevocationReason", "a reason is a number of RFC 5280, section 5.3.1")
            }
            reason = number
        }
        return try world.change { state, _ in
            guard let index = state.certificates.firstIndex(where: { $0.leafDER == bytes }) else {
                throw ACMEProblem.missing("certificate")
            }
            guard try mayRevoke(state.certificates[index], call) else {
                throw ACMEProblem.unauthorized("neither the certificate's account nor its key asks")
            }
            guard state.certificates[index].revokedFor == nil else {
                throw ACMEProblem(400, "alreadyRevoked", "the certificate is revoked already")
            }
            state.certificates[index].revokedFor = reason
            return SandboxAnswer(200)
        }
    }

    private func mayRevoke(_ issue: ACMEIssue, _ call: ACMECall) throws -> Bool {
        if let account = call.account { return account.id == issue.account }
        return try Certificate(derEncoded: issue.leafDER).publicKey == Certificate.PublicKey(call.key.signing)
    }
}
