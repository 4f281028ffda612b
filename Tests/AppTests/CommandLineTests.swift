import Foundation
import TestSupport
import Testing

/// The command line, from outside.
@Suite struct CommandLineTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ arguments: String..., environment: [String: String] = [:], directory: String? = nil) async throws
        -> (code: Int32, text: String)
    {
        let program = try await RunningProgram(
            Project.binary, arguments, environment: environment, in: folder, directory: directory ?? folder.url.path)
        return (await program.ended(), program.text)
    }

    @Test func `Check finds no problem in what is shipped`() async throws {
        let answer = try await run("check", Project.root)
        #expect(answer.code == 0, "\(answer.text)")
        #expect(answer.text.contains("no problem"))
    }

    @Test func `Wrong usage ends with 2, an unreachable bot with 3, help with 0`() async throws {
        #expect(try await run("frobnicate").code == 2)
        #expect(try await run("jobs", "queue").code == 3)
        #expect(try await run("--help").code == 0)
        #expect(try await run("--version").code == 0)
    }

    @Test func `A bot does not start with bad definitions, and prints every problem`() async throws {
        try folder.write("listen: nowhere\nreport: [slack]\n", to: "defimon.yaml")
        let answer = try await run("serve", "--config", folder.path("defimon.yaml"))
        #expect(answer.code == 3)
        #expect(answer.text.contains("defimon.yaml:1:"))
        #expect(answer.text.contains("nothing was started"))
        #expect(!FileManager.default.fileExists(atPath: folder.path("defimon.sqlite")))
    }

    @Test(arguments: ["command", "rule", "settings", "events", "reference"])
    func `Schemas and the reference page are printed`(what: String) async throws {
        let answer = try await run("schema", what)
        #expect(answer.code == 0)
        #expect(answer.text.count > 500)
    }

    @Test func `The events of one source are listed, and an unknown one names those that are known`() async throws {
        let slack = try await run("schema", "events", "slack")
        #expect(slack.code == 0)
        #expect(slack.text.hasPrefix("slack\n") && !slack.text.contains("alertmanager"))
        let unknown = try await run("schema", "events", "slak")
        #expect(unknown.code == 2)
        #expect(unknown.text.contains("did you mean 'slack'?"))
        #expect(try await run("schema", "rule", "slack").code == 2)
    }

    @Test func `A delivery of GitHub is signed and named as GitHub does it`() async throws {
        // The vector that GitHub documents for X-Hub-Signature-256.
        try folder.write("Hello, World!", to: "payload")
        let file = folder.path("payload")
        let requests = try await ScriptedServer.run(answering: { _ in .init(status: 200, body: "{}") }) { server in
            for hook in ["1", "77"] {
                let answer = try await run(
                    "send", "github", "pull_request", "--file", file, "--hook-id", hook, "--to", server.url,
                    environment: ["GITHUB_WEBHOOK_SECRET": "It's a Secret to Everybody"])
                #expect(answer.code == 0, "\(answer.text)")
            }
            return server.requests
        }
        let request = try #require(requests.first)
        #expect(request.path == "/webhooks/github" && request.text == "Hello, World!")
        #expect(
            request.headers["x-hub-signature-256"]
                == "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
        #expect(request.headers["x-github-event"] == "pull_request")
        #expect(requests.map { $0.headers["x-github-hook-id"] } == ["1", "77"])
        let ids = requests.compactMap { $0.headers["x-github-delivery"] }
        #expect(Set(ids).count == 2 && ids.allSatisfy { UUID(uuidString: $0) != nil })
    }

    @Test(arguments: [
        ["github", "pull_request"], ["github", "Pull Request", "--file", "x"], ["github", "", "--file", "x"],
        ["github", "push", "--file", "x", "--hook-id", "a"], ["slack", "x", "--file", "y"],
    ])
    func `What cannot be sent is wrong usage`(arguments: [String]) async throws {
        let program = try await RunningProgram(Project.binary, ["send"] + arguments, in: folder)
        #expect(await program.ended() == 2, "\(program.text)")
    }

    @Test func `A secret to send with is asked for by name and never taken from the command line`() async throws {
        try folder.write("payload", to: "payload")
        let answer = try await run(
            "send", "slack", folder.path("payload"), "--to", "http://127.0.0.1:1",
            environment: ["SLACK_SIGNING_SECRET": ""])
        #expect(answer.code == 2)
        #expect(answer.text.contains("SLACK_SIGNING_SECRET is not set"))
    }
}
