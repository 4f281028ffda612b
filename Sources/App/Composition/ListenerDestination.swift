import Domain

/// The bot's own listener as a place where a certificate is used. It holds one at a time, in memory; at a start it gets
/// what is kept.
struct ListenerDestination: CertificateDestination {
    let served: ServedCertificate

    var title: String { "the bot's own listener" }

    func present(of name: String, _ context: ActionContext) async throws(ActionError) -> String? {
        served.bundle?.chain
    }

    func install(_ bundle: CertificateBundle, _ context: ActionContext) async throws(ActionError) {
        served.replace(with: bundle)
    }
}
