import Domain

/// What the bot's own listener shows, and where it comes from.
struct ListenerTLS: Sendable {
    let served: ServedCertificate
    /// Nil when the bot fetches it by itself.
    let files: CertificateFiles?

    /// Nil when the settings have no section `tls`. Relative paths start in `folder`; `onSecret` is told each key. Throws a
    /// `Complaint` when the files cannot be used.
    init?(_ settings: Settings, folder: String, onSecret: @escaping @Sendable (Secret) -> Void) throws(Complaint) {
        guard let section = settings.sections["tls"] else { return nil }
        var reader = InputReader.reading(section)
        let served = ServedCertificate()
        self.served = served
        guard case .files(let chain, let key)? = ListenerTLSSettings(&reader).source else {
            files = nil
            return
        }
        func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(folder)/\(path)" }
        let files = CertificateFiles(
            chain: absolute(chain), key: absolute(key), served: served, onSecret: onSecret)
        _ = files.readAgain()
        if let complaint = files.complaint { throw Complaint(complaint, .unreachable) }
        self.files = files
    }
}
