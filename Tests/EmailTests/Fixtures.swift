import Domain
import Email
import Foundation
import Outbound
import TestSupport
import Testing

/// Secrets by the name of their environment variable.
struct FixedSecrets: SecretSource {
    var values: [String: String] = ["PASSWORD": MailServerProcess.password, "EMPTY": ""]

    func secret(_ reference: SecretReference) throws(MissingSecret) -> Secret {
        guard case .environment(let name) = reference, let value = values[name] else {
            throw MissingSecret("there is no such secret")
        }
        return Secret(value)
    }
}

enum Fixture {
    static let now = Date(timeIntervalSince1970: 1_790_000_000)

    /// A small mail to these.
    static func mail(_ recipients: String..., body: String = "Hello\r\n") throws -> OutgoingMail {
        let names = recipients.isEmpty ? ["ops@example.com"] : recipients
        return try OutgoingMail(
            sender: try #require(MailAddress("bot@example.com")), recipients: names.compactMap { MailAddress($0) },
            message: Array("Subject: test\r\n\r\n\(body)".utf8))
    }

    /// The settings of a server, with these members more.
    static func settings(_ more: [String: JSONValue] = [:]) throws -> EmailSettings {
        let base: [String: JSONValue] = [
            "server": "localhost", "from": "Defimon <defimon@example.com>", "admin": "ops@example.com",
        ]
        var reader = InputReader.reading(LocatedValue(.object(base.merging(more) { $1 })))
        let settings = EmailSettings(&reader)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return settings
    }

    /// A job's report, with every kind of block.
    static let failed = Report(
        mood: .failure, title: "restart-geth geth-0 · job 42 · timed out",
        blocks: [
            .fields([
                .init("Asked by", "rule geth-down"), .init("Because of", "GethDown geth-0:9100 (infrastructure)"),
                .init("Started", "2026-11-22 19:30:05 UTC"), .init("Took", "31 min 4 s"),
            ]),
            .steps([
                .init(
                    state: .succeeded, name: "The other node must be in sync", note: "2 s · geth-1 at head 21,445,120"),
                .init(state: .succeeded, name: "Restart", note: "48 s"),
                .init(
                    state: .timedOut, name: "Wait until geth-0 is in sync again", note: "30 min · 212,004 blocks behind"
                ),
                .init(state: .succeeded, name: "Say who is out (after the failure)", note: ""),
            ]),
            .text("The node was left out of the load balancer.\nIt goes on catching up by itself."),
            .fields([
                .init("Failed step", "Wait until geth-0 is in sync again"),
                .init("Why", "geth-0 is 212,004 blocks behind after 30 min <peers: 3 & falling>"),
                .init("State now", "geth-0 runs, out of the load balancer"),
                .init("What to try", "look at its peers: kubectl -n ethereum logs geth-0 | tail\nthen ask again"),
            ]),
            .code(
                "NAME    READY  STATUS   RESTARTS  AGE\ngeth-0  1/1    Running  1         31m\ngeth-1  1/1    Running  0         12d   a-very-long-node-name-that-does-not-fit-onto-a-phone.europe-west1-b.c.defimon.internal"
            ),
            .offers([
                .init(label: "Try again", commandLine: "retry 42"),
                .init(label: "Put back", commandLine: "return-node geth-0 --pool infrastructure"),
            ]),
        ])
}

/// The error that `body` throws, if it is a mail's.
func mailError(_ body: () async throws -> Void) async throws -> MailError? {
    do { try await body() } catch let error as MailError { return error }
    return nil
}
