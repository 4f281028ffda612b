package import Domain
import Foundation
import Outbound

/// Delivers reports as mails: to `email:admin`, `email:ops@example.com`, or `email:ada`, a person of the settings.
///
/// A mail that was sent cannot be edited, and each one rings a phone. So of a job's one message, which is edited all the
/// time in a chat, mail gets the end only: what waits or runs is not sent; how it ended is, and again where that
/// changes, as when a person says what became of a job that nobody could tell about. The details in a message's thread
/// are step outputs that a reader in chat may open; by mail they are left out unless they tell of trouble, and
/// `/defimon explain` has them. Messages of their own, such as escalations, are sent always. All mails of one job name
/// one thread.
package struct EmailOutlet: Outlet {
    static let channelName = "email"
    /// The place of the settings' admin address.
    static let admin = "admin"
    /// How long to wait when a server does not take a mail now; servers that do so to strangers want minutes.
    static let deferral = Duration.seconds(60)

    package let channel = EmailOutlet.channelName
    private let from: Mailbox
    private let adminAddress: MailAddress?
    private let transport: MailTransport
    private let page: EmailPage
    private let addressOf: @Sendable (_ personID: String) -> String?

    /// Reads the password. `trustedCertificates` are the bytes of the file `ca`; `addressOf` gives a person's identity
    /// in the channel `email`. Throws `MissingSecret`, or an error of the template.
    package init(
        _ settings: EmailSettings, secrets: any SecretSource, trustedCertificates: [UInt8]?, time: any TimeSource,
        addressOf: @escaping @Sendable (_ personID: String) -> String?
    ) throws {
        guard let from = settings.from else { throw MissingSecret("email.from is not set") }
        var server = MailServer(
            host: settings.server, port: settings.port, security: settings.security,
            trustedCertificates: trustedCertificates, greeting: from.address.domain)
        if let user = settings.username, let reference = settings.password {
            let password = try secrets.secret(reference)
            guard !password.isEmpty else { throw MissingSecret("the secret of email.password is empty") }
            server.credentials = .init(user: user, password: password)
        }
        self.from = from
        adminAddress = settings.admin
        transport = MailTransport(server, time: time)
        page = try EmailPage()
        self.addressOf = addressOf
    }

    package func deliver(_ message: OutboxMessage, existing: String?, thread: String?) async throws(OutletError)
        -> String?
    {
        guard EmailOutlet.isSent(message) else { return existing }
        let digest = EmailOutlet.digest(of: message.report)
        // The end of a job is reported again when something else about it is written.
        if let existing, existing.hasSuffix(" \(digest)") { return existing }
        let recipient = try address(of: message.place)
        let names = EmailThread(message, domain: from.address.domain)
        do {
            let bytes = try letter(about: message, to: recipient, names).encoded()
            let mail = try OutgoingMail(sender: from.address, recipients: [recipient], message: bytes)
            _ = try await transport.send(mail)
        } catch let error as MailError {
            throw EmailOutlet.outletError(error)
        } catch {
            throw OutletError(.later(after: nil), "sending the mail was broken off")
        }
        return "\(names.messageID) \(digest)"
    }

    // MARK: What is sent

    private static func isSent(_ message: OutboxMessage) -> Bool {
        switch (message.slot, message.report.mood) {
        case (.single, _), (_, .failure), (_, .warning): true
        case (.main, .success), (.main, .info): true
        case (.main, .waiting), (.main, .running): false
        case (.thread, _): false
        }
    }

    private static func digest(of report: Report) -> String {
        Hex.encode(SHA256Digest.of(Array("\(report.mood.rawValue)\n\(report.plainText)".utf8)).prefix(16))
    }

    private func letter(about message: OutboxMessage, to recipient: MailAddress, _ names: EmailThread) -> MailMessage {
        let content = EmailContent(message.report, slot: message.slot)
        return MailMessage(
            headers: [
                MailHeader("Date", .date(message.createdAt)),
                MailHeader("From", .mailboxes([from])),
                MailHeader("To", .mailboxes([Mailbox(address: recipient)])),
                MailHeader("Subject", .text("\(content.sign) \(content.headline)")),
                MailHeader("Message-ID", .ids([names.messageID])),
                MailHeader("In-Reply-To", .ids([names.root])),
                MailHeader("References", .ids([names.root])),
                // RFC 3834 §5, and what Exchange wants instead: no absence notes come back.
                MailHeader("Auto-Submitted", .verbatim("auto-generated")),
                MailHeader("X-Auto-Response-Suppress", .verbatim("OOF, AutoReply")),
            ],
            text: EmailPlainText.text(of: content), html: page.html(of: content, mood: message.report.mood))
    }

    // MARK: To whom

    private func address(of place: Place) throws(OutletError) -> MailAddress {
        let name = EmailText.line(place.address, atMost: 100)
        if place.address == EmailOutlet.admin {
            guard let adminAddress else {
                throw OutletError(.never, "email:admin has no address; set email.admin in the settings")
            }
            return adminAddress
        }
        if place.address.contains("@") {
            guard let address = MailAddress(place.address) else {
                throw OutletError(.never, "email:\(name) is not a mail address")
            }
            return address
        }
        guard let text = addressOf(place.address) else {
            throw OutletError(
                .never, "email:\(name) is no address and no person with one; give people.\(name).email in the settings")
        }
        guard let address = MailAddress(text) else {
            throw OutletError(.never, "people.\(name).email is not a mail address")
        }
        return address
    }

    private static func outletError(_ error: MailError) -> OutletError {
        switch error.kind {
        case .invalid, .credentials, .rejected: OutletError(.never, error.message)
        case .unavailable, .insecure: OutletError(.later(after: MailTransport.pause), error.message)
        case .deferred, .maybeSent: OutletError(.later(after: deferral), error.message)
        }
    }
}
