package import Foundation

/// A certificate with its chain and its key, as it goes to where it is used.
package struct CertificateBundle: Sendable, Hashable {
    /// Bytes of a chain at most.
    package static let largestChain = 64 * 1024

    /// Its name in the settings: `analytics-api`. A name of Kubernetes' and the clouds' kinds is made of it as it is.
    package var name: String
    /// The certificates in PEM, its own first, then those that lead to the root, without the root.
    package var chain: String
    /// The key of the first certificate: PEM, PKCS#8.
    package var key: Secret
    /// Of the first certificate: hexadecimal, in lower case.
    package var serialNumber: String
    package var notAfter: Date
    /// Host names for which it is good.
    package var names: [String]

    package init(
        name: String, chain: String, key: Secret, serialNumber: String, notAfter: Date, names: [String]
    ) {
        self.name = name
        self.chain = chain
        self.key = key
        self.serialNumber = serialNumber
        self.notAfter = notAfter
        self.names = names
    }

    /// `2026-11-27-04ab12cd`: the day of its end and eight digits of its serial number, for places where each certificate is
    /// a thing with a name of its own, which must differ from the one before.
    package var mark: String { "\(notAfter.rfc3339.prefix(10))-\(serialNumber.suffix(8))" }
}
