import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

@testable import App

/// The bot's own secrets, changed while it runs, and the heartbeat that it sends.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct RotationTests {
    private func put(_ secret: String, _ name: String, _ world: BotFromOutside) throws {
        try world.folder.write(secret + "\n", to: name)
        chmod(world.folder.path(name), 0o600)
    }

    /// The status by which a slash command is answered that is signed with this secret.
    private func status(_ secret: String, _ world: BotFromOutside) async throws -> Int {
        let body =
            "team_id=T0SANDBOX&channel_id=C0OPS&user_id=\(SandboxPeople.operatorID)&command=%2Fdefimon&text=help"
            + "&nonce=\(UUID().uuidString)"
        let timestamp = String(Int64(Date().timeIntervalSince1970))
        let code = HMACSHA256.code(for: [Array("v0:\(timestamp):\(body)".utf8)], key: Secret(secret))
        let request = HTTPRequest(
            method: "POST", url: world.address + "/chat/slack/commands",
            headers: [
                ("Content-Type", "application/x-www-form-urlencoded"), ("X-Slack-Request-Timestamp", timestamp),
                ("X-Slack-Signature", "v0=" + Hex.encode(code)),
            ], body: Array(body.utf8))
        return try await world.session.send(request).status
    }

    @Test func `A signing secret that is rotated holds from SIGHUP on, and heartbeats go out all the while`()
        async throws
    {
        let token = "heartbeat-token-4711"
        try await ScriptedServer.run(answering: { _ in ScriptedServer.Answer() }) { server in
            try await BotFromOutside.run { world in
                try put("\(server.url)/ping/\(token)", "heartbeat-url", world)
                let watch = "\nwatch:\n  heartbeat: {url: {file: heartbeat-url}, every: 5s}\n"
                let settings = try String(contentsOfFile: world.settings, encoding: .utf8)
                try (settings + watch).write(toFile: world.settings, atomically: true, encoding: .utf8)
                let old = world.secrets.signing.reveal()
                let new = "a-new-signing-secret-0815"
                let bot = try await world.start()

                #expect(try await status(old, world) == 200)
                #expect(try await status(new, world) == 401)
                try put(new, "slack-signing-secret", world)
                kill(bot.id, SIGHUP)
                let isTaken: Bool? = try await eventually(within: .seconds(30)) {
                    try await status(new, world) == 200 ? true : nil
                }
                #expect(isTaken == true, "\(bot.text)")
                #expect(try await status(old, world) == 401)

                // What cannot be read leaves what was, and is told.
                try FileManager.default.removeItem(atPath: world.folder.path("slack-signing-secret"))
                kill(bot.id, SIGHUP)
                #expect(await world.message("file:slack-signing-secret", "cannot be read") != nil, "\(bot.text)")
                #expect(try await status(new, world) == 200)

                let isHeard: Bool? = await eventually(within: .seconds(30)) {
                    server.requests.contains { $0.method == "GET" && $0.path == "/ping/\(token)" } ? true : nil
                }
                #expect(isHeard == true, "\(bot.text)")
                // It is counted when its answer has come, a moment after it was heard.
                let isCounted: Bool? = try await eventually(within: .seconds(30)) {
                    let metrics = try await world.session.send(HTTPRequest(url: world.address + "/metrics")).text
                    return metrics.contains("defimon_heartbeats_total{outcome=\"sent\"} ")
                        && !metrics.contains("defimon_heartbeats_total{outcome=\"sent\"} 0\n") ? true : nil
                }
                #expect(isCounted == true, "\(bot.text)")

                let audit = try await world.command("audit", "list", "--kind", "secret.").text
                #expect(audit.contains("secret.rotated"))
                #expect(audit.contains("file:slack-signing-secret"))
                await bot.end()
                for secret in [old, new, token] {
                    #expect(!bot.text.contains(secret))
                    #expect(!audit.contains(secret))
                }
            }
        }
    }

    @Test func `A secret that was put into the store is taken at the start, and a new one after a reload`() async throws
    {
        try await BotFromOutside.run { world in
            try world.changeSettings("{file: slack-signing-secret}", to: "{stored: slack.signing}")
            let without = try await world.launch()
            #expect(await without.ended() != 0)
            #expect(without.text.contains("defimon secrets put slack.signing"), "\(without.text)")

            let values = ["a-stored-signing-secret-1", "a-stored-signing-secret-2"]
            func put(_ value: String) async throws {
                try world.folder.write(value + "\n", to: "given")
                let program = try await RunningProgram(
                    "/bin/sh",
                    ["-c", "exec \(Project.binary) secrets put slack.signing --config \(world.settings) < given"],
                    in: world.folder, directory: world.folder.url.path)
                #expect(await program.ended() == 0, "\(program.text)")
                #expect(program.text.contains(world.folder.path("secret-store")))
                #expect(!program.text.contains(value))
            }
            try await put(values[0])
            #expect(try await world.command("secrets", "list").text == "slack.signing\n")
            let bot = try await world.start()
            #expect(try await status(values[0], world) == 200)
            try await put(values[1])
            #expect(try await world.command("reload").code == 0)
            let isTaken: Bool? = try await eventually(within: .seconds(30)) {
                try await status(values[1], world) == 200 ? true : nil
            }
            #expect(isTaken == true, "\(bot.text)")
            #expect(try await status(values[0], world) == 401)
            let audit = try await world.command("audit", "list", "--kind", "secret.").text
            #expect(audit.contains("stored:slack.signing"))
            await bot.end()
            for value in values {
                #expect(!bot.text.contains(value))
                #expect(!audit.contains(value))
            }
        }
    }
}
