import ArgumentParser
import Domain
import Foundation
import Ledger

/// `defimon audit list|verify`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "What happened, and the proof that nobody altered it.",
        subcommands: [List.self, Verify.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The latest records; works without a running bot.")
        @Option(help: "Only records of this person, source or rule.") var actor: String?
        @Option(help: "Only records of this kind, or, ending in a dot, all that begin so: job.") var kind: String?
        @Option(help: "Only records about this: job/42.") var subject: String?
        @Option(help: "At most this many, up to 1000.") var limit = 50
        @Flag(help: "Print JSON.") var json = false
        @OptionGroup var location: BotLocation

        func run() async throws {
            let filter = AuditFilter(actor: actor, kind: kind, subject: subject, limit: limit)
            let page = AuditPage(try await OfflineLedger.reader(location).audit(filter), limit: filter.limit)
            if json { return try Terminal.json(page) }
            if page.records.isEmpty { return Terminal.say("no records") }
            Terminal.table(
                ["record", "time", "actor", "kind", "subject", "detail"],
                page.records.reversed().map {
                    [
                        "\($0.sequence)", $0.time.rfc3339, $0.actor, $0.kind, $0.subject,
                        String($0.detail.canonicalText.prefix(100)),
                    ]
                })
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Walk the hash chain; name the first record that is wrong. Needs nothing but the file.")
        @Flag(help: "Print JSON.") var json = false
        @OptionGroup var location: BotLocation

        func run() async throws {
            switch try await OfflineLedger.reader(location).verifyAudit() {
            case .intact(let records):
                Terminal.say(
                    json
                        ? #"{"intact":true,"records":\#(records)}"#
                        : "intact: \(records) records, each bound to the one before")
            case .broken(let sequence, let what):
                if json {
                    Terminal.say(
                        (["intact": false, "sequence": .int(sequence), "what": .string(what)] as JSONValue)
                            .canonicalText)
                } else {
                    Terminal.complain("broken at record \(sequence): \(what)")
                }
                throw ExitStatus.failed.code
            }
        }
    }
}
