import Domain
import Testing

/// What is known from where a command is typed fills its arguments.
@Suite struct CommandLineContextTests {
    private static func argument(
        _ name: String, _ type: ValueType, isRequired: Bool = true, context: String? = nil
    ) -> ArgumentDefinition {
        ArgumentDefinition(
            name: name, type: type, help: "", isRequired: isRequired, defaultValue: nil, context: context,
            location: .none)
    }

    private static func command(_ arguments: [ArgumentDefinition]) -> CommandDefinition {
        CommandDefinition(
            name: "preview create", summary: "", arguments: arguments, roles: [], locks: [], timeout: .seconds(60),
            startWithin: nil, steps: [], onFailure: OnFailure(), offers: [], onSuccess: nil, examples: [], report: [],
            location: .none)
    }

    private static func preview() throws -> CommandDefinition {
        command([
            argument("number", .integer(1...Int.max), context: "pull_request"),
            argument("commit", .text(try Pattern("[0-9a-f]{7,40}")), isRequired: false),
            argument("repository", .text(try Pattern("[a-z]+/[a-z]+")), context: "repository"),
            argument("force", .flag, isRequired: false),
        ])
    }

    private static let pullRequest: [String: JSONValue] = ["repository": "acme/api", "pull_request": 42]

    private func parse(_ text: String, _ command: CommandDefinition, _ context: [String: JSONValue])
        throws(CommandLine.Invalid) -> CommandLine.Parsed
    {
        try CommandLine.parse(try CommandLine.words(text), for: command, context: context)
    }

    @Test(
        "on a pull request its own arguments need not be typed",
        arguments: [
            ("", 42, nil, "acme/api"), ("1a2b3c4", 42, "1a2b3c4", "acme/api"),
            // All digits: it could be a number, which contradicts where it was typed.
            ("1234567", 42, "1234567", "acme/api"), ("42", 42, nil, "acme/api"), ("7", 7, nil, "acme/api"),
            ("42 1234567", 42, "1234567", "acme/api"), ("7 1a2b3c4", 7, "1a2b3c4", "acme/api"),
            ("number=1234567", 1_234_567, nil, "acme/api"), ("commit=1234567", 42, "1234567", "acme/api"),
            ("--commit 1a2b3c4 --force", 42, "1a2b3c4", "acme/api"),
            ("7 1a2b3c4 acme/web", 7, "1a2b3c4", "acme/web"), ("repository=acme/web", 42, nil, "acme/web"),
        ] as [(String, Int64, String?, String)])
    func onPullRequest(_ text: String, _ number: Int64, _ commit: String?, _ repository: String) throws {
        let arguments = try parse(text, try Self.preview(), Self.pullRequest).arguments
        #expect(arguments["number"] == .int(number))
        #expect(arguments["commit"] == commit.map { .string($0) } ?? .null)
        #expect(arguments["repository"] == .string(repository))
    }

    @Test(
        "elsewhere they are asked for, and what is wrong is told by the usual order",
        arguments: [
            ("", [:], "'number' is missing: a whole number, at least 1"),
            ("42", [:], "'repository' is missing: text that matches"),
            ("1a2b3c4", [:], "'1a2b3c4' is not a value for 'number'"),
            ("x y", pullRequest, "'x' is not a value for 'number'"),
            ("1 2 3 4", pullRequest, "'2' is not a value for 'commit'"),
            ("number=1 number=2", pullRequest, "'number' is given twice"),
            ("", ["pull_request": 42], "'repository' is missing"),
            ("", ["pull_request": "none", "repository": "acme/api"], "'number' is missing"),
            ("", ["pull_request": 42, "repository": "--"], "'repository' is missing"),
        ] as [(String, [String: JSONValue], String)])
    func elsewhere(_ text: String, _ context: [String: JSONValue], _ message: String) throws {
        let command = try Self.preview()
        do {
            _ = try parse(text, command, context)
            Issue.record("it was accepted")
        } catch { #expect(error.message.hasPrefix(message), "\(error.message)") }
    }

    @Test func aValueThatIsTextIsReadAsItsArgumentIs() throws {
        let parsed = try parse("", try Self.preview(), ["repository": "acme/api", "pull_request": "42"])
        #expect(parsed.arguments["number"] == 42)
    }

    @Test func whatIsWrittenGivesTheSameAgainWithoutTheContext() throws {
        let command = try Self.preview()
        let parsed = try parse("1234567", command, Self.pullRequest)
        let line = CommandLine.text(of: command, parsed)
        #expect(line == "preview create 42 commit=1234567 acme/api")
        #expect(try parse(String(line.dropFirst(command.name.count)), command, [:]) == parsed)
    }

    @Test func withoutDeclaredContextNothingIsFilled() {
        let command = Self.command([Self.argument("number", .integer(nil))])
        #expect(throws: CommandLine.Invalid.self) { try parse("", command, Self.pullRequest) }
    }
}
