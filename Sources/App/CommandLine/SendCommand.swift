import ArgumentParser
import Domain
import Foundation
import Outbound

/// `defimon send slack payload.form --to http://127.0.0.1:8080`: signs and sends any payload to any address.
struct SendCommand: AsyncParsableCommand {
    enum Kind: String, CaseIterable, ExpressibleByArgument {
        case slack, alertmanager, github

        /// The environment variable that holds the secret, unless another one is named.
        var secretName: String {
            switch self {
            case .slack: "SLACK_SIGNING_SECRET"
            case .alertmanager: "ALERTMANAGER_WEBHOOK_TOKEN"
            case .github: "GITHUB_WEBHOOK_SECRET"
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Sign a payload as its source would, and send it.",
        usage: """
            defimon send slack|alertmanager <file> [--to <url>]
            defimon send github <event> --file <file> [--hook-id <id>] [--to <url>]
            """,
        discussion: """
            The secret is read from an environment variable (or .env beside the settings), never from the command line: \
            SLACK_SIGNING_SECRET for slack, ALERTMANAGER_WEBHOOK_TOKEN for alertmanager, GITHUB_WEBHOOK_SECRET for github, \
            or the one that --secret-env names.
            """)

    @Argument(help: "slack, alertmanager or github.")
    var source: Kind

    @Argument(help: "The payload's file, - for standard input; for github the kind of event, such as pull_request.")
    var subject: String

    @Option(help: "For github: the payload's file; - for standard input.")
    var file: String?

    @Option(help: "For github: the number of the hook that the delivery claims to come from.")
    var hookID = "1"

    @Option(help: "The bot's address, such as http://127.0.0.1:8080; with a path, it is taken as it is.")
    var to = "http://127.0.0.1:8080"

    @Option(help: "The environment variable that holds the secret.")
    var secretEnv: String?

    @OptionGroup var location: BotLocation

    func validate() throws {
        guard source == .github else {
            if file != nil { throw ValidationError("--file belongs to github; write the file after the source") }
            return
        }
        if file == nil { throw ValidationError("a delivery of github needs its payload: --file <file>, or --file -") }
        let isKind = subject.utf8.count <= 64 && subject.allSatisfy { $0.isASCII && ($0.isLowercase || $0 == "_") }
        if !isKind || subject.isEmpty {
            throw ValidationError("'\(subject)' is no kind of event such as pull_request")
        }
        if !hookID.allSatisfy({ $0.isASCII && $0.isNumber }) { throw ValidationError("--hook-id takes a number") }
    }

    func run() async throws {
        let body = try payload()
        let secret = try await secret()
        var request = HTTPRequest(method: "POST", url: address(body), body: body)
        switch source {
        case .slack:
            let timestamp = String(Int(Date().timeIntervalSince1970))
            // Slack's v0 signature (api.slack.com/authentication/verifying-requests-from-slack).
            let code = HMACSHA256.code(for: [Array("v0:\(timestamp):".utf8), body], key: secret)
            request.headers = [
                ("Content-Type", "application/x-www-form-urlencoded"), ("X-Slack-Request-Timestamp", timestamp),
                ("X-Slack-Signature", "v0=" + Hex.encode(code)),
            ]
        case .alertmanager:
            request.headers = [("Content-Type", "application/json"), ("Authorization", "Bearer \(secret.reveal())")]
        case .github:
            // docs.github.com/webhooks/webhook-events-and-payloads, "Delivery headers".
            let code = HMACSHA256.code(for: [body], key: secret)
            request.headers = [
                ("Content-Type", "application/json"), ("X-GitHub-Event", subject),
                ("X-GitHub-Delivery", UUID().uuidString.lowercased()), ("X-GitHub-Hook-ID", hookID),
                ("X-Hub-Signature-256", "sha256=" + Hex.encode(code)),
            ]
        }
        let session = try HTTPSession()
        let response: HTTPResponse
        do { response = try await session.send(request) } catch {
            await session.shutdown()
            throw Complaint("\(to) cannot be reached: \(error)", .unreachable)
        }
        await session.shutdown()
        Terminal.say("\(response.status) \(response.text)")
        if !(200..<300).contains(response.status) { throw ExitStatus.failed.code }
    }

    private func payload() throws -> [UInt8] {
        let file = file ?? subject
        if file == "-" { return Array(FileHandle.standardInput.readDataToEndOfFile()) }
        do { return Array(try Data(contentsOf: URL(filePath: file))) } catch {
            throw Complaint("the file \(file) cannot be read", .usage)
        }
    }

    private func secret() async throws -> Secret {
        let name = secretEnv ?? source.secretName
        // Without settings the environment alone is looked at.
        let folder = (try? location.configPath()).map(BotLocation.folder) ?? "."
        let variables = try await BotEnvironment(folder: folder).variables
        guard let value = variables[name], !value.isEmpty else {
            throw Complaint("the environment variable \(name) is not set; it holds the secret to sign with", .usage)
        }
        return Secret(value)
    }

    private func address(_ body: [UInt8]) -> String {
        let base = to.hasSuffix("/") ? String(to.dropLast()) : to
        if let path = URLComponents(string: base)?.path, !path.isEmpty { return base }
        switch source {
        case .alertmanager, .github: return base + "/webhooks/\(source.rawValue)"
        case .slack:
            let isInteraction = body.starts(with: Array("payload=".utf8))
            return base + (isInteraction ? "/chat/slack/interactions" : "/chat/slack/commands")
        }
    }
}
