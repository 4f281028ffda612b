import Domain
import Foundation
import Outbound
import TestSupport
import Testing

/// The transport against aiosmtpd.
@Suite(.enabled(if: MailServerProcess.isThere)) struct MailServerTests {
    private static let account: [String: JSONValue] = [
        "user": .string(MailServerProcess.user), "password": .string(MailServerProcess.password),
    ]

    private func account(_ more: [String: JSONValue] = [:]) -> [String: JSONValue] {
        MailServerTests.account.merging(more) { $1 }
    }

    @Test(arguments: [MailServer.Security.startTLS, .tls], [["LOGIN"], ["PLAIN"]])
    func aMailIsDelivered(security: MailServer.Security, without: [String]) async throws {
        let server = try await MailServerProcess.start(
            account([
                "security": .string(security.rawValue), "without": .array(without.map { .string($0) }),
            ]), try await Certificates.make())
        let words = try await server.transport(security: security, password: MailServerProcess.password).send(
            try Fixture.mail("ops@example.com", "ada@example.com"))
        #expect(words == "250 2.0.0 Ok: queued as 4QABCD")
        #expect(server.events.contains { $0["auth"]?.stringValue == (without == ["LOGIN"] ? "PLAIN" : "LOGIN") })
        let mail = try #require(server.events.first { $0["mail"] != nil })
        #expect(mail["sender"] == "bot@example.com")
        #expect(mail["recipients"] == ["ops@example.com", "ada@example.com"])
        #expect(mail.at(path: "mail.headers.Subject") == "test")
        #expect(server.events.contains { $0["ehlo"] == "bot.example.com" })
        if security == .startTLS { #expect(server.events.filter { $0["ehlo"] != nil }.last?["tls"] == true) }
    }

    @Test func withoutAnAccountNobodyLogsIn() async throws {
        let server = try await MailServerProcess.start([:], try await Certificates.make())
        _ = try await server.transport().send(try Fixture.mail())
        #expect(server.mails.count == 1)
    }

    @Test func aWrongPasswordIsNotTriedAgainAtOnce() async throws {
        let server = try await MailServerProcess.start(account(), try await Certificates.make())
        let time = VirtualTime()
        let transport = try server.transport(password: "not-the-password", time: time)
        for _ in 0..<2 {
            let error = try await mailError { _ = try await transport.send(try Fixture.mail()) }
            #expect(error?.kind == .credentials)
            #expect(error?.message.contains("535") == true)
            #expect(error?.message.contains("not-the-password") == false)
        }
        let tries = server.events.count { $0["auth"] != nil }
        time.advance(by: MailTransport.pause)
        _ = try await mailError { _ = try await transport.send(try Fixture.mail()) }
        #expect(server.events.count { $0["auth"] != nil } == tries * 2)
        #expect(server.mails.isEmpty)
    }

    @Test(arguments: [
        ("451 4.7.1 Greylisted, come back later", MailError.Kind.deferred),
        ("550 5.1.1 No such user", .rejected), ("421 4.3.2 Shutting down", .unavailable),
        ("452 4.2.2 Mailbox full", .deferred), ("554 5.7.1 Spam", .rejected),
    ])
    func aRecipientThatIsRefused(reply: String, kind: MailError.Kind) async throws {
        let server = try await MailServerProcess.start(
            ["replies": ["ops@example.com": .string(reply)]], try await Certificates.make())
        let error = try await mailError { _ = try await server.transport().send(try Fixture.mail()) }
        #expect(error?.kind == kind)
        #expect(error?.message.hasSuffix(reply) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("localhost:\(server.port)") == true)
        #expect(server.mails.isEmpty)
    }

    @Test(arguments: [
        ("451 4.3.0 Try later", MailError.Kind.deferred), ("554 5.6.0 Content refused", .rejected),
        ("421 4.3.2 Shutting down", .unavailable),
    ])
    func aWholeMailThatIsRefused(reply: String, kind: MailError.Kind) async throws {
        let server = try await MailServerProcess.start(["reply": .string(reply)], try await Certificates.make())
        let error = try await mailError { _ = try await server.transport().send(try Fixture.mail()) }
        #expect(error?.kind == kind)
        #expect(error?.message.contains(reply) == true)
    }

    // MARK: Trust

    @Test func aServerWithoutTLSGetsNothing() async throws {
        let server = try await MailServerProcess.start(account(["security": "none"]), try await Certificates.make())
        let error = try await mailError {
            _ = try await server.transport(password: MailServerProcess.password).send(try Fixture.mail())
        }
        #expect(error?.kind == .insecure)
        #expect(error?.message.contains("STARTTLS") == true)
        #expect(!server.events.contains { $0["auth"] != nil })
        #expect(server.mails.isEmpty)
    }

    @Test(arguments: [MailServer.Security.startTLS, .tls])
    func aCertificateForAnotherNameIsRefused(security: MailServer.Security) async throws {
        let server = try await MailServerProcess.start(
            account(["security": .string(security.rawValue)]),
            try await Certificates.make(names: "DNS:mail.example.com"))
        let error = try await mailError {
            _ = try await server.transport(security: security, password: MailServerProcess.password).send(
                try Fixture.mail())
        }
        #expect(error?.kind == .insecure)
        #expect(error?.message.contains("localhost") == true)
        #expect(!server.events.contains { $0["auth"] != nil })
        #expect(server.mails.isEmpty)
    }

    @Test(arguments: [MailServer.Security.startTLS, .tls])
    func aCertificateOfAnUnknownAuthorityIsRefused(security: MailServer.Security) async throws {
        let other = try await Certificates.make().authorityBytes()
        let server = try await MailServerProcess.start(
            account(["security": .string(security.rawValue)]), try await Certificates.make())
        for trusted in [nil, other] {
            let transport = try server.transport(security: security, password: MailServerProcess.password) {
                $0.trustedCertificates = trusted
            }
            let error = try await mailError { _ = try await transport.send(try Fixture.mail()) }
            #expect(error?.kind == .insecure)
        }
        #expect(!server.events.contains { $0["auth"] != nil })
        #expect(server.mails.isEmpty)
    }

    @Test func aFileThatHoldsNoCertificateTrustsNobody() async throws {
        let server = try await MailServerProcess.start([:], try await Certificates.make())
        let transport = try server.transport { $0.trustedCertificates = Array("no certificate".utf8) }
        let error = try await mailError { _ = try await transport.send(try Fixture.mail()) }
        #expect(error?.kind == .insecure)
        #expect(server.mails.isEmpty)
    }

    // MARK: Trouble

    @Test func aServerThatIsNotThereIsForLater() async throws {
        let server = MailServer(
            host: "127.0.0.1", port: try FreePort.take(), security: .startTLS, greeting: "example.com")
        let error = try await mailError {
            _ = try await MailTransport(server, time: VirtualTime()).send(try Fixture.mail())
        }
        #expect(error?.kind == .unavailable)
    }

    @Test func manyMailsAreSentByAFewConnections() async throws {
        let server = try await MailServerProcess.start([:], try await Certificates.make())
        let transport = try server.transport()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask { _ = try await transport.send(try Fixture.mail(body: "mail \(number)\r\n")) }
            }
            try await group.waitForAll()
        }
        #expect(server.mails.count == 20)
    }
}
