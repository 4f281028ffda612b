import Synchronization

/// The certificate of the bot's own TLS listener. Whoever installs one puts it in; the listener takes it for every
/// connection from then on, and leaves open ones alone.
package final class ServedCertificate: Sendable {
    private struct State {
        var bundle: CertificateBundle?
        var onChange: (@Sendable (CertificateBundle) -> Void)?
    }

    private let state = Mutex(State())

    package init(_ bundle: CertificateBundle? = nil) { state.withLock { $0.bundle = bundle } }

    /// Nil before the first one was issued.
    package var bundle: CertificateBundle? { state.withLock { $0.bundle } }

    package func replace(with bundle: CertificateBundle) {
        let told = state.withLock { state in
            state.bundle = bundle
            return state.onChange
        }
        told?(bundle)
    }

    /// Who is told of each new one from now on, at once and on the caller's thread.
    package func onChange(_ told: @escaping @Sendable (CertificateBundle) -> Void) {
        state.withLock { $0.onChange = told }
    }
}
