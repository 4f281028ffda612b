package import Foundation
import X509

extension IssuedCertificate {
    /// Seconds by which the CA's clock may be before ours.
    private static let clockSkew: TimeInterval = 300

    /// Why it is not what was asked for; nil when it is: for these names and no others, for this key, good at that
    /// moment, each certificate signed by the next. Whether anybody trusts the last one is not looked at.
    package func complaint(names asked: [String], key: CertificateKey, at now: Date) -> String? {
        namesComplaint(Set(asked.map { $0.lowercased() })) ?? keyComplaint(key) ?? validityComplaint(now)
            ?? chainComplaint
    }

    private func namesComplaint(_ asked: Set<String>) -> String? {
        let given = Set(names.map { $0.lowercased() })
        let missing = asked.subtracting(given).sorted()
        if !missing.isEmpty { return "it is not for \(missing.joined(separator: ", "))" }
        let strange = given.subtracting(asked).sorted()
        return strange.isEmpty
            ? nil : "it is also for \(strange.prefix(10).joined(separator: ", ")), which nobody asked for"
    }

    private func keyComplaint(_ key: CertificateKey) -> String? {
        certificates.first?.publicKey == key.publicKey ? nil : "it is for another key"
    }

    private func validityComplaint(_ now: Date) -> String? {
        if notAfter <= now { return "it ended at \(notAfter.formatted(.iso8601))" }
        if notBefore > now.addingTimeInterval(IssuedCertificate.clockSkew) {
            return "it begins only at \(notBefore.formatted(.iso8601))"
        }
        return nil
    }

    private var chainComplaint: String? {
        for (index, (lower, upper)) in zip(certificates, certificates.dropFirst()).enumerated() {
            guard lower.issuer == upper.subject, upper.publicKey.isValidSignature(lower.signature, for: lower) else {
                return "certificate \(index + 1) of its chain is not signed by certificate \(index + 2)"
            }
        }
        return nil
    }

    /// Whether some certificate of the chain was signed by one of that common name.
    func isIssued(by name: String) -> Bool { certificates.contains { CommonNames.of($0.issuer) == name } }
}
