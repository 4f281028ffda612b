import Domain

/// What the bot's own listener shows, and where it comes from.
struct ListenerTLS: Sendable {
    let served: ServedCertificate
    /// Which of `certificates` it is; nil when it comes from files.
    let certificate: String?
    /// Nil when the bot fetches it by itself.
    let files: CertificateFiles?

    /// Nil when the settings have no section `tls`. Relative paths start in `folder`; `onSecret` is told each key. Throws a
    /// `Complaint` when the files cannot be used.
    init?(_ settings: Settings, folder: String, onSecret: @escaping @Sendable (Secret) -> Void) throws(Complaint) {
        guard let section = settings.sections["tls"] else { return nil }
        var reader = InputReader.reading(section)
        let served = ServedCertificate()
        self.served = served
        let source = ListenerTLSSettings(&reader).source
        guard case .files(let chain, let key)? = source else {
            if case .certificate(let name)? = source { certificate = name } else { certificate = nil }
            files = nil
            return
        }
        certificate = nil
        func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(folder)/\(path)" }
        let files = CertificateFiles(
            chain: absolute(chain), key: absolute(key), served: served, onSecret: onSecret)
        _ = files.readAgain()
        if let complaint = files.complaint { throw Complaint(complaint, .unreachable) }
        self.files = files
    }
}
