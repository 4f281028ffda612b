import ArgumentParser
import Domain
import Foundation
import Ingress
import Ledger
import Logging
import Outbound
import Sandbox
import ServiceLifecycle

/// `defimon sandbox`: the whole bot on this machine with stand-ins, nothing to configure.
struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract:
            "Run the whole bot on this machine with stand-ins for Slack, GitHub, a registry, Kubernetes, Google Cloud, Hetzner Cloud, a certificate authority, Geth, Lighthouse."
    )

    @Option(help: "The page's port on 127.0.0.1; 0 takes a free one.")
    var port = 8080

    @Option(help: "The port on 127.0.0.1 where webhooks come in; 0 takes a free one.")
    var botPort = 0

    @Option(help: "The folder of commands/, webhooks/ and deploy/.")
    var root = "."

    @Option(help: "Where settings and the ledger are written.")
    var folder = ".sandbox"

    @Flag(help: "Begin before the first deploy of the infrastructure pool: its nodes are not there yet.")
    var withoutNodes = false

    @Flag(help: "The Ethereum nodes run on two machines that are reached by SSH, and not in the cluster.")
    var nodesOnHosts = false

    @Flag(help: "Begin before the first deploy of the analytics pool, which orders its machines at Hetzner Cloud.")
    var withoutServers = false

    @Option(help: "The directory of another certificate authority than the stand-in, by ACME.")
    var acmeDirectory: String?

    @Option(help: "A file with the certificates by which that authority's server is trusted.")
    var acmeCa: String?

    func run() async throws {
        let process = BotProcess(defaultLevel: .warning)
        let rootPath = URL(filePath: root).path
        guard FileManager.default.fileExists(atPath: "\(rootPath)/commands") else {
            throw Complaint("there is no folder commands in \(rootPath); name the right one with --root", .usage)
        }
        var files = SandboxSettings(folder: URL(filePath: folder).path, root: rootPath)
        files.listen = "127.0.0.1:\(botPort)"
        guard acmeCa == nil || acmeDirectory != nil else {
            throw Complaint("--acme-ca belongs to --acme-directory, which is not there", .usage)
        }
        files.authority = acmeDirectory.map { ($0, acmeCa.map { URL(filePath: $0).path }) }
        let leftOut = try await findHosts(&files)
        let secrets = SandboxSettings.Secrets()
        for secret in secrets.all { process.redactor.add(secret) }
        let session = try HTTPSession()
        let standIns = try SandboxStandIns(
            secrets, root: rootPath, withoutNodes: withoutNodes, session: session, logger: process.logger)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                let hosts = files.hosts.map { $0.services + [$0.units(of: standIns.ethereum)] } ?? []
                let world = ServiceGroup(services: standIns.services + hosts, logger: process.logger)
                group.addTask { try await world.run() }
                try await start(process, files, secrets, standIns, session, leftOut)
                await world.triggerGracefulShutdown()
                try await group.waitForAll()
            }
        } catch {
            await session.shutdown()
            if let complaint = error as? Complaint { throw complaint }
            throw Complaint("\(error)", .unreachable)
        }
        await session.shutdown()
    }

    /// Adds the hosts to the settings, or says why there are none.
    private func findHosts(_ files: inout SandboxSettings) async throws -> String? {
        files.nodesOnHosts = nodesOnHosts
        files.withoutServers = withoutServers
        do {
            files.hosts = try await SandboxHosts(in: "\(files.folder)/hosts")
            return nil
        } catch let leftOut as SandboxHosts.LeftOut {
            if nodesOnHosts || withoutServers { throw Complaint("\(leftOut)", .unreachable) }
            return "\(leftOut)"
        }
    }

    private func start(
        _ process: BotProcess, _ files: SandboxSettings, _ secrets: SandboxSettings.Secrets,
        _ standIns: SandboxStandIns,
        _ session: HTTPSession, _ leftOut: String?
    ) async throws {
        try files.write(secrets, try await standIns.addresses())
        try await standIns.seed(session)
        files.hosts?.join(standIns.google)
        files.hosts?.join(standIns.hetzner)
        try await files.hosts?.join(standIns.kubernetes)
        let bot = try await Bot(
            Bot.Files(settings: files.path, root: files.root), redactor: process.redactor, metrics: process.metrics,
            logger: process.logger)
        let page = SandboxPage(
            SandboxWorld(
                slack: standIns.slack, alerts: standIns.alerts, ethereum: standIns.ethereum,
                repository: standIns.pullRequests.page, switches: standIns.switches,
                jobs: { await jobs(bot) }), port: port)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await process.run(bot.services + [page], grace: .seconds(5)) }
            group.addTask {
                guard let address = try await bot.ingress.addresses.bound.listen else { return }
                standIns.bot.set("http://\(address)")
                say(page: try await page.url(), bot: "http://\(address)", folder: files.folder, leftOut: leftOut)
            }
            try await group.waitForAll()
        }
        await bot.connections.shutdown()
    }

    private func say(page: String, bot: String, folder: String, leftOut: String?) {
        Terminal.say(
            """
            The sandbox is up: \(page)

            Try on the page:      /defimon deploy analytics, /defimon deploy ml
                                  the alert GethDown geth-0, and any failure switch
                                  a pull request, and its CI
                                  /defimon restart-geth geth-1 --force, then approve it as lena
                                  /defimon deploy infrastructure, too; --without-nodes begins before the first one,
                                  --without-servers before the first deploy analytics
            \(leftOut.map { "                      \($0)" } ?? SandboxCommand.onHosts)
                                  geth-1 "Out of sync", then the alert "Geth head stuck: geth-0": a remedy cannot
                                  help, Olivia is called, and Lena a minute later unless Olivia says /defimon ack
            Try in a second terminal, in this folder:
                                  defimon jobs list
                                  defimon run "restart-geth geth-0 --plan"
                                  defimon explain 1
                                  defimon audit verify
            Webhooks come in at   \(bot)
            kubectl can look too: kubectl --kubeconfig \(folder)/kubeconfig get pods -A
            Ctrl-C ends it; nothing is kept but \(folder).
            """)
    }

    private static let onHosts = """
                              /defimon resize-disk geth-vm-0 +20%, a machine over SSH; --nodes-on-hosts lets
                              restart-geth restart a unit of it; resize-disk analytics-control-1 30GiB
        """

    private func jobs(_ bot: Bot) async -> JSONValue {
        // An unreadable ledger shows as no jobs; the page says by itself when it has lost the bot.
        guard let jobs = try? await bot.ledger.jobs(JobFilter(limit: 20)) else { return [] }
        var rows: [(job: Job, steps: [Step])] = []
        for job in jobs { rows.append((job, (try? await bot.ledger.steps(jobID: job.id)) ?? [])) }
        return SandboxJobs.json(rows)
    }
}
