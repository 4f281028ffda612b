import Definitions
import Domain
import Foundation
import TestSupport
import Testing

/// `approvals` and `confirm`: what is read, and what is wrong.
@Suite struct ApprovalKeysTests {
    static let head =
        "command: a\nsummary: s\narguments: {size: {type: quantity}, pool: {type: choice, choices: [p]}}\n"
        + "steps: [{id: ns, uses: kubernetes.namespace-ensure, with: {cluster: c, namespace: n}}]\n"
    static let settings =
        "pools: {p: {tier: gold}}\npeople: {ada: {name: Ada, roles: [lead]}, bob: {name: Bob, roles: [operator, lead]}}\n"

    private func files(_ text: String) -> [String: String] {
        ["commands/a.yaml": Self.head + text, "defimon.yaml": Self.settings]
    }

    private func read(_ text: String) async throws -> CommandDefinition {
        let loaded = try await Loading.load(files(text))
        #expect(loaded.problems == [])
        return try #require(loaded.definitions?.commands["a"])
    }

    @Test func oneSetAloneHasItsDefaults() async throws {
        let command = try await read("approvals: {from: [lead]}\n")
        let set = try #require(command.approvals.first)
        #expect(command.approvals.count == 1)
        #expect(set.when == [])
        #expect(set.need == 1)
        #expect(set.from == ["lead"])
        #expect(set.within == .seconds(1800))
        #expect(set.deny == 1)
        #expect(!set.allowsOwn)
        #expect(!command.asksForConfirmation)
        #expect(command.version.count == 64)
    }

    @Test func severalSetsAreReadAsTheyAreWritten() async throws {
        let command = try await read(
            """
            confirm: true
            approvals:
              - when: [arguments.size > 500GiB, pool.tier = gold, plan.deletions > 0, plan.changes >= 1, steps.ns.changes = 1]
                need: 2
                from: [lead, operator]
                within: 10m
                deny: 2
                own: emergency
              - from: [lead]

            """)
        #expect(command.asksForConfirmation)
        #expect(command.approvals.count == 2)
        let set = command.approvals[0]
        #expect(set.when.count == 5)
        #expect(set.conditionsBeforePlan.map(\.path) == ["arguments.size", "pool.tier"])
        #expect(set.need == 2)
        #expect(set.from == ["lead", "operator"])
        #expect(set.within == .seconds(600))
        #expect(set.deny == 2)
        #expect(set.allowsOwn)
    }

    @Test func anotherTextOfTheFileIsAnotherVersion() async throws {
        let one = try await read("approvals: {from: [lead]}\n")
        let other = try await read("approvals: {from: [lead], need: 2}\n")
        #expect(one.version != other.version)
    }

    @Test(
        "mistakes",
        arguments: [
            (
                "approvals: {need: 1}\n",
                [
                    "5:12: error: key 'from' of the approval is missing; it is a list, each item a name of letters, digits, '.', '_' and '-', at most 64"
                ]
            ),
            ("approvals: {from: []}\n", ["5:12: error: 'from' names no role; write from: [lead]"]),
            (
                "approvals: {from: [leed]}\n",
                ["5:20: error: nobody in the settings has the role 'leed'; did you mean 'lead'?"]
            ),
            (
                "approvals: {from: [lead], need: 3}\n",
                [
                    "5:33: error: 3 people must approve, and only 2 of the settings may; lower it, or name another role in 'from'"
                ]
            ),
            (
                "approvals: {from: [lead], need: 0}\n",
                ["5:33: error: 'need' must be a whole number from 1 to 10, and it is 0"]
            ),
            (
                "approvals: {from: [lead], need: 11}\n",
                ["5:33: error: 'need' must be a whole number from 1 to 10, and it is 11"]
            ),
            ("approvals: {from: [lead], within: 1m}\n", []), ("approvals: {from: [lead], within: 7d}\n", []),
            (
                "approvals: {from: [lead], within: 59s}\n",
                ["5:35: error: 'within' must be from 1m to 7d, and it is '59s'"]
            ),
            (
                "approvals: {from: [lead], within: 8d}\n",
                ["5:35: error: 'within' must be from 1m to 7d, and it is '8d'"]
            ),
            (
                "approvals: {from: [lead], own: always}\n",
                ["5:32: error: 'own' must be one of never, emergency, and it is 'always'"]
            ),
            (
                "approvals: [{from: [lead], whn: [x = y]}]\n",
                ["5:28: error: unknown key 'whn' in the approval; did you mean 'when'?"]
            ),
            (
                "approvals: {from: [lead], when: [arguments.siz > 1, plan.deletion > 0, steps.ns.change = 1, arguments.size > big]}\n",
                [
                    "5:34: error: nothing provides 'arguments.siz', which this condition looks at; did you mean 'arguments.size'?",
                    "5:53: error: nothing provides 'plan.deletion', which this condition looks at; did you mean 'plan.deletions'?",
                    "5:72: error: nothing provides 'steps.ns.change', which this condition looks at; did you mean 'steps.ns.changes'?",
                    "5:93: error: 'big' is nothing that > can compare; write a number, a quantity such as 500GiB or a time span such as 2h",
                ]
            ),
            ("confirm: yes please\n", ["5:10: error: 'confirm' must be true or false, and it is 'yes please'"]),
        ] as [(String, [String])])
    func mistakes(_ text: String, _ wanted: [String]) async throws {
        #expect(try await Loading.problems(files(text)) == wanted.map { "commands/a.yaml:\($0)" })
    }

    @Test func moreThanTenSetsAreTooMany() async throws {
        let sets = Array(repeating: "{from: [lead]}", count: 11).joined(separator: ", ")
        let found = try await Loading.problems(files("approvals: [\(sets)]\n"))
        #expect(found == ["commands/a.yaml:5:12: error: 'approvals' has 11 items, and at most 10 may stand there"])
    }
}
