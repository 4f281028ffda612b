import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import App

/// The sandbox' machines, reached as the bot reaches any host.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: SSHServer.isThere))
struct SandboxHostsTests {
    @Test func `A disk that grows at Google grows on its machine, and its filesystem with it`() async throws {
        try await BotFromOutside.run(withHosts: true) { world in
            let bot = try await world.start()
            let done = try await world.command("run", "resize-disk geth-vm-0 +20%")
            #expect(done.code == 0, "\(done.text) \(bot.text)")
            let hosts = try #require(world.hosts)
            let machine = try #require(hosts["geth-vm-0"])
            #expect(machine.programs.disk == 2458 && machine.programs.filesystem == 2458)
            #expect(machine.programs.asked == ["resize2fs /dev/sdb"])
            #expect(hosts["geth-vm-1"]?.programs.disk == 2048)
            await bot.end()
        }
    }

    @Test func `A node on a machine is restarted by its unit, and begins again`() async throws {
        try await BotFromOutside.run(nodesOnHosts: true) { world in
            let bot = try await world.start()
            let done = try await world.command("run", "restart-geth geth-0")
            #expect(done.code == 0, "\(done.text) \(bot.text)")
            let machine = try #require(world.hosts?["geth-vm-0"])
            #expect(
                machine.programs.asked
                    == ["stop -- geth.service", "reset-failed geth.service", "start -- geth.service"], "\(done.text)")
            let restarts: Int? = await eventually(within: .seconds(20)) {
                world.standIns.ethereum.look(at: "geth-0").flatMap { $0.restarts == 1 ? 1 : nil }
            }
            #expect(restarts == 1, "\(done.text) \(bot.text)")
            await bot.end()
        }
    }

    /// A command of the team that tries `argv` on a machine of the sandbox.
    private static func command(_ argv: String) -> String {
        """
        command: try-host
        summary: Runs a program on a machine
        roles: [operator]
        steps:
          - uses: ssh.run
            id: run
            with: {host: geth-vm-0, argv: \(argv), repeatable: true}
        examples:
          - try-host

        """
    }

    @Test(arguments: [#"[touch, "FILE"]"#, #"[rm, "-f", "FILE"]"#, #"[python3, "-c", "1"]"#, #"[cat, "FILE"]"#])
    func `No command for a machine of the sandbox finds this machine's programs or files`(argv: String) async throws {
        try await BotFromOutside.run(withHosts: true) { world in
            let file = try world.folder.write("of this machine", to: "mine")
            try world.folder.write(
                SandboxHostsTests.command(argv.replacing("FILE", with: file)), to: "root/commands/try-host.yaml")
            for folder in ["webhooks", "deploy"] {
                try FileManager.default.createDirectory(
                    atPath: world.folder.path("root/\(folder)"), withIntermediateDirectories: true)
            }
            let bot = try await world.start(root: world.folder.path("root"))
            let done = try await world.command("run", "try-host")
            #expect(done.code == 1, "\(done.text) \(bot.text)")
            #expect(try String(contentsOfFile: file, encoding: .utf8) == "of this machine")
            #expect(!done.text.contains("of this machine"))
            await bot.end()
        }
    }

    // MARK: Secrets and kubeconfigs that come later

    private static let late = """
        command: open-cluster
        summary: Makes what the late cluster needs and looks at it
        roles: [operator]
        steps:
          - uses: bot.secret-ensure
            id: key
            with: {name: analytics-ssh-key, kind: ssh-key}
          - uses: kubernetes.kubeconfig-fetch
            with: {host: analytics-control-1, secret: late-kubeconfig, wait: true}
          - uses: kubernetes.namespace-ensure
            with: {cluster: late, namespace: late}
        examples:
          - open-cluster

        """

    @Test func `A cluster that is not there when the bot starts is planned, opened and found again by the next bot`()
        async throws
    {
        try await BotFromOutside.run(withHosts: true) { world in
            try world.folder.write(SandboxHostsTests.late, to: "root/commands/open-cluster.yaml")
            for folder in ["webhooks", "deploy"] {
                try FileManager.default.createDirectory(
                    atPath: world.folder.path("root/\(folder)"), withIntermediateDirectories: true)
            }
            try world.changeSettings("clusters:\n", to: "clusters:\n  late: {kubeconfig: {stored: late-kubeconfig}}\n")
            let first = try await world.start(root: world.folder.path("root"))
            let plan = try await world.command("run", "open-cluster", "--plan")
            for words in [
                "secret analytics-ssh-key: new, an Ed25519 key for SSH",
                "secret late-kubeconfig: new, the kubeconfig of host analytics-control-1",
                "known later: what it changes, when the kubeconfig of cluster late is there",
            ] { #expect(plan.text.contains(words), "\(words): \(plan.text)") }
            #expect(plan.code == 0)
            let done = try await world.command("run", "open-cluster")
            #expect(done.code == 0, "\(done.text) \(first.text)")
            let publicKey = try String(
                contentsOfFile: world.folder.path("secret-store/analytics-ssh-key.pub"), encoding: .utf8)
            let job = try #require(try await world.job("open-cluster"))
            let shown = try await world.command("jobs", "show", "\(job)", "--json")
            // What is kept of a step is redacted, and later steps read it.
            #expect(shown.text.replacing("\\/", with: "/").contains(publicKey.trimmed), "\(shown.text)")
            let namespaces = world.standIns.kubernetes.objects(apiVersion: "v1", kind: "Namespace", namespace: nil)
            #expect(namespaces.contains { $0.at(path: "metadata.name") == "late" })
            await first.end(SIGKILL)
            let second = try await world.start(root: world.folder.path("root"))
            let again = try await world.command("run", "open-cluster")
            #expect(again.code == 0 && again.text.contains("as it was"), "\(again.text) \(second.text)")
            await second.end()
            let said = [plan.text, done.text, shown.text, again.text, first.text, second.text].joined()
            #expect(!said.contains("k3s-of-the-sandbox") && !said.contains("PRIVATE KEY"))
        }
    }
}
