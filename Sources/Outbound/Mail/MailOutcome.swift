import CCurl
import Domain

/// What a transfer came to. The server's own replies count for more than libcurl's codes, which are the same for very
/// different things: `CURLE_SEND_ERROR` is a refused recipient as well as a broken connection.
struct MailOutcome {
    /// Bytes of a message.
    private static let maxWords = 500

    var server: MailServer
    var conversation: MailConversation
    var isCancelled: Bool

    /// The server's reply to the mail. Throws `MailError`, or `CancellationError`.
    func reply(_ code: CURLcode, _ words: String) throws -> String {
        if let verdict = conversation.verdict {
            // What comes after the reply, such as a connection that breaks, does not matter.
            guard verdict.code / 100 != 2 else { return line(verdict.text) }
            throw refusal(verdict)
        }
        if isCancelled { throw CancellationError() }
        if conversation.isHandedOver {
            throw error(
                .maybeSent, "had the whole mail, and its reply was lost (\(words)); the mail may have been delivered")
        }
        guard code != CURLE_OK else { throw error(.unavailable, "ended the conversation before it had the mail") }
        throw failure(code, words)
    }

    private func failure(_ code: CURLcode, _ words: String) -> MailError {
        let said = conversation.reply.flatMap { $0.code >= 400 ? $0 : nil }
        switch code {
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
            return error(.insecure, "cannot be trusted, so nothing was sent: \(words)")
        case CURLE_USE_SSL_FAILED:
            let why = said.map { ": \($0.text)" } ?? ""
            return error(.insecure, "offers no STARTTLS, and nothing is sent without\(why)")
        case CURLE_LOGIN_DENIED, CURLE_AUTH_ERROR:
            guard let said else { return error(.credentials, "takes neither AUTH PLAIN nor AUTH LOGIN: \(words)") }
            guard said.code / 100 == 5 else {
                return error(.unavailable, "cannot check the password now: \(said.text)")
            }
            return error(.credentials, "refuses user name and password: \(said.text)")
        default:
            guard let said else { return error(.unavailable, "cannot be reached: \(words)") }
            return refusal(said)
        }
    }

    private func refusal(_ reply: MailConversation.Reply) -> MailError {
        switch reply.code {
        case 421: error(.unavailable, "is closing: \(reply.text)")
        case 500...: error(.rejected, "refuses the mail: \(reply.text)")
        default: error(.deferred, "does not take the mail now: \(reply.text)")
        }
    }

    private func error(_ kind: MailError.Kind, _ words: String) -> MailError {
        MailError(kind, line("the mail server \(server.host):\(server.port) \(words)"))
    }

    /// One line without control characters and without the password in any of its forms, bounded.
    private func line(_ text: String) -> String {
        let redactor = Redactor()
        if let password = server.credentials?.password { redactor.add(password) }
        let scalars = redactor.redact(text).unicodeScalars.map { scalar -> Unicode.Scalar in
            scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
                ? " " : scalar
        }
        let words = String(String.UnicodeScalarView(scalars)).split(whereSeparator: \.isWhitespace)
            .joined(separator: " ")
        guard words.utf8.count > MailOutcome.maxWords else { return words }
        return String(decoding: words.utf8.prefix(MailOutcome.maxWords), as: UTF8.self) + "… (cut)"
    }
}
