/// Splits and reads what a person typed after `/defimon`.
package enum CommandLine {
    /// The longest command line, in UTF-8 bytes.
    package static let longest = 4000

    /// What is wrong with a command line, for the person who typed it.
    package struct Invalid: Error, Sendable, Hashable {
        package var message: String
        package init(_ message: String) { self.message = message }
    }

    /// Splits into words; quotes ("…", '…', and the typographic ones that chats put in) hold one together.
    package static func words(_ text: String) throws(Invalid) -> [String] {
        guard text.utf8.count <= longest else { throw Invalid("the command is longer than \(longest) bytes") }
        var words: [String] = []
        var word = ""
        var isInWord = false
        var quote: Character?
        for character in text {
            if let open = quote {
                if character == open { quote = nil } else { word.append(character) }
                continue
            }
            switch character {
            case "\"", "'": (quote, isInWord) = (character, true)
            case "“", "”": (quote, isInWord) = ("”", true)
            case _ where character.isWhitespace:
                if isInWord { words.append(word) }
                (word, isInWord) = ("", false)
            // Chats turn two hyphens into a dash.
            case "—" where !isInWord, "–" where !isInWord: (word, isInWord) = ("--", true)
            default:
                word.append(character)
                isInWord = true
            }
        }
        guard quote == nil else { throw Invalid("a quote is opened and never closed") }
        if isInWord { words.append(word) }
        return words
    }

    /// A command's arguments, and the options that every command has.
    package struct Parsed: Sendable, Hashable {
        /// Every declared argument; null where none was given and there is no default.
        package var arguments: [String: JSONValue]
        package var isPlanOnly: Bool

        package init(arguments: [String: JSONValue], isPlanOnly: Bool) {
            self.arguments = arguments
            self.isPlanOnly = isPlanOnly
        }
    }

    /// `deploy <pool> [--image-tag <text>] [--plan]`.
    package static func usage(of command: CommandDefinition) -> String {
        let arguments = command.arguments.map { argument in
            if argument.type == .flag { return "[--\(argument.name)]" }
            let shown =
                if case .choice(let choices) = argument.type, choices.count <= 6 { choices.joined(separator: "|") } else
                {
                    argument.name
                }
            return argument.isRequired ? "<\(shown)>" : "[\(argument.name)=<\(shown)>]"
        }
        return ([command.name] + arguments + ["[--plan]"]).joined(separator: " ")
    }

    /// The command line that gives these arguments, in its shortest form.
    package static func text(of command: CommandDefinition, _ parsed: Parsed) -> String {
        var words = [command.name]
        var canBePositional = true
        for argument in command.arguments {
            let value = parsed.arguments[argument.name] ?? .null
            if argument.type == .flag {
                if value == true { words.append("--\(argument.name)") }
                continue
            }
            if value == .null || value == argument.defaultValue {
                canBePositional = false
                continue
            }
            let text = quoted(value.plainText)
            words.append(canBePositional && argument.isRequired ? text : "\(argument.name)=\(text)")
        }
        if parsed.isPlanOnly { words.append("--plan") }
        return words.joined(separator: " ")
    }

    private static func quoted(_ text: String) -> String {
        text.isEmpty || text.contains(where: { $0.isWhitespace || "\"'“”".contains($0) })
            ? "\"" + text.replacing("\"", with: "'") + "\"" : text
    }
}
