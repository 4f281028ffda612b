/// Why a mail was not delivered to its server. The message holds the server's own words where it said some, in one line
/// and without any secret.
package struct MailError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable, CaseIterable {
        /// The mail itself cannot be sent; nobody was asked.
        case invalid
        /// No connection, no answer in time, or the server is closing (421): nothing was taken.
        case unavailable
        /// TLS cannot be had, or the certificate is not to be trusted: nothing was told to the server.
        case insecure
        /// The server does not take user name and password.
        case credentials
        /// The server does not take this mail now (4xx).
        case deferred
        /// The server does not take this mail (5xx).
        case rejected
        /// The server had the whole mail, and its reply was lost: it may be on its way.
        case maybeSent
    }

    package var kind: Kind
    package var message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var description: String { message }

    /// Whether it is about the server as a whole, so that other mails would fare no better.
    package var concernsServer: Bool {
        switch kind {
        case .unavailable, .insecure, .credentials: true
        case .invalid, .deferred, .rejected, .maybeSent: false
        }
    }
}
