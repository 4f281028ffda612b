/// Reads the inputs of an action from the `with:` of a step. One `init(_ input: inout InputReader)` of an action at
/// once decodes them, collects every problem with its place, and describes the action: each call names a field, its
/// type and its help. A field with a problem gives a harmless placeholder, so that all problems are found in one pass;
/// an action is used only when `problems` is empty after `finish()`.
package struct InputReader {
    /// One input of an action.
    package struct Field: Sendable, Hashable {
        package var name: String
        package var type: ValueType
        package var isRequired: Bool
        package var defaultText: String?
        package var help: String
        /// The fields of each value, for a map of named sections; or those of the value itself, for one section.
        package var nested: [Field] = []
        /// True when `nested` tells of the value itself.
        package var isSection = false
    }

    private enum Mode {
        case describe
        case check(typeOf: (String) -> ValueType?)
        case run
    }

    private let mode: Mode
    private let value: LocatedValue
    package private(set) var fields: [Field] = []
    package private(set) var problems: [Problem] = []
    /// Whether every member of the value is a section, so that no name is unknown.
    private var takesAnyName = false

    private init(mode: Mode, value: LocatedValue) {
        self.mode = mode
        self.value = value
        if value.members == nil, value.content != .null {
            problems.append(Problem("a map is wanted here, not \(value.kindName)", at: value.location))
        }
    }

    /// For `describe`: there are no values, only the fields matter.
    package static func describing() -> InputReader {
        InputReader(mode: .describe, value: LocatedValue(LocatedValue.Content.null, at: .none))
    }

    /// For `defimon check`: values may hold templates, whose types `typeOf` knows by path (nil: not known, which is
    /// reported elsewhere).
    package static func checking(_ value: LocatedValue, typeOf: @escaping (String) -> ValueType?) -> InputReader {
        InputReader(mode: .check(typeOf: typeOf), value: value)
    }

    /// For a run: every template has been filled in.
    package static func reading(_ value: LocatedValue) -> InputReader {
        InputReader(mode: .run, value: value)
    }

    // MARK: Fields

    /// Text that must be given.
    package mutating func text(_ name: String, _ help: String, pattern: Pattern? = nil) -> String {
        read(name, .text(pattern), help, isRequired: true)?.stringValue ?? ""
    }

    /// Text with a default.
    package mutating func text(_ name: String, _ help: String, pattern: Pattern? = nil, default: String) -> String {
        read(name, .text(pattern), help, defaultText: `default`)?.stringValue ?? `default`
    }

    /// Text that may be left out.
    package mutating func optionalText(_ name: String, _ help: String, pattern: Pattern? = nil) -> String? {
        read(name, .text(pattern), help)?.stringValue
    }

    /// A whole number that must be given.
    package mutating func integer(_ name: String, _ help: String, in range: ClosedRange<Int>) -> Int {
        read(name, .integer(range), help, isRequired: true)?.intValue ?? range.lowerBound
    }

    /// A whole number with a default.
    package mutating func integer(_ name: String, _ help: String, in range: ClosedRange<Int>, default: Int) -> Int {
        read(name, .integer(range), help, defaultText: String(`default`))?.intValue ?? `default`
    }

    /// A whole number that may be left out.
    package mutating func optionalInteger(_ name: String, _ help: String, in range: ClosedRange<Int>) -> Int? {
        read(name, .integer(range), help)?.intValue
    }

    /// A time span with a default.
    package mutating func duration(_ name: String, _ help: String, default: Duration) -> Duration {
        read(name, .duration, help, defaultText: DurationText.canonical(`default`))?.stringValue
            .flatMap(DurationText.parse) ?? `default`
    }

    /// A time span that may be left out.
    package mutating func optionalDuration(_ name: String, _ help: String) -> Duration? {
        read(name, .duration, help)?.stringValue.flatMap(DurationText.parse)
    }

    /// An amount of bytes that must be given.
    package mutating func quantity(_ name: String, _ help: String) -> Quantity {
        switch read(name, .quantity, help, isRequired: true) {
        case .string(let text)?: Quantity(text) ?? Quantity(bytes: 0)
        case .int(let bytes)?: Quantity(bytes: bytes)
        default: Quantity(bytes: 0)
        }
    }

    /// An amount of bytes that may be left out.
    package mutating func optionalQuantity(_ name: String, _ help: String) -> Quantity? {
        switch read(name, .quantity, help) {
        case .string(let text)?: Quantity(text)
        case .int(let bytes)?: Quantity(bytes: bytes)
        default: nil
        }
    }

    /// True or false.
    package mutating func flag(_ name: String, _ help: String, default: Bool = false) -> Bool {
        read(name, .flag, help, defaultText: String(`default`))?.boolValue ?? `default`
    }

    /// One of the cases of an enumeration, by its raw value.
    package mutating func choice<Choice>(_ name: String, _ help: String, of type: Choice.Type, default: Choice? = nil)
        -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        let choices = Choice.allCases.map(\.rawValue)
        let text = read(
            name, .choice(choices), help, isRequired: `default` == nil, defaultText: `default`?.rawValue)?.stringValue
        return text.flatMap(Choice.init(rawValue:)) ?? `default`
    }

    /// A list of texts; empty when it is left out.
    package mutating func texts(_ name: String, _ help: String, isRequired: Bool = false) -> [String] {
        read(name, .list(.text(nil)), help, isRequired: isRequired)?.arrayValue?.compactMap(\.stringValue) ?? []
    }

    /// A list of any values; empty when it is left out.
    package mutating func list(_ name: String, _ help: String, isRequired: Bool = false) -> [JSONValue] {
        read(name, .list(.any), help, isRequired: isRequired)?.arrayValue ?? []
    }

    /// A map of texts; empty when it is left out.
    package mutating func textMap(_ name: String, _ help: String, isRequired: Bool = false) -> [String: String] {
        read(name, .map(.text(nil)), help, isRequired: isRequired)?.objectValue?.compactMapValues(\.stringValue) ?? [:]
    }

    /// Any value; null when it is left out.
    package mutating func any(_ name: String, _ help: String, isRequired: Bool = false) -> JSONValue {
        read(name, .any, help, isRequired: isRequired) ?? .null
    }

    /// Where a secret is to be found, nil when it may be left out and is.
    package mutating func secret(_ name: String, _ help: String, isRequired: Bool = true) -> SecretReference? {
        read(name, .secret, help, isRequired: isRequired).flatMap(SecretReference.init)
    }

    /// Where several secrets are to be found; more than one is active while they rotate.
    package mutating func secrets(_ name: String, _ help: String, isRequired: Bool = false) -> [SecretReference] {
        read(name, .list(.secret), help, isRequired: isRequired)?.arrayValue?.compactMap(SecretReference.init) ?? []
    }

    /// A map from names to sections of their own, each read by `section`; empty when it is left out.
    package mutating func named<Section>(
        _ name: String, _ help: String, section: (_ name: String, _ input: inout InputReader) -> Section
    ) -> [String: Section] {
        let found = read(name, .map(.any), help)
        var description = InputReader.describing()
        _ = section("", &description)
        fields[fields.count - 1].nested = description.fields
        guard found != nil, let members = value[name]?.members else { return [:] }
        var sections: [String: Section] = [:]
        for member in members {
            var reader = InputReader(mode: mode, value: member.value)
            sections[member.name] = section(member.name, &reader)
            reader.finish()
            problems += reader.problems
        }
        return sections
    }

    /// One section of its own below a name, nil when it is left out.
    package mutating func section<Section>(
        _ name: String, _ help: String, read section: (_ input: inout InputReader) -> Section
    ) -> Section? {
        let found = read(name, .map(.any), help)
        var description = InputReader.describing()
        _ = section(&description)
        fields[fields.count - 1].nested = description.fields
        fields[fields.count - 1].isSection = true
        guard found != nil, let part = value[name] else { return nil }
        var reader = InputReader(mode: mode, value: part)
        let result = section(&reader)
        reader.finish()
        problems += reader.problems
        return result
    }

    /// Every member of this very map as a section of its own, for a section of the settings that is a map from names.
    /// Nothing else may be read from the same map.
    package mutating func everyNamed<Section>(
        _ help: String, section: (_ name: String, _ input: inout InputReader) -> Section
    ) -> [String: Section] {
        takesAnyName = true
        var description = InputReader.describing()
        _ = section("", &description)
        fields.append(
            Field(
                name: "<name>", type: .map(.any), isRequired: false, defaultText: nil, help: help,
                nested: description.fields))
        if case .describe = mode { return [:] }
        var sections: [String: Section] = [:]
        for member in value.members ?? [] {
            var reader = InputReader(mode: mode, value: member.value)
            sections[member.name] = section(member.name, &reader)
            reader.finish()
            problems += reader.problems
        }
        return sections
    }

    /// Whether a field is given, be it by a template whose value is not known yet.
    package func isGiven(_ name: String) -> Bool { value[name].map { $0.content != .null } ?? false }

    /// Whether a definition is checked, so that the files which its inputs name can be looked at before a run.
    package var isChecking: Bool { if case .check = mode { true } else { false } }

    /// The names in a map, whose values may be templates that are not known yet; nil for what is no map.
    package func memberNames(of name: String) -> [String]? { value[name]?.members?.map(\.name) }

    /// Adds problems of a file that the inputs name, each with its place there.
    package mutating func report(_ found: [Problem]) { problems += found }

    /// Adds a problem that only the action can see, at the place of a field.
    package mutating func report(_ message: String, field: String, fix: String? = nil) {
        if case .describe = mode { return }
        problems.append(Problem(message, at: value[field]?.location ?? value.location, fix: fix))
    }

    /// Ends the reading: members that no field has read are problems.
    package mutating func finish() {
        if takesAnyName { return }
        for member in value.members ?? [] where !fields.contains(where: { $0.name == member.name }) {
            let nearest = NearestName.of(member.name, in: fields.map(\.name))
            let known = fields.map(\.name).joined(separator: ", ")
            problems.append(
                Problem(
                    "unknown input '\(member.name)'", at: member.location,
                    fix: nearest.map { "did you mean '\($0)'?" } ?? "known inputs: \(known)"))
        }
    }

    private mutating func read(
        _ name: String, _ type: ValueType, _ help: String, isRequired: Bool = false, defaultText: String? = nil
    ) -> JSONValue? {
        fields.append(Field(name: name, type: type, isRequired: isRequired, defaultText: defaultText, help: help))
        if case .describe = mode { return nil }
        guard let found = value[name], found.content != .null else {
            if isRequired {
                problems.append(
                    Problem("input '\(name)' is missing", at: value.location, fix: "it is \(type.requirement)"))
            }
            return nil
        }
        if case .check(let typeOf) = mode, let verdict = checkTemplates(found, type, name, typeOf) {
            if let problem = verdict { problems.append(problem) }
            return nil
        }
        let json = found.json
        guard type.accepts(json) else {
            problems.append(
                Problem(
                    "input '\(name)' is \(shown(found, as: type)), which does not fit", at: found.location,
                    fix: "it must be \(type.requirement)"))
            return nil
        }
        return json
    }

    /// Nil when `found` holds no template and is to be read as it is; else what is wrong with it, if anything.
    private func checkTemplates(
        _ found: LocatedValue, _ type: ValueType, _ name: String, _ typeOf: (String) -> ValueType?
    ) -> Problem?? {
        var syntax: [Problem] = []
        let templates = found.templates(&syntax)
        if !syntax.isEmpty { return .some(nil) }  // the definition's own check reports them
        if templates.isEmpty { return nil }
        guard case .string = found.content, let template = templates.first?.template else { return .some(nil) }
        if let path = template.wholePath {
            guard let given = typeOf(path), !given.fits(type) else { return .some(nil) }
            return Problem(
                "input '\(name)' must be \(type.requirement), and {{\(path)}} is \(given.requirement)",
                at: found.location, fix: "declare it as type \(type.name)")
        }
        if !ValueType.text(nil).fits(type) {
            return Problem(
                "input '\(name)' must be \(type.requirement), and this is text", at: found.location,
                fix: "use one whole template, such as \"{{arguments.\(name)}}\"")
        }
        return .some(nil)
    }

    private func shown(_ value: LocatedValue, as type: ValueType) -> String {
        // Where the name of a secret is wanted, people write the secret.
        switch type {
        case .secret, .list(.secret): return value.kindName
        default: break
        }
        return switch value.content {
        case .string(let text): "'\(text.prefix(80))'"
        case .int, .double, .bool: "'\(value.json.plainText)'"
        default: value.kindName
        }
    }
}
