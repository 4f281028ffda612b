import Domain
import Foundation
import Outbound
import TestSupport
import Testing

/// A mail server in a process of its own, on a free loopback port, with a certificate for `localhost`.
struct MailServerProcess: Sendable {
    static let user = "bot"
    static let password = "s3cr3t"
    static var python: String? { Project.program("python") }
    /// Whether the programs are there that tests with real servers need; in CI they must be.
    static var isThere: Bool { python != nil || Project.isCI }

    let program: RunningProgram
    let port: Int
    let certificates: Certificates

    /// aiosmtpd with these options more than its certificate (mail_server.py).
    static func start(_ options: [String: JSONValue], _ certificates: Certificates) async throws -> MailServerProcess {
        let base: [String: JSONValue] = [
            "certificate": .string(certificates.certificate), "key": .string(certificates.key), "security": "starttls",
        ]
        let text = JSONValue.object(base.merging(options) { $1 }).canonicalText
        return try await start("mail_server.py", ["serve", text], certificates)
    }

    /// A server that follows a dialogue (dialogue_server.py).
    static func following(_ dialogue: String, tls: Bool, _ certificates: Certificates) async throws
        -> MailServerProcess
    {
        let file = try certificates.folder.write(dialogue, to: "dialogue-\(UUID().uuidString)")
        return try await start(
            "dialogue_server.py", [file, certificates.certificate, certificates.key] + (tls ? ["tls"] : []),
            certificates)
    }

    private static func start(_ script: String, _ arguments: [String], _ certificates: Certificates) async throws
        -> MailServerProcess
    {
        let program = try await RunningProgram(
            try #require(python), [self.script(script)] + arguments, in: certificates.folder)
        let port = await eventually { MailServerProcess.lines(program).first?["port"]?.intValue }
        return MailServerProcess(
            program: program, port: try #require(port, "\(program.text)"), certificates: certificates)
    }

    static func script(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: name).path
    }

    private static func lines(_ program: RunningProgram) -> [JSONValue] {
        // A line that is being written is no JSON yet.
        program.text.split(separator: "\n").compactMap { try? JSONValue(parsing: String($0)) }
    }

    /// Everything that has happened so far.
    var events: [JSONValue] { MailServerProcess.lines(program) }

    /// What it has heard, line by line.
    var heard: [String] { events.compactMap { $0["heard"]?.stringValue } }

    /// The mails that have come, as Python reads them.
    var mails: [JSONValue] { events.compactMap { $0["mail"] } }

    /// Returns when its client has gone.
    func untilEnd() async { _ = await eventually { events.contains { $0["end"] != nil } ? true : nil } }

    /// A transport to this server, as it should be set up.
    func transport(
        security: MailServer.Security = .startTLS, password: String? = nil, time: any TimeSource = VirtualTime(),
        _ change: (inout MailServer) -> Void = { _ in }
    ) throws -> MailTransport {
        var server = MailServer(
            host: "localhost", port: port, security: security, trustedCertificates: try certificates.authorityBytes(),
            greeting: "bot.example.com")
        server.credentials = password.map { .init(user: MailServerProcess.user, password: Secret($0)) }
        change(&server)
        return MailTransport(server, time: time)
    }
}
