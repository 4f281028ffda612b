import Domain
import Foundation
import TestSupport
import Testing

/// A mail server of the tests (aiosmtpd), for a bot that is started from outside.
struct MailRecipient {
    private let program: RunningProgram
    let port: Int
    /// The certificate that it shows, which signs itself.
    let certificate: String

    static func start(in folder: TemporaryFolder) async throws -> MailRecipient {
        let (certificate, key) = (folder.path("mail.pem"), folder.path("mail.key"))
        let made = try await RunningProgram.run(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out",
                certificate,
            ])
        try #require(made.code == 0, "\(made.text)")
        let options: JSONValue = [
            "certificate": .string(certificate), "key": .string(key), "security": "starttls",
        ]
        let program = try await RunningProgram(
            try #require(Project.program("python")),
            ["\(Project.root)/Tests/EmailTests/mail_server.py", "serve", options.canonicalText], in: folder)
        let port = await eventually { lines(program).first?["port"]?.intValue }
        return MailRecipient(program: program, port: try #require(port, "\(program.text)"), certificate: certificate)
    }

    /// Subjects and every decoded part of each mail so far.
    var mails: [String] {
        MailRecipient.lines(program).compactMap { $0["mail"] }.map { mail in
            let parts = mail["parts"]?.arrayValue?.compactMap { $0["decoded"]?.stringValue } ?? []
            return ([mail["headers"]?.canonicalText ?? ""] + parts).joined(separator: "\n")
        }
    }

    private static func lines(_ program: RunningProgram) -> [JSONValue] {
        // A line that is being written is no JSON yet.
        program.output.split(separator: "\n").compactMap { try? JSONValue(parsing: String($0)) }
    }
}
