import Domain

extension ACMEClient {
    /// The certificate of a valid order with its chain (RFC 8555 §7.4.2): the first whose chain holds a certificate
    /// signed by one of the common name `preferredIssuer`, else the one that the CA gives first.
    package func chain(of order: ACMEOrder, preferredIssuer: String?) async throws -> IssuedCertificate {
        let url = try ACMELink.checked(order.certificate, "order's certificate")
        let (first, answer) = try await chain(url)
        guard let preferredIssuer, !first.isIssued(by: preferredIssuer) else { return first }
        for alternate in ACMELink.links(answer.headers["link"], relation: "alternate") {
            let (other, _) = try await chain(alternate)
            if other.isIssued(by: preferredIssuer) { return other }
        }
        return first
    }

    private func chain(_ url: String) async throws -> (IssuedCertificate, ACMEAnswer) {
        let type = "application/pem-certificate-chain"
        let answer = try await post(nil, to: url, "the certificate", accept: type)
        guard answer.contentType == type else {
            var error = ACMEError.strange(
                "the CA's certificate comes as '\(OneLine.of(answer.contentType, atMost: 60))', not as \(type)")
            error.isTransient = true
            throw error
        }
        return (try IssuedCertificate(chain: String(decoding: answer.body, as: UTF8.self)), answer)
    }

    /// Revokes a certificate, DER, signed by the account's key (RFC 8555 §7.6). `reason` is one of RFC 5280 §5.3.1. One
    /// that is revoked already is fine.
    package func revoke(_ certificate: [UInt8], reason: Int?) async throws {
        var payload: [String: JSONValue] = ["certificate": .string(Base64URL.encode(certificate))]
        if let reason { payload["reason"] = .int(Int64(reason)) }
        do {
            _ = try await post(
                .object(payload), to: try await directory().revokeCert, "the revocation of the certificate")
        } catch let error as ACMEError where error.kind == .problem(type: "alreadyRevoked") {
            return
        }
    }

    /// When the CA wants a certificate to be renewed (RFC 9773); nil: it says nothing of it, or nothing that makes
    /// sense.
    package func renewalInfo(_ certID: String) async throws -> RenewalInfo? {
        guard let base = try await directory().renewalInfo else { return nil }
        let url = base.hasSuffix("/") ? base + certID : "\(base)/\(certID)"
        let answer = try await connection.get(url)
        if answer.status == 404 { return nil }
        guard answer.isSuccess else {
            throw ACMEError.refused(connection.host, "the question when to renew", answer)
        }
        return try RenewalInfo(answer)
    }
}
