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

    @Test func `A reader that stops reading ends nothing`() async throws {
        let program = try await RunningProgram(
            "/bin/bash",
            ["-c", "trap '' PIPE; \"$0\" schema reference | head -c 1; echo \"${PIPESTATUS[0]}\"", Project.binary],
            in: folder)
        #expect(await program.ended() == 0)
        #expect(program.text == "#0\n")
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

    @Test func `A bot's audit is sealed, proven, exported, and its key changed, from the command line`() async throws {
        try folder.write("listen: 127.0.0.1:0\n", to: "defimon.yaml")
        let config = folder.path("defimon.yaml")
        for _ in 0..<2 {
            let bot = try await RunningProgram(Project.binary, ["serve", "--config", config], in: folder)
            let isUp = await eventually {
                FileManager.default.fileExists(atPath: folder.path("defimon.sock")) ? true : nil
            }
            #expect(isUp == true, "\(bot.text)")
            if !FileManager.default.fileExists(atPath: folder.path("first.pub")) {
                try FileManager.default.copyItem(
                    atPath: folder.path("defimon.sqlite.audit-key.pub"), toPath: folder.path("first.pub"))
                let rotation = try await run("audit", "rotate-key", "--config", config)
                #expect(rotation.code == 0 && rotation.text.contains("made SHA256:"), "\(rotation.text)")
            }
            #expect(try await run("audit", "erase", "1", "--reason", "a token", "--config", config).code == 3)
            await bot.end()
        }
        let erased = try await run("audit", "erase", "1", "--reason", "a token", "--config", config)
        #expect(erased.code == 0, "\(erased.text)")
        let output = folder.path("audit.csv")
        let exported = try await run("audit", "export", "--format", "csv", "--output", output, "--config", config)
        #expect(exported.code == 0, "\(exported.text)")
        for key in [folder.path("first.pub"), folder.path("defimon.sqlite.audit-key.pub")] {
            let ledger = try await run(
                "audit", "verify", "--ledger", folder.path("defimon.sqlite"), "--public-key", key)
            #expect(ledger.code == 0 && ledger.text.contains("signed: up to record"), "\(ledger.text)")
            #expect(ledger.text.contains("erased on record: 1 details"))
            let export = try await run("audit", "verify", "--export", output, "--public-key", key)
            #expect(export.code == 0 && export.text.contains("signed: up to record"), "\(export.text)")
        }
        let page = try await run(
            "audit", "list", "--since", "2h", "--kind", "audit.", "--limit", "1", "--config", config)
        #expect(page.text.contains("audit.detail-erased") && page.text.contains("earlier ones: --before"))
        #expect(try await run("audit", "list", "--since", "yesterday", "--config", config).code == 2)
        let checkpoints = folder.path("defimon.sqlite.checkpoints")
        let text = try String(contentsOfFile: checkpoints, encoding: .utf8)
        try folder.write(text.replacing("\"count\":", with: "\"count\":1"), to: "altered")
        let altered = try await run("audit", "verify", "--checkpoints", folder.path("altered"), "--config", config)
        #expect(altered.code == 1 && altered.text.contains("checkpoint-altered"), "\(altered.text)")
        try FileManager.default.removeItem(atPath: folder.path("defimon.sqlite.audit-key"))
        let keyless = try await run("serve", "--config", config)
        #expect(keyless.code == 3 && keyless.text.contains("is missing, and there are checkpoints"), "\(keyless.text)")
    }
}
