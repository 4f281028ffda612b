/// What a server has said so far, and how far the mail has come.
struct MailConversation: Sendable {
    /// Bytes of one reply that are kept.
    private static let maxReply = 1000

    /// A whole reply: RFC 5321 §4.2, its lines joined by spaces.
    struct Reply: Sendable, Hashable {
        var code: Int
        var text: String
    }

    /// The newest whole reply, but for the farewell.
    private(set) var reply: Reply?
    /// The reply to the whole mail.
    private(set) var verdict: Reply?
    /// When the newest reply came that ends the conversation; from then on it is only about saying goodbye.
    private(set) var endedAt: ContinuousClock.Instant?
    /// True when all bytes of the mail have been handed over, so that the server may have taken it.
    var isHandedOver = false
    private var code = 0
    private var lines: [String] = []

    /// Takes one line of a reply.
    mutating func hear(_ line: some Sequence<UInt8>, at now: ContinuousClock.Instant) {
        let text =
            String(decoding: Array(line.prefix(MailConversation.maxReply)), as: UTF8.self)
            .split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        guard let newCode = Int(text.prefix(3)), (200...599).contains(newCode) else { return }
        if newCode != code { lines = [] }
        code = newCode
        let isLast = text.dropFirst(3).first != "-"
        if lines.reduce(0, { $0 + $1.utf8.count }) < MailConversation.maxReply {
            lines.append(String(text.dropFirst(4)))
        }
        guard isLast else { return }
        end(Reply(code: code, text: ([String(code)] + lines).joined(separator: " ")), now)
        lines = []
        code = 0
    }

    private mutating func end(_ whole: Reply, _ now: ContinuousClock.Instant) {
        // 221 answers QUIT and says nothing about the mail.
        guard whole.code != 221 else { return }
        if isHandedOver, verdict == nil { verdict = whole }
        reply = whole
        endedAt = verdict != nil || whole.code >= 400 ? now : nil
    }
}
