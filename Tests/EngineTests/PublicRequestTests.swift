import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// What is asked where everybody can write: comments on pull requests.
@Suite struct PublicRequestTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()

    init() throws { folder = try TemporaryFolder() }

    private func definitions() throws -> DefinitionSet {
        let create = try Samples.command(
            "preview create", [Samples.step("one", what: "{{arguments.number}} {{arguments.commit}}")],
            arguments: [
                Samples.argument("number", .integer(nil), context: "pull_request"),
                Samples.argument("commit", .text(try Pattern("[0-9a-f]{7,40}")), isRequired: false),
            ])
        let list = try Samples.command("preview list", [Samples.step("list")])
        let groups = ["preview": "create", "volume": nil].map { name, word in
            CommandGroup(
                name: name, summary: "All about \(name)", subcommands: ["create", "list"], defaultSubcommand: word)
        }
        return Samples.set([create, list], groups: groups)
    }

    @Test(arguments: ["preview 42", "help", "nonsense", "deploy \"x", ""])
    func `A stranger gets no answer at all, and the audit knows`(text: String) async throws {
        let outlet = RecordingOutlet()
        try await Harness.run(definitions(), actions: actions.types, in: folder, outlet: outlet) { bot in
            try await bot.comment(text, as: "U9")
            let audit = try await eventually {
                let records = try await bot.ledger.audit(AuditFilter(kind: "authorization.denied"))
                return records.isEmpty ? nil : records
            }
            #expect(audit?.map(\.actor) == ["chat:U9"])
            let event = try #require(try await bot.ledger.events(limit: 1, before: nil).first)
            #expect(event.explanation["decision"] == "no answer: a stranger asked in public")
            #expect(try await bot.ledger.jobs(JobFilter()).isEmpty)
        }
        #expect(outlet.count == 0)
    }

    @Test(arguments: [
        ("preview 1a2b3c4", "42 1a2b3c4"), ("preview create 1234567", "42 1234567"), ("preview", "42 "),
        ("preview 7 1a2b3c4", "7 1a2b3c4"),
    ])
    func `On a pull request its number need not be typed`(text: String, what: String) async throws {
        try await Harness.run(definitions(), actions: actions.types, in: folder) { bot in
            try await bot.comment(text, as: "U1", context: ["pull_request": 42, "repository": "acme/api"])
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(actions.calls.map(\.what) == [what])
        }
    }

    @Test(arguments: [
        ("volume 42", "'volume' has no subcommand '42'.", "There is /defimon volume create, /defimon volume list."),
        ("volume", "'volume' needs a subcommand.", "There is /defimon volume create"),
        ("preview lst", "'preview' has no subcommand 'lst'.", "Did you mean /defimon preview list?"),
        ("preview", "'number' is missing", "Usage: /defimon preview create <number>"),
        ("help preview", "/defimon preview", "/defimon preview [create] <number> [commit=<commit>]"),
        ("help volume", "All about volume", "/defimon help volume create"),
        ("help", "What you can ask for", "/defimon preview [create] <number>"),
        ("help preview create", "/defimon preview [create] <number> [commit=<commit>] [--plan]", "1. Step one"),
    ])
    func `A word that several commands begin with says which there are`(text: String, title: String, more: String)
        async throws
    {
        try await Harness.run(definitions(), actions: actions.types, in: folder) { bot in
            try await bot.type(text)
            let answer = try #require(await bot.message(title, in: "private-U1"))
            #expect(answer.contains(more), "\(answer)")
            #expect(actions.calls.isEmpty)
        }
    }
}
