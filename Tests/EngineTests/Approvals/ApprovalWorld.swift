import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// A bot with a command that must be approved, and people who may: Olivia asks, Lena and Leo are leads, Ada is an admin,
/// Victor may only look.
struct ApprovalWorld {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()
    /// One for all runs: the names that it gave to messages are in the ledger.
    let outlet = RecordingOutlet()

    init() throws { folder = try TemporaryFolder() }

    static func set(
        need: Int = 1, from: [String] = ["lead"], within: Duration = .seconds(1800), deny: Int = 1,
        own: Bool = false, when: [String] = []
    ) throws -> ApprovalDefinition {
        ApprovalDefinition(
            when: try when.map { try Matcher(parsing: $0) }, need: need, from: from, within: within, deny: deny,
            allowsOwn: own, location: Samples.place)
    }

    /// `deploy`, which needs these approvals, and `other`, which holds the same lock and needs none.
    static func definitions(
        _ sets: [ApprovalDefinition] = [], confirm: Bool = false, _ change: (inout CommandDefinition) -> Void = { _ in }
    ) throws -> DefinitionSet {
        var deploy = try Samples.command(
            "deploy", [Samples.step("one"), Samples.step("two")],
            arguments: [Samples.argument("force", .flag)], lock: "l")
        deploy.approvals = sets
        deploy.asksForConfirmation = confirm
        deploy.version = "v1"
        change(&deploy)
        var definitions = Samples.set(
            [deploy, try Samples.command("other", [Samples.step("long")], lock: "l")],
            rules: [
                try Samples.rule("down", run: "deploy", escalate: [Place(channel: "chat", address: "#oncall")]) {
                    $0.cancelOnResolve = true
                }
            ])
        definitions.people += [
            Person(id: "lena", name: "Lena", roles: ["lead"], identities: ["chat": "U3", "cli": "lena"]),
            Person(id: "leo", name: "Leo", roles: ["lead", "operator"], identities: ["chat": "U4"]),
            Person(id: "ada", name: "Ada", roles: ["admin"], identities: ["chat": "U5"]),
        ]
        return definitions
    }

    func run(
        _ definitions: DefinitionSet, crashes: Bool = false, _ body: (Harness) async throws -> Void
    ) async throws {
        try await Harness.run(
            definitions, actions: actions.types, in: folder, time: time, outlet: outlet, crashes: crashes, body)
    }

    /// Waits until the job has a plan and people are asked.
    @discardableResult
    func asked(_ bot: Harness, _ id: JobID = 1, _ state: JobState = .waitingApproval) async throws -> Job? {
        try await eventually {
            guard let job = try await bot.ledger.job(id: id), job.state == state, job.approval?.plan != nil else {
                return nil
            }
            return job
        }
    }

    /// What a person was answered in private.
    func answer(_ text: String, to user: String) async -> String? {
        await eventually { outlet.latest(in: "private-\(user)").first { $0.contains(text) } }
    }

    func kinds(_ bot: Harness, _ id: JobID = 1) async throws -> [String] {
        try await bot.ledger.audit(AuditFilter(subject: "job/\(id)")).map(\.kind).reversed()
            .filter { $0 != "report.delivered" }
    }

    var changes: [String] { actions.calls(of: "change").map(\.what) }
}
