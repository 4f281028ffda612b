import Domain
import Foundation
import Outbound
import TestSupport
import Testing

/// The transport against servers that follow a script to the letter.
@Suite(.enabled(if: MailServerProcess.isThere)) struct DialogueTests {
    private static let greeting = "S: 220 mail.example.com\nC: EHLO bot.example.com\nS: 250 mail.example.com\n"
    private static let envelope =
        greeting + "C: MAIL FROM:<bot@example.com>\nS: 250 Ok\nC: RCPT TO:<ops@example.com>\nS: 250 Ok\n"

    /// Sends a small mail to a server of the dialogue and returns the error.
    private func send(
        _ dialogue: String, to recipients: String = "ops@example.com", password: String? = nil,
        _ change: (inout MailServer) -> Void = { _ in }
    ) async throws -> (error: MailError?, server: MailServerProcess) {
        let isPlainFirst = dialogue.contains("-- TLS handshake --")
        let server = try await MailServerProcess.following(
            dialogue, tls: !isPlainFirst, try await Certificates.make())
        let transport = try server.transport(security: isPlainFirst ? .startTLS : .tls, password: password, change)
        let error = try await mailError { _ = try await transport.send(try Fixture.mail(recipients)) }
        await server.untilEnd()
        return (error, server)
    }

    // MARK: Dialogues of others

    @Suite(.enabled(if: WireData.isThere)) struct Wire {
        private let tests = DialogueTests()

        private func dialogue(_ name: String) throws -> String {
            String(decoding: try WireData.bytes("email/dialogue.\(name).txt"), as: UTF8.self)
        }

        @Test func startTLSAndAuthPlain() async throws {
            let (error, server) = try await tests.send(
                try dialogue("starttls_auth_plain"), password: MailServerProcess.password)
            #expect(error == nil)
            #expect(!server.events.contains { $0["unexpected"] != nil })
            #expect(server.events.contains { $0["message"] != nil })
        }

        @Test func authLogin() async throws {
            let (error, server) = try await tests.send(
                try dialogue("auth_login"), password: MailServerProcess.password)
            #expect(error?.kind == .rejected)
            // The dialogue ends after the login, where ours goes on.
            #expect(server.events.compactMap { $0["unexpected"]?.stringValue }.map { $0.prefix(10) } == ["MAIL FROM:"])
            #expect(server.heard.contains("czNjcjN0"))
        }

        @Test func authFailure() async throws {
            let (error, server) = try await tests.send(try dialogue("auth_failure"), password: "wrong")
            #expect(error?.kind == .credentials)
            #expect(error?.message.hasSuffix("535 5.7.8 Error: authentication failed: 5.7.8 UGFzc3dvcmQ6") == true)
            #expect(!server.events.contains { $0["unexpected"] != nil })
        }

        @Test(arguments: [
            ("nobody@example.com", MailError.Kind.rejected, "550"), ("ops@example.com", .deferred, "450"),
        ])
        func rejections(recipient: String, kind: MailError.Kind, code: String) async throws {
            let (error, server) = try await tests.send(try dialogue("rejections"), to: recipient)
            #expect(error?.kind == kind)
            #expect(error?.message.contains(" \(code) ") == true)
            #expect(error?.message.contains("Recipient address rejected") == true)
            #expect(!server.events.contains { $0["unexpected"] != nil })
        }

        @Test func serviceUnavailable() async throws {
            let (error, _) = try await tests.send(try dialogue("service_unavailable"))
            #expect(error?.kind == .unavailable)
            #expect(error?.message.contains("421 4.3.2 mail.example.com Service shutting down") == true)
        }

        @Test(arguments: ["ascii", "utf8_base64", "utf8_quoted_printable"])
        func messagesArriveToTheByte(name: String) async throws {
            let server = try await MailServerProcess.following(
                DialogueTests.envelope + "C: DATA\nS: 354 Go\nC: (message, dot-stuffed)\nC: .\nS: 250 Ok\n", tls: true,
                try await Certificates.make())
            let mail = try OutgoingMail(
                sender: try #require(MailAddress("bot@example.com")),
                recipients: [try #require(MailAddress("ops@example.com"))],
                message: try WireData.bytes("email/alternative.\(name).eml"))
            _ = try await server.transport(security: .tls).send(mail)
            await server.untilEnd()
            let message = server.events.compactMap { $0["message"]?.stringValue }.first
            let bytes = message.flatMap { Data(base64Encoded: $0) }.map(Array.init)
            let wanted = try WireData.bytes("email/alternative.\(name).smtp_data.txt")
            #expect(bytes == wanted)
        }
    }

    // MARK: The end of a mail

    @Test func dotsAtTheBeginningOfLinesAreDoubledWhereverABufferEnds() async throws {
        let server = try await MailServerProcess.following(
            DialogueTests.envelope + "C: DATA\nS: 354 Go\nC: (message, dot-stuffed)\nC: .\nS: 250 Ok\n", tls: true,
            try await Certificates.make())
        // Lines of all lengths, so that a dot stands on every side of the ends of libcurl's buffers.
        var body = ".\r\n..\r\n"
        for number in 0..<12_000 { body += "." + String(repeating: "x", count: number % 23) + "\r\n" }
        let mail = try Fixture.mail(body: body)
        _ = try await server.transport(security: .tls).send(mail)
        await server.untilEnd()
        let message = server.events.compactMap { $0["message"]?.stringValue }.first
        let bytes = message.flatMap { Data(base64Encoded: $0) }.map(Array.init)
        let text = String(decoding: mail.message, as: UTF8.self)
        #expect(bytes == Array((text.replacing("\r\n.", with: "\r\n..") + ".\r\n").utf8))
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["-- close --", "-- silence --"])
    func aReplyThatIsLostMayHaveBeenAYes(end: String) async throws {
        let (error, _) = try await send(
            DialogueTests.envelope + "C: DATA\nS: 354 Go\nC: (message, dot-stuffed)\nC: .\n" + end
        ) { $0.timeout = .milliseconds(700) }
        #expect(error?.kind == .maybeSent)
        #expect(error?.message.contains("may have been delivered") == true)
    }

    @Test(arguments: [
        "-- silence --", "S: 220 hi\n-- silence --", "S: 220 hi\nC: EHLO bot.example.com\n-- close --",
        envelope + "C: DATA\n-- silence --", envelope + "C: DATA\n-- close --",
    ])
    func beforeTheMailIsHandedOverNothingWasSent(dialogue: String) async throws {
        let (error, server) = try await send(dialogue) { $0.timeout = .milliseconds(700) }
        #expect(error?.kind == .unavailable)
        #expect(!server.events.contains { $0["message"] != nil })
    }

    // Were SIGPIPE raised, it would end all tests.
    @Test func aConnectionThatIsClosedInTheMiddleEndsTheTransferOnly() async throws {
        let server = try await MailServerProcess.following(
            DialogueTests.envelope + "C: DATA\nS: 354 Go\n-- close --", tls: true, try await Certificates.make())
        let mail = try Fixture.mail(body: String(repeating: "one of many lines\r\n", count: 50_000))
        let error = try await mailError { _ = try await server.transport(security: .tls).send(mail) }
        #expect(error?.kind == .unavailable || error?.kind == .maybeSent)
    }

    // libcurl alone would wait two minutes for the answer to QUIT.
    @Test(.timeLimit(.minutes(1)), arguments: ["-- silence --", "-- close --", "S: 500 what\n-- close --"])
    func howTheServerSaysGoodbyeDoesNotMatter(end: String) async throws {
        let (error, _) = try await send(
            DialogueTests.envelope
                + "C: DATA\nS: 354 Go\nC: (message, dot-stuffed)\nC: .\nS: 250 Ok\nC: QUIT\n" + end)
        #expect(error == nil)
    }

    @Test(.timeLimit(.minutes(1))) func aServerThatSaysNoGoodbyeAfterARefusalIsLeft() async throws {
        let (error, _) = try await send(
            DialogueTests.greeting + "C: MAIL FROM:<bot@example.com>\nS: 550 no\nC: QUIT\n-- silence --")
        #expect(error?.kind == .rejected)
        #expect(error?.message.hasSuffix("550 no") == true)
    }

    @Test(arguments: ["454 4.7.0 TLS not available", "501 no"])
    func aServerThatOffersTLSAndHasNone(reply: String) async throws {
        let (error, server) = try await send(
            "S: 220 hi\nC: EHLO bot.example.com\nS: 250-hi\nS: 250 STARTTLS\nC: STARTTLS\nS: \(reply)\n-- silence --\n-- TLS handshake --",
            password: MailServerProcess.password)
        #expect(error?.kind == .insecure)
        #expect(error?.message.contains(reply) == true)
        #expect(!server.heard.contains { $0.hasPrefix("AUTH") || $0.hasPrefix("MAIL") })
    }

    @Test func aPasswordCannotBeCheckedNow() async throws {
        let (error, _) = try await send(
            "S: 220 hi\nC: EHLO bot.example.com\nS: 250-hi\nS: 250 AUTH PLAIN\nC: AUTH PLAIN AGJvdABzM2NyM3Q=\nS: 454 4.7.0 Try later\n",
            password: MailServerProcess.password)
        #expect(error?.kind == .unavailable)
        #expect(error?.message.contains("454 4.7.0 Try later") == true)
    }

    @Test func aServerThatRepeatsThePasswordIsNotQuoted() async throws {
        let (error, _) = try await send(
            "S: 220 hi\nC: EHLO bot.example.com\nS: 250-hi\nS: 250 AUTH PLAIN\nC: AUTH PLAIN AGJvdABzM2NyM3Q=\n"
                + "S: 535-no s3cr3t\nS: 535 nor AGJvdABzM2NyM3Q=\n", password: MailServerProcess.password)
        #expect(error?.kind == .credentials)
        #expect(error?.message.contains("s3cr3t") == false)
        #expect(error?.message.contains("zM2NyM3") == false)
        #expect(error?.message.contains("535 no <secret> nor") == true, "\(error?.message ?? "")")
    }

    @Test func aServersWordsAreOneShortLine() async throws {
        let lines = (0..<40).map { "S: 550-\u{1B}[31m\($0) " + String(repeating: "long ", count: 20) }
        let (error, _) = try await send(
            DialogueTests.greeting + "C: MAIL FROM:<bot@example.com>\n" + lines.joined(separator: "\n")
                + "\nS: 550 end\n")
        #expect(error?.kind == .rejected)
        #expect((error?.message.utf8.count ?? 0) < 550)
        #expect(error?.message.contains("\u{1B}") == false)
    }

    // MARK: Cancellation

    @Test(arguments: [
        "S: 220 hi\n-- silence --", envelope + "C: DATA\nS: 354 Go\nC: (message, dot-stuffed)\nC: .\n-- silence --",
    ])
    func aCancelledTaskEndsTheTransfer(dialogue: String) async throws {
        let server = try await MailServerProcess.following(dialogue, tls: true, try await Certificates.make())
        let transport = try server.transport(security: .tls)
        let mail = try Fixture.mail()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: CancellationError.self) { try await transport.send(mail) }
            }
            let last = dialogue.contains("DATA") ? "message" : "accepted"
            _ = await eventually { server.events.contains { $0[last] != nil } ? true : nil }
            group.cancelAll()
        }
        await server.untilEnd()
        #expect(server.events.contains { $0["end"] != nil })
    }
}
