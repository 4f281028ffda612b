/// Leads requests for a proof of control over a name (`/.well-known/acme-challenge/…`, RFC 8555 §8.3) to the bot where
/// port 80 of that name is somebody else's: an Ingress of a cluster that the bot adds and removes.
package protocol ChallengeRoute: Sendable {
    /// What it is, for people: `an Ingress in namespace defimon of cluster analytics`.
    var title: String { get }
    /// Leads requests for `/.well-known/acme-challenge/` of this host to the bot; returns when that is in place as far as
    /// the place tells. Safe to be called again. Throws `ActionError`.
    func open(for host: String, _ context: ActionContext) async throws(ActionError)
    /// Takes it away again; safe when it is not there. Throws `ActionError`.
    func close(for host: String, _ context: ActionContext) async throws(ActionError)
}

/// A kind of route as the settings name it.
package struct ChallengeRouteType: Sendable {
    /// `ingress`: the key of its section in a certificate's settings.
    package var name: String
    /// One sentence without a full stop, for the reference page.
    package var help: String
    /// Reads its section. Problems are in the reader.
    package var make: @Sendable (inout InputReader) -> any ChallengeRoute

    package init(_ name: String, _ help: String, make: @escaping @Sendable (inout InputReader) -> any ChallengeRoute) {
        self.name = name
        self.help = help
        self.make = make
    }
}
