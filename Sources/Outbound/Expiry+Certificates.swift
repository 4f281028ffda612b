package import Domain
import Foundation
import NIOSSL

extension Expiry {
    /// Of a certificate with those that it hangs on, PEM: it ends with the first of them. Nil when they cannot be read.
    package init?(name: String, chain pem: [UInt8]) {
        self.init(name: name, Expiry.certificates(pem).min { $0.notValidAfter < $1.notValidAfter })
    }

    /// Of certificates to trust, PEM: they end with the last of them, since old ones stay beside new ones for a while.
    /// Nil when they cannot be read.
    package init?(name: String, authorities pem: [UInt8]) {
        self.init(name: name, Expiry.certificates(pem).max { $0.notValidAfter < $1.notValidAfter })
    }

    private init?(name: String, _ certificate: NIOSSLCertificate?) {
        guard let certificate else { return nil }
        self.init(
            name: name, endsAt: Date(timeIntervalSince1970: Double(certificate.notValidAfter)),
            beganAt: Date(timeIntervalSince1970: Double(certificate.notValidBefore)))
    }

    private static func certificates(_ pem: [UInt8]) -> [NIOSSLCertificate] {
        (try? NIOSSLCertificate.fromPEMBytes(pem)) ?? []  // who uses them says what is wrong with them
    }
}
