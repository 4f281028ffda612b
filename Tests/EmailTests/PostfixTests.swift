import Domain
import Foundation
import Outbound
import TestSupport
import Testing

/// The outlet's mails through Debian's postfix into a maildir. Postfix wants to be started by root.
@Suite(.enabled(if: Postfix.isThere)) struct PostfixTests {
    @Test func aMailIsDeliveredIntoAMaildir() async throws {
        try await Postfix.run { postfix in
            let words = try await postfix.transport().send(
                try Fixture.mail("ops@example.test", body: ".\r\n..dots\r\n"))
            #expect(words.contains("queued as"))
            let file = try #require(await eventually { postfix.delivered.first }, "\(postfix.log)")
            let text = try String(contentsOfFile: file, encoding: .utf8)
            #expect(text.contains("\nReceived: from bot.example.com "))
            #expect(text.contains(" with ESMTPS id "))
            #expect(text.hasSuffix("\n\n.\n..dots\n"))
        }
    }

    @Test func foreignRecipientsAndUnknownOnesAreForNever() async throws {
        try await Postfix.run { postfix in
            for (recipient, words) in [
                ("ops@example.org", "Relay access denied"), ("nobody@example.test", "User unknown"),
            ] {
                let error = try await mailError { _ = try await postfix.transport().send(try Fixture.mail(recipient)) }
                #expect(error?.kind == .rejected)
                #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
            }
            #expect(postfix.delivered.isEmpty)
        }
    }

    @Test func itsCertificateIsVerified() async throws {
        try await Postfix.run { postfix in
            let error = try await mailError {
                _ = try await postfix.transport { $0.trustedCertificates = nil }.send(
                    try Fixture.mail("ops@example.test"))
            }
            #expect(error?.kind == .insecure)
            #expect(postfix.delivered.isEmpty)
        }
    }
}

/// Postfix with folders of its own on a free port; it takes mail for `ops@example.test` and nobody else, by STARTTLS only.
struct Postfix: Sendable {
    static let isThere =
        getuid() == 0 && MailServerProcess.isThere && (Project.program("postfix") != nil || Project.isCI)

    let folder: TemporaryFolder
    let port: Int
    let certificates: Certificates

    static func run(_ body: (Postfix) async throws -> Void) async throws {
        let postfix = Postfix(
            folder: try TemporaryFolder(), port: try FreePort.take(), certificates: try await Certificates.make())
        try postfix.write()
        let outcome: Result<Void, any Error>
        do {
            try await postfix.tell("start")
            outcome = .success(try await body(postfix))
        } catch { outcome = .failure(error) }
        try await postfix.tell("abort")
        // Its children notice that it has gone, and write into the folder until then.
        _ = await eventually(within: .seconds(5)) { Postfix.isUsed(postfix.folder) ? nil : true }
        try outcome.get()
    }

    var log: String { (try? String(contentsOfFile: folder.path("log"), encoding: .utf8)) ?? "" }

    /// The files of the mails that have been delivered.
    var delivered: [String] {
        let maildir = folder.path("mail/ops/new")
        return ((try? FileManager.default.contentsOfDirectory(atPath: maildir)) ?? []).map { "\(maildir)/\($0)" }
    }

    func transport(_ change: (inout MailServer) -> Void = { _ in }) throws -> MailTransport {
        var server = MailServer(
            host: "localhost", port: port, security: .startTLS, trustedCertificates: try certificates.authorityBytes(),
            greeting: "bot.example.com")
        change(&server)
        return MailTransport(server, time: VirtualTime())
    }

    /// Whether a process still has its working folder in there.
    private static func isUsed(_ folder: TemporaryFolder) -> Bool {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.contains { process in
            let place = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd")
            return place?.hasPrefix(folder.url.path) == true
        }
    }

    private func tell(_ command: String) async throws {
        let program = try await RunningProgram(
            try #require(Project.program("postfix")), ["-c", folder.path("etc"), command], in: folder)
        #expect(await program.ended() == 0, "postfix \(command): \(program.text) \(log)")
    }

    private func write() throws {
        for name in ["etc", "queue", "data", "mail"] {
            try FileManager.default.createDirectory(atPath: folder.path(name), withIntermediateDirectories: true)
        }
        try own("data", by: "postfix")
        try own("mail", by: "nobody")
        try folder.write(
            """
            compatibility_level = 3.6
            queue_directory = \(folder.path("queue"))
            data_directory = \(folder.path("data"))
            maillog_file = \(folder.path("log"))
            maillog_file_prefixes = \(folder.url.path)
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            myhostname = mail.example.test
            mydestination =
            relayhost =
            default_transport = error:nothing leaves this machine
            smtpd_relay_restrictions = reject_unauth_destination
            smtpd_tls_security_level = encrypt
            smtpd_tls_cert_file = \(certificates.certificate)
            smtpd_tls_key_file = \(certificates.key)
            virtual_mailbox_domains = example.test
            virtual_mailbox_maps = inline:{ ops@example.test=ops/ }
            virtual_mailbox_base = \(folder.path("mail"))
            virtual_uid_maps = static:65534
            virtual_gid_maps = static:65534
            alias_maps =
            """, to: "etc/main.cf")
        try folder.write(
            """
            127.0.0.1:\(port) inet n - n - - smtpd
            pickup    unix n - n 60 1 pickup
            cleanup   unix n - n - 0 cleanup
            qmgr      unix n - n 300 1 qmgr
            tlsmgr    unix - - n 1000? 1 tlsmgr
            rewrite   unix - - n - - trivial-rewrite
            bounce    unix - - n - 0 bounce
            defer     unix - - n - 0 bounce
            proxymap  unix - - n - - proxymap
            trace     unix - - n - 0 bounce
            error     unix - - n - - error
            virtual   unix - n n - - virtual
            anvil     unix - - n - 1 anvil
            postlog   unix-dgram n - n - 1 postlogd

            """, to: "etc/master.cf")
    }

    private func own(_ name: String, by user: String) throws {
        try FileManager.default.setAttributes([.ownerAccountName: user], ofItemAtPath: folder.path(name))
    }
}
