import ArgumentParser
import Domain

/// `defimon audit list`.
struct AuditListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The latest records; works without a running bot.")
    @Option(help: "Only records of this person, source or rule.") var actor: String?
    @Option(help: "Only records of this kind, or, ending in a dot, all that begin so: job.") var kind: String?
    @Option(help: "Only records about this: delivery/17.") var subject: String?
    @Option(help: "Only records about this job, its steps and its reports.") var job: Int64?
    @Option(help: "Only records about jobs of this command.") var command: String?
    @Option(help: "Only records about jobs in this pool.") var pool: String?
    @Option(help: "From then on: a time (2026-09-21T14:13:20Z), or how long ago (2h).") var since: String?
    @Option(help: "Until just before then, likewise.") var until: String?
    @Option(help: "Only records before this number: the next page.") var before: Int64?
    @Option(help: "At most this many, up to 1000.") var limit = 50
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup var location: BotLocation

    func run() async throws {
        let filter = AuditFilter(
            actor: actor, kind: kind, subject: subject, job: job, command: command, pool: pool,
            since: try since.map { try MomentText.read($0, "--since") },
            until: try until.map { try MomentText.read($0, "--until") }, before: before, limit: limit)
        let page = AuditPage(try await OfflineLedger.reader(location).audit(filter), limit: filter.limit)
        if json { return try Terminal.json(page) }
        if page.records.isEmpty { return Terminal.say("no records") }
        Terminal.table(
            ["record", "time", "actor", "kind", "subject", "detail"],
            page.records.reversed().map {
                [
                    "\($0.sequence)", $0.time.rfc3339, $0.actor, $0.kind, $0.subject,
                    $0.detail == .null ? "(erased)" : String($0.detail.canonicalText.prefix(100)),
                ]
            })
        if let next = page.nextBefore { Terminal.say("earlier ones: --before \(next)") }
    }
}
