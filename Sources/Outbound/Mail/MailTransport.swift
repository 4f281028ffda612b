package import Domain
import Foundation
import Synchronization

/// Sends mail to one server by SMTP, always through TLS with a verified certificate. Each mail has a connection and a
/// thread of its own, since libcurl blocks; a few at a time. It does not try again by itself.
package struct MailTransport: Sendable {
    /// Connections at a time; mail servers count them per client.
    package static let connections = 4
    /// How long nobody asks again a server that could not be reached, is not to be trusted, or refused the password.
    package static let pause = Duration.seconds(15)

    private let server: MailServer
    private let time: any TimeSource
    private let slots = MailSlots(MailTransport.connections)
    private let trouble = Trouble()

    package init(_ server: MailServer, time: any TimeSource) {
        self.server = server
        self.time = time
    }

    /// Sends a mail and returns the words with which the server took it (`250 2.0.0 Ok: queued as 4QABCD`). Throws
    /// `MailError`, or `CancellationError` when the task is cancelled; after that the server may have had the mail.
    package func send(_ mail: OutgoingMail) async throws -> String {
        try await slots.within {
            if let error = trouble.error(at: time.now) { throw error }
            do {
                return try await MailTransport.onOwnThread(MailTransfer(mail, to: server))
            } catch let error as MailError {
                if error.concernsServer { trouble.note(error, until: time.now.advanced(by: MailTransport.pause)) }
                throw error
            }
        }
    }

    private static func onOwnThread(_ transfer: MailTransfer) async throws -> String {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let thread = Thread {
                    blockBrokenPipes()
                    continuation.resume(with: Result { try transfer.run() })
                }
                thread.name = "defimon-mail"
                thread.start()
            }
        } onCancel: {
            transfer.cancel()
        }
    }

    /// SIGPIPE would end the whole program. libcurl avoids it where it can, and says that there are corner cases
    /// (curl.se/libcurl/c/CURLOPT_NOSIGNAL.html). Blocked on this thread, it goes with the thread.
    private static func blockBrokenPipes() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// The server's last trouble: everybody who asks in the next seconds gets the same answer, so that a server that is
    /// away does not hold up every mail for the length of a time-out, and a wrong password does not lock the account.
    private final class Trouble: Sendable {
        private let last = Mutex<(error: MailError, until: Date)?>(nil)

        func note(_ error: MailError, until: Date) { last.withLock { $0 = (error, until) } }

        func error(at now: Date) -> MailError? {
            last.withLock { last in
                if let until = last?.until, now >= until { last = nil }
                return last?.error
            }
        }
    }
}
