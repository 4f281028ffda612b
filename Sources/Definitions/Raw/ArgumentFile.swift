import Domain

/// One argument as a command's file writes it.
struct ArgumentFile: Sendable {
    var name: Located<String>
    var type: ValueType
    var help: String
    var isOptional: Bool
    var defaultValue: LocatedValue?
    var context: String?

    /// What may be known from where a command is typed.
    static let contexts = ["repository", "pull_request"]
    /// The names of types in definitions.
    static let types = ["text", "integer", "quantity", "duration", "choice", "flag", "person", "git-ref"]

    /// Reads the map under an argument's name.
    init(_ reader: inout KeyReader, name: Located<String>) {
        self.name = name
        let typeName = reader.one(
            "type", .choice(ArgumentFile.types), "What values it takes", isRequired: true,
            Convert.choice("a type", of: ArgumentFile.types))
        let pattern = reader.one(
            "pattern", .pattern, "For text: what the whole of it must match", Convert.pattern)
        let range = Int.min...Int.max
        let least = reader.one(
            "min", .integer(range), "For integer: the least value", Convert.integer("'min'", in: range))
        let most = reader.one(
            "max", .integer(range), "For integer: the greatest value", Convert.integer("'max'", in: range))
        let choices = reader.many(
            "choices", .text(nil), "For choice: the values", Convert.text(nil, "a choice"))
        help = reader.one("help", .text(nil), "One line for people", Convert.text(nil, "'help'"))?.value ?? ""
        isOptional =
            reader.one(
                "optional", .flag, "Whether it may be left out", default: "false", Convert.flag("'optional'"))?.value
            ?? false
        defaultValue =
            reader.one(
                "default", .anything, "Its value when it is left out; a text may name settings, as {{pool.namespace}}"
            ) { value throws(Problem) in value }?.value
        context =
            reader.one(
                "context", .choice(ArgumentFile.contexts),
                "What gives its value when it is not typed: the repository or the pull request where it was asked",
                Convert.choice("'context'", of: ArgumentFile.contexts))?.value

        for (key, place, owner) in [
            ("pattern", pattern?.location, "text"), ("min", least?.location, "integer"),
            ("max", most?.location, "integer"), ("choices", reader.value["choices"]?.location, "choice"),
        ] {
            if let place, let typeName, typeName.value != owner {
                reader.report(
                    "'\(key)' belongs to type \(owner), and this is \(typeName.value)", at: place, fix: "remove it")
            }
        }
        if let least, let most, least.value > most.value {
            reader.report("'min' is greater than 'max'", at: least.location)
        }
        type =
            switch typeName?.value {
            case "text": .text(pattern?.value)
            case "integer":
                least == nil && most == nil
                    ? .integer(nil) : .integer((least?.value ?? .min)...max(least?.value ?? .min, most?.value ?? .max))
            case "quantity": .quantity
            case "duration": .duration
            case "choice": .choice(choices?.map(\.value) ?? [])
            case "flag": .flag
            case "person": .person
            case "git-ref": .gitRef
            default: .any
            }
        if case .choice(let values) = type { checkChoices(values, choices, &reader) }
        checkDefault(&reader)
    }

    private func checkChoices(_ values: [String], _ choices: [Located<String>]?, _ reader: inout KeyReader) {
        if values.isEmpty, reader.value["choices"] == nil {
            reader.report(
                "argument '\(name.value)' has no choices", at: reader.value.location, fix: "add choices: [a, b]")
        }
        for (index, choice) in (choices ?? []).enumerated() where values[..<index].contains(choice.value) {
            reader.report("choice '\(choice.value)' is written twice", at: choice.location, fix: "remove one of them")
        }
    }

    private func checkDefault(_ reader: inout KeyReader) {
        guard let defaultValue else { return }
        if let text = defaultValue.json.stringValue, case .text = type, text.contains("{{") {
            // What it comes to is known with the pool that is asked for.
            do { _ = try Template(parsing: text) } catch { reader.report(error.reason, at: defaultValue.location) }
        } else if !type.accepts(defaultValue.json) {
            reader.report(
                "the default of '\(name.value)' does not fit: it must be \(type.requirement)", at: defaultValue.location
            )
        }
        if isOptional, let place = reader.value["optional"]?.location {
            reader.report(
                "argument '\(name.value)' has a default, so it may be left out anyway", at: place,
                fix: "remove 'optional'")
        }
    }
}
