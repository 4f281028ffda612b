import CCurl
import Domain
import Synchronization

/// One mail on one connection: a conversation that libcurl leads on a thread of its own.
final class MailTransfer: Sendable {
    /// How long a server may take to answer QUIT before the connection is just closed.
    private static let farewell = Duration.seconds(2)
    /// What libcurl may use of what a server offers; both are safe within TLS, and no server takes other ways only.
    private static let mechanisms = "AUTH=PLAIN;AUTH=LOGIN"

    private struct State {
        var conversation = MailConversation()
        var sent = 0
        var isCancelled = false
        var deadline: ContinuousClock.Instant?
    }

    private let server: MailServer
    private let mail: OutgoingMail
    private let state = Mutex(State())

    init(_ mail: OutgoingMail, to server: MailServer) {
        self.mail = mail
        self.server = server
    }

    /// Ends the transfer soon.
    func cancel() { state.withLock { $0.isCancelled = true } }

    /// Sends the mail and returns the server's reply; blocks the thread. Throws `MailError` or `CancellationError`.
    func run() throws -> String {
        state.withLock { $0.deadline = .now + server.timeout }
        let code: CURLcode
        let words: String
        do {
            var handle = try CurlHandle()
            try setUp(&handle)
            code = handle.perform()
            words = handle.explanation(of: code)
        } catch { throw MailError(.unavailable, error.words) }
        let (conversation, isCancelled) = state.withLock { ($0.conversation, $0.isCancelled) }
        return try MailOutcome(server: server, conversation: conversation, isCancelled: isCancelled)
            .reply(code, words)
    }

    // MARK: Options

    private func setUp(_ handle: inout CurlHandle) throws(CurlHandle.Refused) {
        try handle.set(CURLOPT_URL, server.url)
        try handle.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        // Else the environment's proxies would be used.
        try handle.set(CURLOPT_PROXY, "")
        try handle.set(CURLOPT_NOSIGNAL, 1)
        // The connection is closed within the transfer, where our time-outs hold.
        try handle.set(CURLOPT_FORBID_REUSE, 1)
        try handle.set(CURLOPT_CONNECTTIMEOUT_MS, Int(server.connectTimeout.milliseconds))
        try handle.set(CURLOPT_TIMEOUT_MS, Int(server.timeout.milliseconds))
        try setUpTLS(handle)
        if let credentials = server.credentials {
            try handle.set(CURLOPT_LOGIN_OPTIONS, MailTransfer.mechanisms)
            try handle.set(CURLOPT_USERNAME, credentials.user)
            try handle.set(CURLOPT_PASSWORD, credentials.password.reveal())
        }
        try handle.set(CURLOPT_MAIL_FROM, "<\(mail.sender)>")
        try handle.set(CURLOPT_MAIL_RCPT, list: mail.recipients.map { "<\($0)>" })
        try handle.set(CURLOPT_UPLOAD, 1)
        try handle.set(CURLOPT_INFILESIZE_LARGE, size: mail.message.count)
        try setUpCallbacks(handle)
    }

    private func setUpTLS(_ handle: borrowing CurlHandle) throws(CurlHandle.Refused) {
        try handle.set(CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue))
        try handle.set(CURLOPT_SSL_VERIFYPEER, 1)
        try handle.set(CURLOPT_SSL_VERIFYHOST, 2)
        try handle.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let certificates = server.trustedCertificates {
            try handle.set(CURLOPT_CAINFO_BLOB, bytes: certificates)
            // The blob takes the place of the machine's file, but not of its folder.
            try handle.set(CURLOPT_CAPATH, nil as String?)
        }
    }

    private func setUpCallbacks(_ handle: borrowing CurlHandle) throws(CurlHandle.Refused) {
        // Not retained: the handle does not outlive `run`.
        let context = Unmanaged.passUnretained(self).toOpaque()
        try handle.set(
            read: { buffer, size, count, context in
                guard let buffer, let context else { return 0 }
                let room = UnsafeMutableRawBufferPointer(start: buffer, count: size * count)
                return Unmanaged<MailTransfer>.fromOpaque(context).takeUnretainedValue().read(into: room)
            },
            heard: { buffer, size, count, context in
                guard let buffer, let context else { return 0 }
                let line = UnsafeRawBufferPointer(start: buffer, count: size * count)
                Unmanaged<MailTransfer>.fromOpaque(context).takeUnretainedValue().hear(line)
                return size * count
            },
            progress: { context, _, _, _, _ in
                guard let context else { return 1 }
                return Unmanaged<MailTransfer>.fromOpaque(context).takeUnretainedValue().mayGoOn ? 0 : 1
            }, context: context)
    }

    // MARK: Callbacks

    private func read(into room: UnsafeMutableRawBufferPointer) -> Int {
        state.withLock { state in
            guard !state.isCancelled else { return Int(CURL_READFUNC_ABORT) }
            let part = mail.message[state.sent..<min(state.sent + room.count, mail.message.count)]
            room.copyBytes(from: part)
            state.sent += part.count
            if state.sent == mail.message.count { state.conversation.isHandedOver = true }
            return part.count
        }
    }

    private func hear(_ line: UnsafeRawBufferPointer) {
        state.withLock { $0.conversation.hear(line, at: .now) }
    }

    private var mayGoOn: Bool {
        state.withLock { state in
            let now = ContinuousClock.now
            // libcurl's own time-outs do not hold while it waits for the answer to QUIT: that would be two minutes.
            guard !state.isCancelled, state.deadline.map({ now < $0 }) ?? true else { return false }
            return state.conversation.endedAt.map { now - $0 < MailTransfer.farewell } ?? true
        }
    }
}
