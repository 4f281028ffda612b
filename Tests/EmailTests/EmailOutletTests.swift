import Domain
import Email
import Foundation
import Outbound
import TestSupport
import Testing

/// The outlet, with aiosmtpd at the other end.
@Suite(.enabled(if: MailServerProcess.isThere)) struct EmailOutletTests {
    private func message(
        _ report: Report = Fixture.failed, to address: String = "admin", slot: OutboxMessage.Slot = .main,
        id: Int64 = 7,
        subject: String = "job/42"
    ) -> OutboxMessage {
        var message = OutboxMessage(
            place: Place(channel: "email", address: address), subject: subject, slot: slot, report: report,
            createdAt: Fixture.now)
        message.id = id
        return message
    }

    private func outlet(_ server: MailServerProcess, _ more: [String: JSONValue] = [:]) throws -> EmailOutlet {
        let account: [String: JSONValue] = [
            "port": .int(Int64(server.port)), "username": .string(MailServerProcess.user),
            "password": ["env": "PASSWORD"],
        ]
        return try EmailOutlet(
            try Fixture.settings(account.merging(more) { $1 }), secrets: FixedSecrets(),
            trustedCertificates: try server.certificates.authorityBytes(), time: VirtualTime(),
            addressOf: { ["ada": "ada@example.com", "bob": "not an address"][$0] })
    }

    private func server(_ more: [String: JSONValue] = [:]) async throws -> MailServerProcess {
        let account: [String: JSONValue] = [
            "user": .string(MailServerProcess.user), "password": .string(MailServerProcess.password),
        ]
        return try await MailServerProcess.start(account.merging(more) { $1 }, try await Certificates.make())
    }

    private func failure(_ outlet: EmailOutlet, _ message: OutboxMessage) async -> OutletError? {
        do {
            _ = try await outlet.deliver(message, existing: nil, thread: nil)
            return nil
        } catch { return error }
    }

    // MARK: What arrives

    @Test func theEndOfAJobArrivesAndReadsWell() async throws {
        let server = try await server()
        let reference = try await outlet(server).deliver(message(), existing: nil, thread: nil)
        let mail = try #require(server.mails.first)
        #expect(mail["defects"] == [])
        #expect((mail["longest_line"]?.intValue ?? .max) <= 78)
        let headers = try #require(mail["headers"]?.objectValue)
        #expect(headers["Subject"] == "❌ Timed out: restart-geth geth-0 · job 42")
        #expect(headers["From"] == "Defimon <defimon@example.com>")
        #expect(headers["To"] == "ops@example.com")
        #expect(headers["Date"] == "Mon, 21 Sep 2026 14:13:20 +0000")
        #expect(headers["Auto-Submitted"] == "auto-generated")
        #expect(headers["X-Auto-Response-Suppress"] == "OOF, AutoReply")
        #expect(headers["MIME-Version"] == "1.0")
        let id = try #require(headers["Message-ID"]?.stringValue)
        #expect(id.hasPrefix("<") && id.hasSuffix("@example.com>"))
        #expect(reference?.hasPrefix(id) == true)
        #expect(headers["In-Reply-To"] == headers["References"])
        #expect(headers["In-Reply-To"] != headers["Message-ID"])
        let parts = try #require(mail["parts"]?.arrayValue)
        #expect(parts.map { $0["content_type"] } == ["text/plain", "text/html"])
        #expect(parts[0]["decoded"]?.stringValue?.contains("Failed step: Wait until geth-0 is in sync again") == true)
        #expect(parts[1]["decoded"]?.stringValue?.contains("&lt;peers: 3 &amp; falling&gt;") == true)
    }

    @Test func hostileTitlesMakeNoHeaders() async throws {
        let server = try await server()
        var report = Fixture.failed
        report.title = "x\r\nBcc: evil@example.com\r\n\r\n<script>\n.\nMAIL FROM:<evil@example.com>"
        _ = try await outlet(server).deliver(message(report), existing: nil, thread: nil)
        let mail = try #require(server.events.first { $0["mail"] != nil })
        #expect(mail["recipients"] == ["ops@example.com"])
        #expect(mail.at(path: "mail.headers.Bcc") == nil)
        #expect(
            mail.at(path: "mail.headers.Subject")
                == "❌ x Bcc: evil@example.com <script> . MAIL FROM:<evil@example.com>")
        #expect(server.mails.count == 1)
    }

    @Test func aRetryHasTheSameNameAndAllMailsOfAJobShareAThread() async throws {
        let server = try await server()
        let outlet = try outlet(server)
        for _ in 0..<2 { _ = try await outlet.deliver(message(), existing: nil, thread: nil) }
        _ = try await outlet.deliver(
            message(slot: .single, id: 8, subject: "job/42/escalation"), existing: nil, thread: nil)
        _ = try await outlet.deliver(message(id: 9, subject: "job/43"), existing: nil, thread: nil)
        let ids = server.mails.map { $0.at(path: "headers.Message-ID") }
        let threads = server.mails.map { $0.at(path: "headers.References") }
        #expect(ids[0] == ids[1])
        #expect(Set(ids).count == 3)
        #expect(threads[0] == threads[2])
        #expect(threads[3] != threads[0])
    }

    // MARK: What is sent

    @Test(arguments: [
        (OutboxMessage.Slot.main, Report.Mood.running, false), (.main, .waiting, false), (.main, .success, true),
        (.main, .info, true), (.main, .warning, true), (.main, .failure, true), (.thread, .info, false),
        (.thread, .failure, true), (.thread, .success, false), (.single, .info, true), (.single, .running, true),
        (.single, .waiting, true),
    ])
    func onlyWhatIsWorthAMailIsSent(slot: OutboxMessage.Slot, mood: Report.Mood, isSent: Bool) async throws {
        let server = try await server()
        let report = Report(mood: mood, title: "deploy analytics")
        let reference = try await outlet(server).deliver(message(report, slot: slot), existing: "before", thread: nil)
        #expect(server.mails.count == (isSent ? 1 : 0))
        #expect((reference == "before") == !isSent)
    }

    @Test func theSameEndIsNotSentTwiceAndAnotherOneIs() async throws {
        let server = try await server()
        let outlet = try outlet(server)
        let first = try await outlet.deliver(message(), existing: nil, thread: nil)
        let second = try await outlet.deliver(message(id: 8), existing: first, thread: nil)
        #expect(second == first)
        #expect(server.mails.count == 1)
        var other = Fixture.failed
        other.title = "restart-geth geth-0 · job 42 · succeeded"
        let third = try await outlet.deliver(message(other, id: 9), existing: second, thread: nil)
        #expect(third != first)
        #expect(server.mails.count == 2)
    }

    // MARK: To whom

    @Test(arguments: [
        ("admin", "ops@example.com"), ("grace@example.org", "grace@example.org"), ("ada", "ada@example.com"),
    ])
    func placesAreAddresses(place: String, address: String) async throws {
        let server = try await server()
        _ = try await outlet(server).deliver(message(to: place), existing: nil, thread: nil)
        #expect(server.events.first { $0["mail"] != nil }?["recipients"] == [.string(address)])
    }

    @Test(arguments: [
        ("nobody", "no person"), ("bob", "people.bob.email"), ("a@b@c", "not a mail address"),
        ("a@b\r\nRCPT TO:<x@y>", "not a mail address"),
    ])
    func placesThatAreNoneAreForNever(place: String, words: String) async throws {
        let server = try await server()
        let error = await failure(try outlet(server), message(to: place))
        #expect(error?.kind == .never)
        #expect(error?.message.contains(words) == true)
        #expect(error?.message.contains("\n") == false)
        #expect(server.mails.isEmpty)
    }

    @Test func anAdminThatIsNotSetIsSaid() async throws {
        let server = try await server()
        let error = await failure(try outlet(server, ["admin": .null]), message())
        #expect(error?.kind == .never)
        #expect(error?.message.contains("email.admin") == true)
    }

    // MARK: Errors

    @Test(arguments: [
        ("550 5.1.1 No such user", OutletError.Kind.never), ("451 4.7.1 Greylisted", .later(after: .seconds(60))),
        ("421 4.3.2 Shutting down", .later(after: .seconds(15))),
    ])
    func theServersWordsDecide(reply: String, kind: OutletError.Kind) async throws {
        let server = try await server(["replies": ["ops@example.com": .string(reply)]])
        let error = await failure(try outlet(server), message())
        #expect(error?.kind == kind)
        #expect(error?.message.contains(reply) == true)
    }

    @Test func aWrongPasswordIsForNeverAndNotTold() async throws {
        let server = try await server(["password": "another"])
        let error = await failure(try outlet(server), message())
        #expect(error?.kind == .never)
        #expect(error?.message.contains("535") == true)
        #expect(error?.message.contains(MailServerProcess.password) == false)
    }

    @Test func aServerThatIsNotTrustedIsForLater() async throws {
        let server = try await server()
        let outlet = try EmailOutlet(
            try Fixture.settings(["port": .int(Int64(server.port))]), secrets: FixedSecrets(), trustedCertificates: nil,
            time: VirtualTime(), addressOf: { _ in nil })
        #expect(await failure(outlet, message())?.kind == .later(after: .seconds(15)))
        #expect(server.mails.isEmpty)
    }

    @Test func aMissingOrEmptyPasswordIsNotTaken() throws {
        for name in ["EMPTY", "NONE"] {
            let settings = try Fixture.settings(["username": "bot", "password": ["env": .string(name)]])
            #expect(throws: MissingSecret.self) {
                try EmailOutlet(
                    settings, secrets: FixedSecrets(), trustedCertificates: nil, time: VirtualTime(),
                    addressOf: { _ in nil })
            }
        }
    }
}
