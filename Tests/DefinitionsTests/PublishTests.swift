import Definitions
import Domain
import Foundation
import TestSupport
import Testing

@Suite struct PublishTests {
    private let writer = SchemaWriter(actions: FakeActions.catalogue, sections: Loading.sections)

    @Test func schemasNameEveryKeyAndRefuseOthers() throws {
        let command = writer.command
        #expect(command["$schema"] == "https://json-schema.org/draft/2020-12/schema")
        #expect(command["additionalProperties"] == false)
        #expect(command["required"] == ["command", "summary"])
        let keys = try #require(command["properties"]?.objectValue?.keys.sorted())
        #expect(
            keys == [
                "about", "approvals", "arguments", "channels", "command", "confirm", "default_subcommand", "examples",
                "guards", "locks", "offers", "on_failure", "on_success", "quiet", "report", "roles", "schedule",
                "start_within", "steps", "subcommands", "summary",
                "supersedes", "timeout", "upkeep", "verify",
            ])
        #expect(command.at(path: "properties.steps.items.$ref") == "#/$defs/step")
        #expect(
            command.at(path: "$defs.subcommand.properties.subcommands.additionalProperties.$ref")
                == "#/$defs/subcommand")
        #expect(
            command.at(path: "$defs.step.properties.uses.enum")?.arrayValue?.count == FakeActions.catalogue.names.count)
        #expect(command.at(path: "$defs.subcommand.properties.command") == nil)
        #expect(writer.rule.at(path: "$defs.guards.additionalProperties") == false)
        #expect(
            writer.settings.at(path: "$defs.ethereum.properties.nodes.additionalProperties.required")
                == ["beacon", "execution"].sorted().reversed().map { .string($0) }.asArray)
    }

    @Test func aSectionWhoseNamesAreTheWritersOwnTakesAnyName() {
        let section = SettingsSection(name: "clusters", summary: "Clusters") { input in
            _ = input.everyNamed("Each cluster") { _, cluster in cluster.optionalText("server", "Its address") }
        }
        let schema = SchemaWriter(actions: FakeActions.catalogue, sections: [section]).settings
        #expect(schema.at(path: "$defs.clusters.additionalProperties.properties.server.type") == "string")
        #expect(schema.at(path: "$defs.clusters.properties") == nil)
    }

    @Test func everyReferenceOfASchemaIsDefined() throws {
        for schema in [writer.command, writer.rule, writer.schedule, writer.settings] {
            let defined = Set(schema["$defs"]?.objectValue?.keys.map { "#/$defs/\($0)" } ?? [])
            #expect(references(in: schema).subtracting(defined) == [])
        }
    }

    private func references(in schema: JSONValue) -> Set<String> {
        switch schema {
        case .object(let members):
            Set([members["$ref"]?.stringValue].compactMap(\.self)).union(members.values.flatMap { references(in: $0) })
        case .array(let items): Set(items.flatMap { references(in: $0) })
        default: []
        }
    }

    @Test func theTableOfEventsNamesKindsAndFields() {
        #expect(
            EventTable(FakeHookDecoder()).text == """
                github
                  kinds: pull_request, push
                  kind        The event's kind
                  repository  The repository
                  number      The number [pull_request]
                  branch      The branch [push]
                """)
        #expect(EventTable(FakeAlertDecoder()).text.contains("\n  labels.<name>        The labels [alert]\n"))
    }

    @Test func theReferencePageNamesEverything() {
        let page = ReferencePage(
            actions: FakeActions.catalogue, sections: Loading.sections,
            decoders: [FakeAlertDecoder(), FakeHookDecoder()]
        ).markdown
        for name in FakeActions.catalogue.names { #expect(page.contains("### `\(name)`")) }
        for text in [
            "| `start_within` |", "| `labels.<name>` |", "| `git-ref` |",
            "| `alert_resolved_within` | a time span such as 90s or 2h30m |  |", "| `otherwise` |", "| `on_call` |",
            "| `nodes.<name>.execution` |", "`path =~ pattern`",
            "| `every` | a time span such as 90s or 2h30m |  |", "| `cron` | five fields such as '30 2 * * mon-fri' |",
            "## Schedules: `schedules/<name>.yaml`", "| `default_subcommand` |", "| `context` |",
            "Looks only. It waits:", "| `number` | pull_request |", "`failure.step`", "`job.person`",
            "| `concurrent_jobs` | a whole number from 1 to 10000 | `16` |", "| `max_head_age` |",
        ] { #expect(page.contains(text), "\(text)") }
    }
}

extension [JSONValue] {
    fileprivate var asArray: JSONValue { .array(self) }
}
