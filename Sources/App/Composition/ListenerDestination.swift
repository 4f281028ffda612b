import Domain

/// The bot's own listener as a place where a certificate is used. It holds one at a time, in memory: after a restart it has
/// none until it is installed again.
struct ListenerDestination: CertificateDestination {
    let served: ServedCertificate

    var title: String { "the bot's own listener" }

    func present(_ context: ActionContext) async throws(ActionError) -> String? { served.bundle?.chain }

    func install(_ bundle: CertificateBundle, _ context: ActionContext) async throws(ActionError) {
        served.replace(with: bundle)
    }
}
