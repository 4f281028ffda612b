import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// What a person is asked who calls a command without its arguments, where the channel can ask.
@Suite struct FormTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    private func definitions() throws -> DefinitionSet {
        Samples.set([
            try Samples.command(
                "deploy", [Samples.step("one")],
                arguments: [
                    Samples.argument("pool", .choice(["analytics", "ml"])),
                    Samples.argument("who", .person, isRequired: false),
                    Samples.argument("count", .integer(1...9), isRequired: false),
                ]),
            try Samples.command("look", [Samples.step("two")]),
        ])
    }

    private func type(_ text: String, as user: String = "U1", _ bot: Harness) async throws {
        try await bot.deliver([
            "text": .string(text), "user": .string(user), "id": .string(UUID().uuidString),
            "trigger": .string("trigger-\(user)"),
        ])
    }

    @Test(arguments: [("deploy", false), ("deploy --plan", true)])
    func `A command without its arguments is answered by a form`(line: String, isPlanOnly: Bool) async throws {
        try await Harness.run(definitions(), actions: actions.types, in: folder, time: time) { bot in
            try await type(line, bot)
            _ = try #require(await bot.message("'pool' is missing", in: "trigger-U1"))
            let form = try #require(bot.outlet.form(in: "trigger-U1"))
            #expect(form.command == "deploy")
            #expect(form.fields.map(\.name) == ["pool", "who", "count"])
            #expect(form.isPlanOnly == isPlanOnly)
            #expect(form.reportTo?.address == "#ops")
            #expect(form.answerTo?.address == "private-U1")
            #expect(bot.outlet.latest(in: "private-U1").isEmpty)
            #expect(try await bot.ledger.jobs(JobFilter()).isEmpty)
        }
    }

    @Test func `Where the form cannot be shown, the usage is the answer`() async throws {
        try await Harness.run(definitions(), actions: actions.types, in: folder, time: time) { bot in
            bot.outlet.refuse("trigger-U1", OutletError(.never, "views.open: expired_trigger_id"))
            try await type("deploy", bot)
            #expect(await bot.message("Usage: /defimon deploy <analytics|ml>", in: "private-U1") != nil)
            #expect(bot.outlet.latest(in: "trigger-U1").isEmpty)
            #expect(bot.outlet.latest(in: "#ops").isEmpty)
        }
    }

    @Test(arguments: [(3, true), (4, false)])
    func `A form that comes more than its three seconds late is not tried`(late: Int, isShown: Bool) async throws {
        try await Harness.recordOnly(
            folder, time: time,
            ["text": "deploy", "user": "U1", "id": "a", "trigger": "trigger-U1"])
        time.advance(by: .seconds(late))
        try await Harness.run(definitions(), actions: actions.types, in: folder, time: time) { bot in
            _ = try #require(await bot.message("'pool' is missing", in: isShown ? "trigger-U1" : "private-U1"))
            #expect(bot.outlet.latest(in: isShown ? "private-U1" : "trigger-U1").isEmpty)
        }
    }

    @Test(arguments: ["deploy moon", "deploy count=3", "deploy --bad", "look at", "nonsense"])
    func `What was typed wrongly is corrected where it was typed`(line: String) async throws {
        try await Harness.run(definitions(), actions: actions.types, in: folder, time: time) { bot in
            try await type(line, bot)
            _ = try #require(await eventually { bot.outlet.latest(in: "private-U1").first })
            #expect(bot.outlet.form(in: "trigger-U1") == nil)
        }
    }

    @Test func `Whoever may not run the command gets no form but the refusal`() async throws {
        try await Harness.run(definitions(), actions: actions.types, in: folder, time: time) { bot in
            try await type("deploy", as: "U2", bot)
            #expect(await bot.message("needs the role operator", in: "private-U2") != nil)
            #expect(bot.outlet.form(in: "trigger-U2") == nil)
        }
    }

    @Test(
        "What is wrong in a form is said in the words of the command line, by argument",
        arguments: [
            (["pool": "analytics"], [:]),
            (["pool": "analytics", "who": "olivia", "count": "9"], [:]),
            ([:], ["pool": "'pool' is missing: one of analytics, ml"]),
            (
                ["pool": "analytic", "count": "10"],
                [
                    "pool":
                        "'analytic' is not a value for 'pool': it must be one of analytics, ml — did you mean 'analytics'?",
                    "count": "'10' is not a value for 'count': it must be a whole number from 1 to 9",
                ]
            ),
            (["pool": "ml", "who": "olivi"], ["who": "'olivi' is nobody we know — did you mean 'olivia'?"]),
            (["pool": "ml", "gone": "x"], ["": "'deploy gone=x' has one word too many"]),
        ] as [([String: String], [String: String])])
    func problems(_ values: [String: String], _ wanted: [String: String]) throws {
        let check = DefinitionsFormCheck(CurrentDefinitions(try definitions()), redactor: Redactor())
        let found = check.problems(in: FilledForm(command: "deploy", values: values, isPlanOnly: false))
        #expect(Set(found.keys) == Set(wanted.keys))
        for (name, problem) in wanted where !name.isEmpty { #expect(found[name] == problem) }
    }

    @Test func `A form of a command that is gone, one that is too long, and secrets in it`() throws {
        let redactor = Redactor()
        redactor.add(Secret("hunter2-very-secret"))
        let check = DefinitionsFormCheck(CurrentDefinitions(try definitions()), redactor: redactor)
        func problems(_ command: String, _ values: [String: String]) -> [String: String] {
            check.problems(in: FilledForm(command: command, values: values, isPlanOnly: false))
        }
        #expect(problems("gone", [:]) == ["": "there is no command 'gone' any more"])
        #expect(problems("deploy", ["pool": "hunter2-very-secret"])["pool"]?.contains("hunter2") == false)
        let note = try Samples.command("note", [], arguments: [Samples.argument("text", .text(nil))])
        let long = DefinitionsFormCheck(CurrentDefinitions(Samples.set([note])), redactor: Redactor())
        func length(_ count: Int) -> [String: String] {
            let text = String(repeating: "x", count: count)
            return long.problems(in: FilledForm(command: "note", values: ["text": text], isPlanOnly: false))
        }
        // "note text=" is ten bytes of the line's 4000.
        #expect(length(3990).isEmpty)
        #expect(length(3991) == ["": "the command is longer than 4000 bytes"])
    }
}
