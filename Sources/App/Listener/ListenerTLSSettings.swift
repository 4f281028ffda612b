import Domain

/// The section `tls` of the settings: what the bot's own listener shows.
struct ListenerTLSSettings: Sendable, Hashable {
    enum Source: Sendable, Hashable {
        /// One of `certificates`, which the bot fetches by itself.
        case certificate(String)
        /// Paths as they are written.
        case files(certificate: String, key: String)
    }

    /// Nil when there is a problem.
    var source: Source?

    init(_ input: inout InputReader) {
        let name = input.optionalText(
            "certificate", "One of 'certificates', which the bot fetches and renews by itself")
        let chain = input.optionalText(
            "certificate_file", "A file with the certificate, and those that lead to its root, PEM")
        let key = input.optionalText("key_file", "A file with its key, PEM")
        switch (name, chain, key) {
        case (let name?, nil, nil): source = .certificate(name)
        case (nil, let chain?, let key?): source = .files(certificate: chain, key: key)
        default:
            input.report(
                "the certificate is one of 'certificates', or in files", field: "certificate",
                fix: "give certificate, or certificate_file and key_file")
        }
    }

    /// The section as the settings' reader knows it.
    static let section = SettingsSection(
        name: "tls", summary: "The certificate with which 'listen' speaks TLS; left out: it speaks plain HTTP",
        compare: problems
    ) { _ = ListenerTLSSettings(&$0) }

    private static func problems(_ sections: [String: LocatedValue]) -> [Problem] {
        guard let written = sections["tls"]?["certificate"], let name = written.text else { return [] }
        guard sections["certificates"]?[name] == nil else { return [] }
        return [Problem("there is no certificate '\(name)'", at: written.location, fix: "add it to 'certificates'")]
    }
}
