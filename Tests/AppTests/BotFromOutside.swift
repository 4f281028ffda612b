import Domain
import Foundation
import Logging
import Outbound
import Sandbox
import ServiceLifecycle
import TestSupport
import Testing

@testable import App

/// The program itself, started as an operator starts it, with stand-ins around it that outlive its crashes.
struct BotFromOutside: Sendable {
    let folder: TemporaryFolder
    let standIns: SandboxStandIns
    let secrets: SandboxSettings.Secrets
    let port: Int
    let session: HTTPSession
    /// The machines that it reaches by SSH; nil: none.
    let hosts: SandboxHosts?

    var settings: String { folder.path("defimon.yaml") }
    var address: String { "http://127.0.0.1:\(port)" }

    /// Runs the stand-ins while `body` runs; the bot is started by `start`. Without nodes, the Ethereum nodes are still to
    /// be deployed. With hosts there are the sandbox' machines, which the nodes may run on.
    static func run(
        withoutNodes: Bool = false, withHosts: Bool = false, nodesOnHosts: Bool = false,
        _ body: (BotFromOutside) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let secrets = SandboxSettings.Secrets()
        let session = try HTTPSession()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let standIns = try SandboxStandIns(
            secrets, withoutNodes: withoutNodes, pace: 0.1, session: session, logger: logger)
        var hosts: SandboxHosts?
        if withHosts || nodesOnHosts {
            try SSHServer.makeFolderOfRoot()
            hosts = try await SandboxHosts(in: folder.path("hosts"))
        }
        let more = hosts.map { $0.services + [$0.units(of: standIns.ethereum)] } ?? []
        let group = ServiceGroup(services: standIns.services + more, logger: logger)
        let port = try FreePort.take()
        let world = BotFromOutside(
            folder: folder, standIns: standIns, secrets: secrets, port: port, session: session, hosts: hosts)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            do {
                var files = SandboxSettings(folder: folder.url.path, root: Project.root)
                files.listen = "127.0.0.1:\(port)"
                (files.hosts, files.nodesOnHosts) = (hosts, nodesOnHosts)
                try files.write(secrets, try await standIns.addresses())
                try await standIns.seed(session)
                hosts?.join(standIns.google)
                try await hosts?.join(standIns.kubernetes)
                standIns.bot.set(world.address)
                try await body(world)
            } catch {
                tasks.cancelAll()
                await session.shutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        await session.shutdown()
    }

    /// Starts the program and returns when it is ready.
    func start(root: String = Project.root, environment: [String: String] = [:]) async throws -> RunningProgram {
        let program = try await launch(root: root, environment: environment)
        try await ready(program)
        return program
    }

    /// Starts the program and returns at once.
    func launch(root: String = Project.root, environment: [String: String] = [:]) async throws -> RunningProgram {
        try await RunningProgram(
            Project.binary, ["serve", "--config", settings, "--root", root],
            environment: ["DEFIMON_LOG": "info"].merging(environment) { $1 }, in: folder)
    }

    /// Returns when the program that was started is ready.
    func ready(_ program: RunningProgram) async throws {
        let isReady = await eventually(within: .seconds(60)) { await readiness()?.status == 200 ? true : nil }
        try #require(isReady == true, "the bot did not become ready: \(program.text)")
    }

    /// What `/readyz` says; nil when nobody listens.
    func readiness() async -> HTTPResponse? {
        // Not reachable yet is not ready yet.
        try? await session.send(HTTPRequest(url: address + "/readyz"), timeout: .seconds(2))
    }

    /// Changes the settings' file.
    func changeSettings(_ old: String, to new: String) throws {
        let text = try String(contentsOfFile: settings, encoding: .utf8)
        try #require(text.contains(old))
        try folder.write(text.replacing(old, with: new), to: "defimon.yaml")
    }

    /// Runs the program once and returns its exit code and what it wrote.
    func command(_ arguments: String...) async throws -> (code: Int32, text: String) { try await command(arguments) }

    /// As `command(_:)`.
    func command(_ arguments: [String]) async throws -> (code: Int32, text: String) {
        let program = try await RunningProgram(
            Project.binary, arguments + ["--config", settings], in: folder, directory: Project.root)
        return (await program.ended(), program.text)
    }

    /// The number of the newest job of a command line, nil when there is none.
    func job(_ commandLine: String) async throws -> String? {
        let listed = try await command("jobs", "list").text
        return listed.split(separator: "\n").first { $0.contains(commandLine) }?.split(separator: " ").first
            .map(String.init)
    }

    /// Types a command line in #ops.
    func type(_ line: String, as user: String = SandboxPeople.operatorID) async throws {
        try await standIns.slack.type(line, userID: user, channel: "C0OPS")
    }

    /// Waits for a message that holds all of these texts.
    func message(in channel: String = "C0OPS", within limit: Duration = .seconds(60), _ texts: String...) async
        -> String?
    {
        await eventually(within: limit) {
            standIns.slack.messages(in: channel).map(\.allText).last { message in texts.allSatisfy(message.contains) }
        }
    }

    /// How often requests of this kind reached the cluster.
    func count(_ method: String, _ path: String) -> Int {
        standIns.kubernetes.requestCounts.filter {
            $0.key.hasPrefix("\(method) ") && $0.key.contains(path) && !$0.key.contains("dryRun")
        }
        .values.reduce(0, +)
    }
}
