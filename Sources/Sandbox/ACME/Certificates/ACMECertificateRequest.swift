import Foundation
import SwiftASN1
import X509

/// What is to be signed (RFC 2986), checked as RFC 8555 §7.4 and §11.1 want it.
struct ACMECertificateRequest: Sendable {
    let names: [String]
    /// The common name, where there is one.
    let commonName: String?
    let publicKey: Certificate.PublicKey

    /// Reads DER. Throws `ACMEProblem` of the type badCSR.
    init(_ bytes: [UInt8]) throws {
        func refuse(_ why: String) -> ACMEProblem { ACMEProblem(400, "badCSR", why) }
        // Any bytes that are no request are the same.
        guard let request = try? CertificateSigningRequest(derEncoded: bytes) else {
            throw refuse("it cannot be read as a PKCS #10 request in DER")
        }
        guard request.publicKey.isValidSignature(request.signature, for: request) else {
            throw refuse("its signature is wrong")
        }
        if let rsa = String(describing: request.publicKey).wholeMatch(of: /RSA(\d+)\.PublicKey/)?.1,
            Int(rsa) ?? 0 < 2048
        {
            throw refuse("an RSA key must have 2048 bits at least")
        }
        // What cannot be read of the extensions is as if it were not there.
        let extensions = (try? request.attributes.extensionRequest)?.extensions
        let alternatives = (try? extensions?.subjectAlternativeNames) ?? SubjectAlternativeNames([])
        var found: [String] = []
        for name in alternatives {
            guard case .dnsName(let dns) = name else { throw refuse("it has names that are not of the type DNS") }
            found.append(dns.lowercased())
        }
        commonName = ACMECertificateRequest.commonName(request.subject)?.lowercased()
        if let commonName, !found.contains(commonName) { found.append(commonName) }
        names = found
        publicKey = request.publicKey
    }

    private static func commonName(_ subject: DistinguishedName) -> String? {
        for attribute in subject.flatMap({ $0 }) where attribute.type == .RDNAttributeType.commonName {
            return String(attribute.value)
        }
        return nil
    }

    /// Throws unless it is for exactly these names, and by a key that is not the account's.
    func check(names wanted: [String], account key: ACMEPublicKey) throws {
        guard Set(names) == Set(wanted), names.count == Set(names).count else {
            throw ACMEProblem(
                400, "badCSR",
                "it is for \(names.sorted().joined(separator: ", ")), the order for \(wanted.joined(separator: ", "))")
        }
        guard try Certificate.PublicKey(key.signing) != publicKey else {
            throw ACMEProblem(400, "badCSR", "its key must not be the account's")
        }
    }
}
