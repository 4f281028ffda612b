/// One way to read the words after a command's name.
struct CommandLineReading {
    private let command: CommandDefinition
    /// Values of arguments that are not typed.
    private let known: [String: JSONValue]
    /// Arguments that words without a name go to, in their order.
    private var positional: ArraySlice<ArgumentDefinition>
    private var given: [String: JSONValue] = [:]
    private var isPlanOnly = false

    /// `skipsKnown` takes what is known already out of the positions.
    init(_ command: CommandDefinition, known: [String: JSONValue], skipsKnown: Bool = false) {
        self.command = command
        self.known = known
        positional =
            command.arguments.filter { $0.type != .flag && !(skipsKnown && known[$0.name] != nil) }[...]
    }

    /// Reads the words; `Invalid` says what is wrong and what would be right.
    consuming func read(_ words: [String]) throws(CommandLine.Invalid) -> CommandLine.Parsed {
        var reading = self
        var rest = words[...]
        while let word = rest.popFirst() {
            if word.hasPrefix("--") {
                try reading.readOption(word, &rest)
            } else {
                try reading.readWord(word)
            }
        }
        return CommandLine.Parsed(arguments: try reading.completed(), isPlanOnly: reading.isPlanOnly)
    }

    private mutating func readOption(_ word: String, _ rest: inout ArraySlice<String>) throws(CommandLine.Invalid) {
        let (name, inline) = word.dropFirst(2).splitOnce("=")
        if name == "plan", inline == nil, !command.arguments.contains(where: { $0.name == "plan" }) {
            isPlanOnly = true
            return
        }
        let argument = try argument(name)
        if argument.type == .flag {
            try set(argument, inline ?? "true")
        } else if let inline {
            try set(argument, inline)
        } else if let next = rest.popFirst() {
            try set(argument, next)
        } else {
            throw CommandLine.Invalid("'--\(name)' needs a value: \(argument.type.requirement)")
        }
    }

    private mutating func readWord(_ word: String) throws(CommandLine.Invalid) {
        let (name, inline) = word[...].splitOnce("=")
        if let inline, let argument = command.arguments.first(where: { $0.name == name }) {
            return try set(argument, inline)
        }
        while let next = positional.first, given[next.name] != nil { positional = positional.dropFirst() }
        guard let next = positional.popFirst() else {
            throw CommandLine.Invalid("'\(word)' is one word too many — usage: \(CommandLine.usage(of: command))")
        }
        try set(next, word)
    }

    private mutating func set(_ argument: ArgumentDefinition, _ text: String) throws(CommandLine.Invalid) {
        guard given[argument.name] == nil else { throw CommandLine.Invalid("'\(argument.name)' is given twice") }
        given[argument.name] = try argument.value(of: text)
    }

    private func argument(_ name: String) throws(CommandLine.Invalid) -> ArgumentDefinition {
        if let found = command.arguments.first(where: { $0.name == name }) { return found }
        let names = command.arguments.map(\.name)
        let nearest = NearestName.of(name, in: names + ["plan"])
        throw CommandLine.Invalid(
            "'\(command.name)' has no argument '\(name)'"
                + (nearest.map { " — did you mean '\($0)'?" }
                    ?? (names.isEmpty ? "" : " — it has " + names.joined(separator: ", "))))
    }

    /// Every declared argument: as it was given, as it is known, its default, or null.
    private func completed() throws(CommandLine.Invalid) -> [String: JSONValue] {
        var all = given
        for argument in command.arguments where all[argument.name] == nil {
            if let value = known[argument.name] ?? argument.defaultValue {
                all[argument.name] = value
            } else if argument.type == .flag {
                all[argument.name] = false
            } else if argument.isRequired {
                throw CommandLine.Invalid("\(argument.missing) — usage: \(CommandLine.usage(of: command))")
            } else {
                // Not the absence of a member, but the JSON value null.
                all[argument.name] = JSONValue.null
            }
        }
        return all
    }
}

extension ArgumentDefinition {
    /// Reads its value as a person wrote it. `Invalid` says what would be right.
    package func value(of text: String) throws(CommandLine.Invalid) -> JSONValue {
        if let value = type.parse(text) { return value }
        var message = "'\(text)' is not a value for '\(name)': it must be \(type.requirement)"
        if case .choice(let choices) = type, let nearest = NearestName.of(text, in: choices) {
            message += " — did you mean '\(nearest)'?"
        }
        throw CommandLine.Invalid(message)
    }

    /// What is said when it must be given and is not.
    package var missing: String { "'\(name)' is missing: \(type.requirement)" }
}

extension Substring {
    /// The text before and after the first `separator`, also where a combining mark follows it.
    fileprivate func splitOnce(_ separator: Unicode.Scalar) -> (String, String?) {
        guard let index = unicodeScalars.firstIndex(of: separator) else { return (String(self), nil) }
        return (
            String(unicodeScalars[..<index]), String(unicodeScalars[unicodeScalars.index(after: index)...])
        )
    }
}
