import Domain
import Foundation

/// When a certificate is to be renewed: as the CA suggests (RFC 9773 §4.2), else when a third of its life is left. A number
/// made of the certificate itself spreads renewals, the same at each look.
struct RenewalWindow: Codable, Sendable, Hashable {
    /// Of which certificate.
    var certID: String
    var start: Date
    var end: Date
    /// A page that says why; nil: the CA names none.
    var explanation: String?
    /// Before that the CA does not want to be asked again.
    var lookAgainAt: Date

    /// How often is looked: what is due before the next look is renewed at this one (RFC 9773 §4.2).
    static let betweenLooks = Duration.seconds(12 * 3600)

    init(_ info: RenewalInfo, of certID: String, now: Date) {
        self.certID = certID
        start = info.start
        end = info.end
        explanation = info.explanation
        lookAgainAt = now.advanced(by: info.lookAgainAfter)
    }

    /// When the certificate is to be renewed, by the window where it is this certificate's.
    static func renewal(of issued: CertificateRecord.Issued, _ window: RenewalWindow?) -> Date {
        let spread = fraction(issued.serialNumber)
        let late = issued.notAfter.advanced(by: issued.life * (-1.0 / 20))
        if let window, window.certID == issued.certID, window.end > window.start {
            // Never so late that one failure is the end of it, whatever the CA says.
            return min(window.start.advanced(by: window.end.since(window.start) * spread), late)
        }
        return issued.notAfter.advanced(by: issued.life * (-1.0 / 3 - spread / 20))
    }

    /// From 0 up to 1, by a text.
    private static func fraction(_ text: String) -> Double {
        let bytes = SHA256Digest.of(Array(text.utf8))
        let number = bytes.prefix(6).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Double(number) / Double(1 << 48)
    }
}
