import Domain
import TestSupport
import Testing

/// A form's values as a command line: whatever a person types into a field is that field's value and nothing else.
@Suite struct FilledFormTests {
    private static let command = CommandDefinition(
        name: "note down", summary: "Notes",
        arguments: [
            ArgumentDefinition(
                name: "text", type: .text(nil), help: "", isRequired: true, defaultValue: nil, location: .none),
            ArgumentDefinition(
                name: "more", type: .text(nil), help: "", isRequired: false, defaultValue: nil, location: .none),
            ArgumentDefinition(
                name: "force", type: .flag, help: "", isRequired: false, defaultValue: nil, location: .none),
            ArgumentDefinition(
                name: "careful", type: .flag, help: "", isRequired: false, defaultValue: true, location: .none),
        ], roles: [], locks: [], timeout: .seconds(60), startWithin: nil, steps: [], onFailure: OnFailure(), offers: [],
        onSuccess: nil, examples: [], report: [], location: .none)

    private func parsed(_ line: String) throws -> CommandLine.Parsed {
        try CommandLine.parse(try CommandLine.words(line).dropFirst(2), for: FilledFormTests.command)
    }

    @Test(arguments: [
        "plain", "--force", "--plan", "—force", "- x", "more=x", "a b", "say \"hi\"", "it's", "\"", "'", "\"'\"",
        "“quoted”",
        "”", "x\" --force \"", "x' --force '", "\u{301}x --force", "\"\u{301} --force", "a\u{2028}b", "\u{3000}",
        "a\tb",
        "=", "text=", "$(x) `y` ;z", "\\\" --force", "👩‍🚀 \u{200d}\" --force",
    ])
    func `A value is read as exactly what was typed, and as nothing else`(text: String) throws {
        let form = FilledForm(command: "note down", values: ["text": text], isPlanOnly: false)
        let read = try parsed(form.text)
        #expect(read.arguments == ["text": .string(text), "more": .null, "force": false, "careful": true])
        #expect(!read.isPlanOnly)
        // Its job's command line, by which it is tried again, says the same.
        #expect(try parsed(CommandLine.text(of: FilledFormTests.command, read)) == read)
    }

    @Test func `Any text of awkward characters comes through`() throws {
        var dice = Dice(seed: 7)
        let pieces = ["\"", "'", "“", "”", "—", "-", "=", " ", "\n", "\u{301}", "a", "\\", "–", "\u{200b}", "text"]
        for _ in 0..<2000 {
            let text = (0..<dice.number(1...8)).map { _ in
                pieces[dice.number(0...pieces.count - 1)]
            }.joined()
            let form = FilledForm(
                command: "note down", values: ["text": text, "more": text, "force": "true", "careful": "false"],
                isPlanOnly: true)
            let read = try parsed(form.text)
            #expect(
                read.arguments == ["text": .string(text), "more": .string(text), "force": true, "careful": false],
                "\(text.debugDescription)")
            #expect(read.isPlanOnly)
            #expect(try parsed(CommandLine.text(of: FilledFormTests.command, read)) == read, "\(text.debugDescription)")
        }
    }

    @Test func `A form says of each argument what it takes, what stands there, and whether it must be given`() throws {
        let people = [Person(id: "lena", name: "Lena", roles: [], identities: [:])]
        var command = FilledFormTests.command
        command.arguments.append(
            ArgumentDefinition(
                name: "who", type: .person, help: "Who", isRequired: true, defaultValue: nil, location: .none))
        command.arguments.append(
            ArgumentDefinition(
                name: "size", type: .choice(["small", "large"]), help: "", isRequired: true, defaultValue: "small",
                location: .none))
        let form = CommandForm(
            of: command, people: people, isPlanOnly: true, answerTo: nil, reportTo: nil, placeName: nil)
        #expect(form.fields.map(\.name) == ["text", "more", "force", "careful", "who", "size"])
        #expect(form.fields.map(\.isRequired) == [true, false, false, false, true, false])
        #expect(form.fields.map(\.initial) == [nil, nil, nil, "true", nil, "small"])
        #expect(form.fields[4].kind == .choice([.init(value: "lena", label: "Lena")]))
        #expect(form.offersPlan && form.isPlanOnly)
        command.arguments.append(
            ArgumentDefinition(
                name: "plan", type: .text(nil), help: "", isRequired: false, defaultValue: nil, location: .none))
        let other = CommandForm(
            of: command, people: people, isPlanOnly: true, answerTo: nil, reportTo: nil, placeName: nil)
        #expect(!other.offersPlan && !other.isPlanOnly)
    }
}
