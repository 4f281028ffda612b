import Crypto
import Domain
package import Foundation
import SwiftASN1
import X509

/// What a server's certificate says of itself; nobody has verified it.
package struct PeerCertificate: Sendable, Hashable {
    package var notBefore: Date
    package var notAfter: Date
    /// As RFC 4514 writes names: `CN=R11,O=Let's Encrypt,C=US`.
    package var issuer: String
    package var subject: String
    /// Host names and addresses for which it is good.
    package var names: [String]
    /// Hexadecimal, in lower case.
    package var serialNumber: String
    /// SHA-256 of the whole certificate: 64 hexadecimal digits, in lower case.
    package var fingerprint: String

    /// Reads DER (RFC 5280). Throws the parser's error.
    package init(der: [UInt8]) throws {
        let certificate = try Certificate(derEncoded: der)
        notBefore = certificate.notValidBefore
        notAfter = certificate.notValidAfter
        issuer = String(certificate.issuer.description.prefix(200))
        subject = String(certificate.subject.description.prefix(200))
        fingerprint = Hex.encode(SHA256.hash(data: der))
        serialNumber = certificate.serialNumber.bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
            .joined()
        var names: [String] = []
        for name in try certificate.extensions.subjectAlternativeNames ?? SubjectAlternativeNames([]) {
            switch name {
            case .dnsName(let host): names.append(String(host.prefix(255)))
            case .ipAddress(let address): names.append(PeerCertificate.text(address.bytes))
            default: continue
            }
        }
        self.names = names
    }

    /// Whole days until it ends, rounded down; negative when it has ended.
    package func daysLeft(at now: Date) -> Int {
        Int((notAfter.timeIntervalSince(now) / 86_400).rounded(.down))
    }

    /// Whether it is good for a host: a name of its own, or one with a wildcard for the first label (RFC 6125 §6.4.3).
    package func covers(_ host: String) -> Bool {
        let host = host.lowercased()
        return names.contains { name in
            let name = name.lowercased()
            if name == host { return true }
            guard name.hasPrefix("*."), let dot = host.firstIndex(of: ".") else { return false }
            return host[dot...] == name.dropFirst(1)
        }
    }

    private static func text(_ address: ArraySlice<UInt8>) -> String {
        if address.count == 4 { return address.map(String.init).joined(separator: ".") }
        let bytes = Array(address)
        return stride(from: 0, to: bytes.count - 1, by: 2)
            .map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }.joined(separator: ":")
    }
}
