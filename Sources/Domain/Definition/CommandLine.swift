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
        var word = String.UnicodeScalarView()
        var isInWord = false
        var quote: Unicode.Scalar?
        // By scalars: a quote with a combining mark behind it is one character, and no quote to Swift.
        for character in text.unicodeScalars {
            if let open = quote {
                if character == open { quote = nil } else { word.append(character) }
                continue
            }
            switch character {
            case "\"", "'": (quote, isInWord) = (character, true)
            case "“", "”": (quote, isInWord) = ("”", true)
            case _ where character.properties.isWhitespace:
                if isInWord { words.append(String(word)) }
                (word, isInWord) = (.init(), false)
            // Chats turn two hyphens into a dash.
            case "—" where !isInWord, "–" where !isInWord: (word, isInWord) = (.init("--".unicodeScalars), true)
            default:
                word.append(character)
                isInWord = true
            }
        }
        guard quote == nil else { throw Invalid("a quote is opened and never closed") }
        if isInWord { words.append(String(word)) }
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
                if value == false, argument.defaultValue == true { words.append("\(argument.name)=false") }
                continue
            }
            if value == .null || value == argument.defaultValue {
                canBePositional = false
                continue
            }
            let text = value.plainText
            // What could be read as an option, or as another argument's name and value, stands behind its own name.
            let isPlain = text.unicodeScalars.first != "-" && !text.unicodeScalars.contains("=")
            words.append(
                canBePositional && argument.isRequired && isPlain ? quoted(text) : "\(argument.name)=\(quoted(text))")
        }
        if parsed.isPlanOnly { words.append("--plan") }
        return words.joined(separator: " ")
    }

    /// The text as one word, which `words` reads as exactly this text.
    static func quoted(_ text: String) -> String {
        let needsQuotes = text.unicodeScalars.contains {
            $0.properties.isWhitespace || "\"'“”—–".unicodeScalars.contains($0)
        }
        guard text.isEmpty || needsQuotes else { return text }
        // A double quote stands between single ones.
        return text.unicodeScalars.split(separator: "\"", omittingEmptySubsequences: false)
            .map { "\"" + String($0) + "\"" }.joined(separator: "'\"'")
    }
}
