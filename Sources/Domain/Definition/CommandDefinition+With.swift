extension CommandDefinition {
    /// The arguments that a definition's `with` gives, filled in from `scope` and read as if a person had typed them by
    /// name. Throws `Invalid`, which says what is wrong.
    package func arguments(from with: [LocatedValue.Member], _ scope: JSONValue) throws(CommandLine.Invalid)
        -> CommandLine.Parsed
    {
        var words: [String] = []
        for member in with {
            let value: JSONValue
            do { value = try member.value.rendered(scope).json } catch let error as Template.Missing {
                throw CommandLine.Invalid("argument '\(member.name)': nothing provides {{\(error.path)}}")
            } catch {
                throw CommandLine.Invalid("argument '\(member.name)' cannot be filled in")
            }
            if value != .null { words.append("--\(member.name)=\(value.plainText)") }
        }
        return try CommandLine.parse(words, for: self)
    }
}
