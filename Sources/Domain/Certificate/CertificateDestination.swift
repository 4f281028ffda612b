/// A place where a certificate is used: a Secret of a cluster, a load balancer, files on a host. An outside system's folder
/// implements it for its own places; what renews certificates asks it, in this order: `present`, `install`, and when the
/// new one was seen there at work, `forgetOthers`.
package protocol CertificateDestination: Sendable {
    /// What it is, for people: `Secret analytics/api-tls of cluster analytics`.
    var title: String { get }
    /// The chain that is there now of the certificate that the settings call `name`, in PEM, its own certificate first; nil
    /// when there is none. Only places that hold several at a time need the name. Changes nothing. Throws `ActionError`,
    /// also when what is there is not the bot's and the settings do not say that it may be taken over.
    func present(of name: String, _ context: ActionContext) async throws(ActionError) -> String?
    /// Puts a certificate there, so that it is used from now on. Safe to be called again with the same one, also after a
    /// crash anywhere in between: it does what is not done yet. What served the old one until now is left where it is, as
    /// far as the place can hold both. Throws `ActionError`.
    func install(_ bundle: CertificateBundle, _ context: ActionContext) async throws(ActionError)
    /// Removes what the bot put there for earlier certificates and what nothing uses any more. Never the given one's.
    /// Safe to be called again. Throws `ActionError`.
    func forgetOthers(than bundle: CertificateBundle, _ context: ActionContext) async throws(ActionError)
}

/// Places that hold one certificate at a time have nothing to forget.
extension CertificateDestination {
    package func forgetOthers(than bundle: CertificateBundle, _ context: ActionContext) async throws(ActionError) {}
}

/// A kind of destination as the settings name it. Each outside system's folder gives its own.
package struct CertificateDestinationType: Sendable {
    /// `kubernetes`: the key of its section below a destination's name.
    package var name: String
    /// One sentence without a full stop, for the reference page.
    package var help: String
    /// Reads its section. Problems are in the reader.
    package var make: @Sendable (inout InputReader) -> any CertificateDestination

    package init(
        _ name: String, _ help: String, make: @escaping @Sendable (inout InputReader) -> any CertificateDestination
    ) {
        self.name = name
        self.help = help
        self.make = make
    }
}
