extension CommandLine {
    /// Reads the words after a command's name. Throws `Invalid`, which says what is wrong and what would be right.
    ///
    /// `context` is what is known from where the line was typed, by name; it fills arguments that declare such a name
    /// and are not given. Words without a name then go to the other arguments where they fit there, so that on a pull
    /// request `preview create 1234567` means the commit and not another pull request's number.
    package static func parse(
        _ words: some Sequence<String>, for command: CommandDefinition, context: [String: JSONValue] = [:]
    ) throws(Invalid) -> Parsed {
        let words = Array(words)
        let known = known(from: context, for: command)
        let usual: Parsed
        do { usual = try CommandLineReading(command, known: known).read(words) } catch {
            guard let other = readingWithoutKnown(words, command, known) else { throw error }
            return other
        }
        let contradictsContext = known.contains { usual.arguments[$0.key] != $0.value }
        guard contradictsContext else { return usual }
        return readingWithoutKnown(words, command, known) ?? usual
    }

    /// The words with the known arguments taken out of the positions; nil when they cannot be read so.
    private static func readingWithoutKnown(
        _ words: [String], _ command: CommandDefinition, _ known: [String: JSONValue]
    ) -> Parsed? {
        guard !known.isEmpty else { return nil }
        // What is wrong with the usual reading is what people are told.
        return try? CommandLineReading(command, known: known, skipsKnown: true).read(words)
    }

    /// Values of arguments that the context gives; one that does not fit its argument's type gives nothing.
    private static func known(from context: [String: JSONValue], for command: CommandDefinition) -> [String: JSONValue]
    {
        var known: [String: JSONValue] = [:]
        for argument in command.arguments {
            guard let name = argument.context, let value = context[name] else { continue }
            if argument.type.accepts(value) {
                known[argument.name] = value
            } else if let read = argument.type.parse(value.plainText) {
                known[argument.name] = read
            }
        }
        return known
    }
}
