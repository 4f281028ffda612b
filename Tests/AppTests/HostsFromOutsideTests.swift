import Foundation
import Outbound
import TestSupport
import Testing

@testable import App

/// Commands on a host, by the program itself and Debian's OpenSSH server.
@Suite(.serialized, .enabled(if: SSHServer.isThere)) struct HostsFromOutsideTests {
    private static let command = """
        command: host-script
        summary: Runs the team's script on a host
        arguments:
          host: {type: text, help: "Which host"}
          text: {type: text, help: "What it is given"}
        roles: [operator]
        steps:
          - name: Run
            id: run
            uses: ssh.run
            with:
              host: "{{arguments.host}}"
              argv: [sh, "-c", 'echo "got $1" >>"$0"; [ "$1" != slow ] || sleep 7; echo "got $1"', "FILE", "{{arguments.text}}"]
        examples:
          - host-script web "a b"

        """

    /// A bot that knows the host `web`, whose scripts write into a file.
    private func run(_ body: (BotFromOutside, SSHServer, _ file: String) async throws -> Void) async throws {
        let server = try await SSHServer.start()
        let file = server.folder.path("written")
        try await BotFromOutside.run { world in
            let root = world.folder.path("root")
            try world.folder.write(
                HostsFromOutsideTests.command.replacing("\"FILE\"", with: "\"\(file)\""),
                to: "root/commands/host-script.yaml")
            for folder in ["webhooks", "deploy"] {
                try FileManager.default.createDirectory(
                    atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
            }
            let settings = try String(contentsOfFile: world.settings, encoding: .utf8)
            try world.folder.write(
                settings + """

                    hosts:
                      web:
                        address: \(server.target.host)
                        port: \(server.target.port)
                        user: \(server.target.user)
                        key: {file: \(server.target.keyFile)}
                        known_hosts_file: \(server.target.knownHostsFile)

                    """, to: "defimon.yaml")
            try await body(world, server, file)
        }
        await server.stop()
    }

    private func written(_ file: String) -> String { (try? String(contentsOfFile: file, encoding: .utf8)) ?? "" }

    @Test func `A person runs a script on a host, and a plan of it runs nothing`() async throws {
        try await run { world, _, file in
            let bot = try await world.start(root: world.folder.path("root"))
            let plan = try await world.command("run", "host-script web \"it's; $(id)\"", "--plan")
            #expect(plan.text.contains("host web: runs sh -c"), "\(plan.text)")
            #expect(written(file) == "")
            let done = try await world.command("run", "host-script web \"it's; $(id)\"")
            #expect(done.code == 0, "\(done.text)")
            #expect(done.text.contains("web: sh ended with exit code 0"))
            #expect(written(file) == "got it's; $(id)\n")
            let missing = try await world.command("run", "host-script wbe x")
            #expect(missing.code == 1)
            #expect(missing.text.contains("there is no such host; set are: web"), "\(missing.text)")
            await bot.end()
        }
    }

    @Test func `A key that others can read is refused`() async throws {
        try await run { world, server, file in
            chmod(server.target.keyFile, 0o644)
            let bot = try await world.start(root: world.folder.path("root"))
            let refused = try await world.command("run", "host-script web x")
            #expect(refused.code == 1)
            #expect(refused.text.contains("can be read by others (mode 644); chmod 600 it"), "\(refused.text)")
            #expect(written(file) == "")
            await bot.end()
        }
    }

    @Test func `A bot that is killed while a script runs that may not run twice asks a person`() async throws {
        try await run { world, _, file in
            let root = world.folder.path("root")
            let bot = try await world.start(root: root)
            async let asked = world.command("run", "host-script web slow")
            let hasBegun: Bool? = await eventually { written(file).isEmpty ? nil : true }
            #expect(hasBegun == true)
            await bot.end(SIGKILL)
            _ = try await asked
            let again = try await world.start(root: root)
            let isUnknown: Bool? = try await eventually(within: .seconds(60)) {
                try await world.command("jobs", "list").text.contains("unknown") ? true : nil
            }
            #expect(isUnknown == true)
            // It went on, and it ran once.
            #expect(written(file) == "got slow\n")
            await again.end()
        }
    }
}
