import Domain
import Foundation
import Outbound
import Sandbox
import Synchronization
import TestSupport
import Testing

@testable import App

/// An empty project at Hetzner Cloud beside the other stand-ins, and a bot that is to make the analytics pool of it. What
/// runs there becomes a node of the cluster; the control plane is a real OpenSSH server with the keys of its user data.
final class AnalyticsScene: Sendable {
    private static let control = "analytics-control-1"

    let world: BotFromOutside
    let programs: HostPrograms
    private let server: SSHServer
    private let ordered = Mutex<[String: Int]>([:])
    var hetzner: HetznerStandIn { world.standIns.hetzner }

    private init(_ world: BotFromOutside, _ programs: HostPrograms, _ server: SSHServer) {
        (self.world, self.programs, self.server) = (world, programs, server)
    }

    static func run(_ body: @escaping @Sendable (AnalyticsScene) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let programs = try HostPrograms(folder: folder.path("host"), mount: "/var/lib/rancher")
        try programs.set(disk: 20, filesystem: 20)
        // Its keys are those that the bot makes: until then nobody is let in.
        let server = try await SSHServer.start(more: [programs.forcedCommand])
        await server.stop()
        try await BotFromOutside.run { world in
            try await withThrowingTaskGroup(of: Void.self) { group in
                let scene = AnalyticsScene(world, programs, server)
                try await scene.prepare()
                group.addTask { try await scene.follow() }
                do { try await body(scene) } catch {
                    group.cancelAll()
                    throw error
                }
                group.cancelAll()
            }
        }
        await server.stop()
    }

    /// The settings of a bot that makes the pool.
    private func prepare() async throws {
        hetzner.onExchange { [self] exchange in
            guard exchange.methodID.hasPrefix("create_"), exchange.status == 201 else { return }
            ordered.withLock { $0[exchange.methodID, default: 0] += 1 }
        }
        let api = try await world.standIns.kubernetes.url()
        for (old, new) in [
            ("provider: \"\"", "provider: hetzner"), ("api_server: \"\"", "api_server: \"\(api)\""),
            ("analytics: {kubeconfig: kubeconfig}", "analytics: {kubeconfig: {stored: analytics-kubeconfig}}"),
            ("docs_url: \"\"\n", "docs_url: \"\(try await world.standIns.ingress.url())/analytics/docs\"\n"),
        ] { try world.changeSettings(old, to: new) }
        let settings = try String(contentsOfFile: world.settings, encoding: .utf8)
        try world.folder.write(
            settings + """

                hosts:
                  \(AnalyticsScene.control):
                    address: 127.0.0.1
                    port: \(server.target.port)
                    user: \(server.target.user)
                    key: {stored: analytics-ssh-key}
                    known_hosts: {stored: analytics-host-key.pub}

                """, to: "defimon.yaml")
    }

    func start(_ root: String = Project.root) async throws -> RunningProgram {
        try await world.start(root: root)
    }

    // MARK: What becomes of machines

    /// Lets the control plane be reached once it runs, until it is cancelled.
    private func follow() async throws {
        var isOpen = false
        while !Task.isCancelled {
            if !isOpen, hetzner.thing("servers", AnalyticsScene.control)?["status"] == "running" {
                try await open()
                isOpen = true
            }
            grow()
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Does what the control plane's user data says of SSH, and what k3s does then.
    private func open() async throws {
        let text = try #require(hetzner.userData(AnalyticsScene.control))
        let document = try JSONValue(parsing: Array(text.dropFirst("#cloud-config\n".count).utf8))
        let key = try #require(document["ssh_keys"]?["ed25519_private"]?.stringValue)
        let folder = server.folder
        try folder.write(key.hasSuffix("\n") ? key : key + "\n", to: "host")
        chmod(folder.path("host"), 0o600)
        try folder.write(try #require(document["ssh_keys"]?["ed25519_public"]?.stringValue) + "\n", to: "host.pub")
        let user = try #require(document.at(path: "users.0.ssh_authorized_keys.0")?.stringValue)
        try folder.write(user + "\n", to: "user.pub")
        try await server.restart()
        try programs.put(
            file: "/etc/rancher/k3s/k3s.yaml",
            try await world.standIns.kubernetes.kubeconfig(token: Secret("k3s-admin-4711")))
    }

    /// The volume that is larger at Hetzner is so on the machine.
    private func grow() {
        guard let size = hetzner.thing("volumes", "\(AnalyticsScene.control)-data")?["size"]?.intValue,
            size != programs.disk
        else { return }
        // A file that cannot be written shows as a disk that does not grow.
        try? programs.set(disk: size)
    }

    // MARK: Looking

    /// What was ordered at Hetzner, by operation.
    var orders: [String: Int] { ordered.withLock { $0 } }
    /// Names of the nodes that came from Hetzner.
    var nodes: [String] {
        world.standIns.kubernetes.objects(apiVersion: "v1", kind: "Node").compactMap {
            $0.at(path: "metadata.name")?.stringValue
        }.filter { $0.hasPrefix("analytics-") }.sorted()
    }
    var servers: [String] { hetzner.things("servers").compactMap { $0["name"]?.stringValue }.sorted() }

    /// Asks for a command line in #ops and lets Lena approve it; gives its job's number.
    func ask(_ line: String) async throws -> String {
        try await world.type("/defimon \(line)")
        let asked = try #require(
            await world.message("\(line) · job", "waiting for approval", "May approve"), "\(seen)")
        let number = String(try #require(asked.firstMatch(of: /· job (\d+) · waiting/)?.1))
        try await world.type("/defimon approve \(number)", as: SandboxPeople.leadID)
        return number
    }

    /// Waits until a job has succeeded.
    func expectSuccess(_ line: String, _ number: String, within limit: Duration = .seconds(120)) async throws {
        let title = "\(line) · job \(number) · "
        let isOver: Bool? = await eventually(within: limit) {
            let told = world.standIns.slack.messages(in: "C0OPS").map(\.allText)
            if told.contains(where: { $0.contains(title + "succeeded") }) { return true }
            return told.contains { $0.contains(title + "failed") } ? false : nil
        }
        try #require(isOver == true, "\(line): \(seen)")
    }

    var seen: String { world.standIns.slack.messages(in: "C0OPS").map(\.allText).joined(separator: "\n") }
}
