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
        let program = try RunningProgram(
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

    @Test(arguments: ["command", "rule", "settings", "reference"])
    func `Schemas and the reference page are printed`(what: String) async throws {
        let answer = try await run("schema", what)
        #expect(answer.code == 0)
        #expect(answer.text.count > 500)
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
