import CryptoExtras
import Domain
import Foundation
import Ledger
import Logging
import Outbound
import Sandbox
import Synchronization
import TestSupport

@testable import GitHub

/// A GitHub, a ledger, and a bot between them that can be down.
struct SweepWorld: Sendable {
    /// What answers GitHub's deliveries.
    enum Answer: Sendable {
        /// Proven and recorded, as the ingress does.
        case bot
        case nobody
        case status(Int)
    }

    /// Remembers what the team was told.
    struct Announcements: TeamAnnouncer {
        final class Box: Sendable {
            let all = Mutex<[(report: Report, subject: String)]>([])
        }
        let box = Box()
        let writer: any LedgerWriter

        func announce(_ report: Report, subject: String, with change: LedgerChange) async throws(LedgerError) {
            try await writer.commit(change)
            box.all.withLock { $0.append((report, subject)) }
        }
    }

    final class Door: Sendable {
        let answer = Mutex(Answer.bot)
        let count = Mutex(0)
    }

    static let hooks: [GitHubStandIn.Hook] = [
        .init(id: 11, secret: Secret(Fixture.webhookSecret))
    ]

    let github: GitHubStandIn
    let ledger: SQLiteLedger
    let client: GitHubClient
    let clock: SweepClock
    let announcements: Announcements
    private let door: Door

    var told: [Report] { announcements.box.all.withLock { $0.map(\.report) } }

    func answer(_ answer: Answer) { door.answer.withLock { $0 = answer } }

    func sweep(_ hook: String = "acme/api/11", writer: (any LedgerWriter)? = nil) throws -> DeliverySweep {
        guard let hook = DeliveryHook(hook) else { throw CocoaError(.formatting) }
        return DeliverySweep(
            hook, client: client, reader: ledger, writer: writer ?? ledger, announcer: announcements,
            time: SweepClock.Hurried(clock: clock), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func state(_ hook: String = "acme/api/11") async throws -> SweepState? {
        try await ledger.note("sweep/github/\(hook)")?.decode(SweepState.self)
    }

    /// People open a pull request each; the stand-in sends one delivery for it.
    func open(_ count: Int) async throws {
        let taken = door.count.withLock { taken in
            taken += count
            return taken - count
        }
        for index in 0..<count {
            _ = try await github.openPullRequest(
                repository: "acme/api", branch: "b\(taken + index)", author: "uma")
        }
    }

    /// Ids of what GitHub sent so far.
    var guids: [String] { github.deliveries.map(\.id) }

    func arrived() async throws -> [String] {
        var found: [String] = []
        for guid in guids where try await ledger.hasDelivery(guid, from: Source("github")) { found.append(guid) }
        return found
    }

    func audit(_ kind: String) async throws -> [AuditRecord] {
        try await ledger.audit(AuditFilter(limit: 1000)).filter { $0.kind == kind }
    }

    /// Waits until GitHub has tried that often in all.
    func tries(_ count: Int) async -> Bool {
        await eventually(within: .seconds(20)) { github.deliveryTries.count >= count ? true : nil } == true
    }

    /// Requests for another delivery that reached GitHub.
    var requests: [String] { github.failures.received.filter { $0.hasSuffix("/attempts") } }

    static func run(
        hooks: [GitHubStandIn.Hook] = hooks, asApp: Bool = false,
        _ body: @escaping @Sendable (SweepWorld) async throws -> Void
    ) async throws {
        let clock = SweepClock()
        let time = SweepClock.Standing(clock: clock)
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let ledger = try SQLiteLedger(
            path: folder.path("ledger.sqlite"), redactor: Redactor(), time: time, queueLimit: 4096,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let verifier = try GitHubVerifier(
            Fixture.settings(["token": ["env": "TOKEN"], "webhook_secrets": [["env": "HOOK"]]]),
            secrets: Fixture.secrets)
        let door = Door()
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        var seed = GitHubStandIn.Seed(owner: "acme", name: "api")
        seed.workflows = []
        var configuration = GitHubStandIn.Configuration(
            token: Secret(Fixture.token), hooks: hooks,
            users: [.init(id: 1001, login: "olivia"), .init(id: 1003, login: "uma")], repositories: [seed])
        configuration.app = .init(id: 12_345, publicKeyPEM: key.publicKey.pemRepresentation)
        let github = GitHubStandIn(configuration, time: time) { _, headers, body in
            switch door.answer.withLock({ $0 }) {
            case .nobody: throw CocoaError(.fileReadUnknown)
            case .status(let status): return (status, "")
            case .bot:
                let lower = Dictionary(headers.map { ($0.0.lowercased(), $0.1) }, uniquingKeysWith: { $1 })
                let delivery = Delivery(
                    source: Source("github"), route: "webhooks", headers: lower, body: body, receivedAt: clock.now,
                    remoteAddress: "127.0.0.1")
                _ = try await ledger.record(try verifier.verify(delivery))
                return (200, "")
            }
        }
        try await withSession { session in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await github.run() }
                group.addTask { try await ledger.run() }
                group.addTask {
                    var members: [String: JSONValue] = ["api_url": .string(try await github.url())]
                    if asApp {
                        members["app"] = ["id": "12345", "private_key": ["env": "PEM"]]
                    } else {
                        members["token"] = ["env": "TOKEN"]
                    }
                    let client = try GitHubClient(
                        Fixture.settings(members),
                        secrets: FixedSecrets(values: ["TOKEN": Fixture.token, "PEM": key.pemRepresentation]),
                        session: session, time: time)
                    try await body(
                        SweepWorld(
                            github: github, ledger: ledger, client: client, clock: clock,
                            announcements: Announcements(writer: ledger), door: door))
                }
                defer { group.cancelAll() }
                _ = try await group.next()
            }
        }
    }
}
