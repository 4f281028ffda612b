import Crypto
import Domain
import Foundation
import SwiftASN1
import X509

extension HetznerAPI {
    var certificateMethods: [HetznerMethod] {
        readsAndUpdate(.certificates) + [
            HetznerMethod("create_certificate", "POST", "certificates") { call in
                try world.change { state, now in
                    let name = try call.needText("name")
                    try HetznerName.check(name, .certificates)
                    try state.checkName(.certificates, name)
                    guard try call.text("type") ?? "uploaded" == "uploaded" else {
                        // Let's Encrypt's certificates by Hetzner are not played.
                        throw HetznerError(
                            422, "could_not_verify_domain_delegated_to_zone",
                            "could not verify domain delegated to zone")
                    }
                    let shown = try HetznerAPI.certificate(
                        try call.needText("certificate"), key: try call.needText("private_key"))
                    let labels = try call.labels() ?? [:]
                    try state.checkLimit(.certificates)
                    let made = state.add(
                        .certificates, shown.merging(["name": .string(name), "labels": labels]) { $1 }, now)
                    return HetznerAPI.made(state, made, nil, now, ["action": .null])
                }
            },
            deletion(.certificates) { state, certificate in
                guard state.shown(certificate)["used_by"] == [] else {
                    throw HetznerError(422, "resource_in_use", "certificate is still used by a load balancer")
                }
            },
        ]
    }

    /// What Hetzner tells of an uploaded certificate, the first of its chain.
    private static func certificate(_ chain: String, key: String) throws -> [String: JSONValue] {
        let documents: [PEMDocument]
        let certificate: Certificate
        do {
            documents = try PEMDocument.parseMultiple(pemString: chain)
            guard let first = documents.first else { throw HetznerError.invalid("certificate", "is empty") }
            certificate = try Certificate(pemDocument: first)
        } catch {
            throw HetznerError.invalid("certificate", "is no certificate in PEM format")
        }
        let privateKey: Certificate.PrivateKey
        do {
            privateKey = try Certificate.PrivateKey(pemEncoded: key)
        } catch {
            throw HetznerError.invalid("private_key", "is no private key in PEM format")
        }
        guard privateKey.publicKey == certificate.publicKey else {
            throw HetznerError.invalid("private_key", "does not belong to the certificate")
        }
        let names = try certificate.extensions.subjectAlternativeNames ?? SubjectAlternativeNames([])
        let domains = names.compactMap { name -> JSONValue? in
            guard case .dnsName(let domain) = name else { return nil }
            return .string(domain)
        }
        let digest = SHA256.hash(data: documents[0].derBytes)
        return [
            "type": "uploaded", "certificate": .string(chain), "domain_names": .array(domains),
            "not_valid_before": HetznerState.time(certificate.notValidBefore),
            "not_valid_after": HetznerState.time(certificate.notValidAfter), "status": .null,
            "fingerprint": .string(
                digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(separator: ":")),
        ]
    }
}
