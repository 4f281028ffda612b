import Domain

/// A form that a text must have.
struct TextForm: Sendable, Hashable {
    /// The regular expression, as schemas show it.
    let text: String
    let help: String
    private let pattern: Pattern?

    init(_ text: String, _ help: String) {
        self.text = text
        self.help = help
        // The forms are fixed, and a test shows that each compiles; one that did not would match nothing.
        pattern = try? Pattern(text)
    }

    func matches(_ subject: String) -> Bool { pattern?.matches(subject) ?? false }

    static let command = TextForm(
        "[a-z][a-z0-9-]{0,39}", "a name of small letters, digits and hyphens, at most 40, that begins with a letter")
    static let argument = TextForm(
        "[a-z][a-z0-9_-]{0,39}",
        "a name of small letters, digits, '_' and '-', at most 40, that begins with a letter")
    static let name = TextForm(
        "[A-Za-z0-9][A-Za-z0-9._-]{0,63}", "a name of letters, digits, '.', '_' and '-', at most 64")
    static let variable = TextForm(
        "[A-Za-z_][A-Za-z0-9_]{0,127}", "the name of an environment variable, of letters, digits and '_'")
    static let path = TextForm(
        "[A-Za-z0-9_][A-Za-z0-9_./:-]{0,199}", "a dotted path such as labels.instance")
    static let eventKind = TextForm(
        "[a-z][a-z0-9_]{0,63}", "the kind of an event, such as pull_request, of small letters, digits and '_'")
    static let commandPattern = TextForm(
        "\\*|[a-z][a-z0-9-]{0,39}( [a-z][a-z0-9-]{0,39}){0,2}( \\*)?", "a command's name, 'preview *' or '*'")
    static let slackID = TextForm("[CDG][A-Z0-9]{2,63}", "a conversation's id")
    static let slackName = TextForm("#[^\\s#@,A-Z]{1,80}", "a conversation's name after '#'")
    static let repository = TextForm("[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}", "owner/name")
    static let all = [command, argument, name, variable, path, eventKind]
}
