package import Domain

/// What certificates have to do with files of the bot's own machine.
package enum FileCertificates {
    /// Where certificates can go. Relative paths start in `base`.
    package static func destination(base: String) -> CertificateDestinationType {
        CertificateDestinationType("file", "Two files on the bot's own machine") { FileCertificate(&$0, base: base) }
    }
}
