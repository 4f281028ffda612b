import Domain

/// Reads one map of a definition file. As with `InputReader`, one piece of code at once reads the values, collects
/// every problem with its place, and describes the keys for the schemas and the reference page: they cannot part.
struct KeyReader {
    /// What is read: "command", "step", for the words of problems.
    let shape: String
    let value: LocatedValue
    private let isDescribing: Bool
    private(set) var keys: [Key] = []
    private var others: Key?
    var problems: [Problem] = []
    /// Required keys that are not there: reported at the end, unless a misspelt one explains it.
    private var missing: [(name: String, problem: Problem)] = []
    /// When describing: every shape met on the way.
    private(set) var shapes: [String: Shape] = [:]

    /// For reading. Something that is no map is a problem, and reads as an empty one.
    init(_ value: LocatedValue, shape: String) {
        self.shape = shape
        self.value = value
        isDescribing = false
        if value.members == nil {
            problems.append(Problem("the \(shape) must be a map, and it is \(value.kindName)", at: value.location))
        }
    }

    private init(describing shape: String, shapes: [String: Shape]) {
        self.shape = shape
        value = LocatedValue(LocatedValue.Content.null, at: .none)
        isDescribing = true
        self.shapes = shapes
        self.shapes[shape] = Shape(name: shape, keys: [], others: nil)
    }

    /// All shapes that `read` meets, by name.
    static func shapes<Value>(of shape: String, _ read: (inout KeyReader) -> Value) -> [String: Shape] {
        var reader = KeyReader(describing: shape, shapes: [:])
        _ = read(&reader)
        return reader.described
    }

    private var described: [String: Shape] {
        var all = shapes
        all[shape] = Shape(name: shape, keys: keys, others: others)
        return all
    }

    // MARK: Values

    /// One value; nil when it is left out, or when it has a problem.
    mutating func one<Value>(
        _ name: String, _ kind: KeyKind, _ help: String, isRequired: Bool = false, default defaultText: String? = nil,
        _ convert: (LocatedValue) throws(Problem) -> Value
    ) -> Located<Value>? {
        guard let found = find(name, kind, help, isRequired: isRequired, default: defaultText) else { return nil }
        do throws(Problem) {
            return Located(value: try convert(found), location: found.location)
        } catch {
            problems.append(error)
            return nil
        }
    }

    /// A list; nil when it is left out. Items with problems are reported and missing.
    mutating func many<Value>(
        _ name: String, _ item: KeyKind, _ help: String, isRequired: Bool = false, atMost: Int = 100,
        _ convert: (LocatedValue) throws(Problem) -> Value
    ) -> [Located<Value>]? {
        guard let items = items(name, item, help, isRequired: isRequired, atMost: atMost) else { return nil }
        var values: [Located<Value>] = []
        for item in items {
            do throws(Problem) {
                values.append(Located(value: try convert(item), location: item.location))
            } catch { problems.append(error) }
        }
        return values
    }

    /// A map of values; empty when it is left out.
    mutating func map<Value>(
        _ name: String, _ kind: KeyKind, _ help: String, atMost: Int = 100,
        _ convert: (LocatedValue) throws(Problem) -> Value
    ) -> [(name: Located<String>, value: Located<Value>)] {
        guard let found = find(name, .map(kind), help), let members = members(found, name, atMost) else { return [] }
        var values: [(Located<String>, Located<Value>)] = []
        for member in members {
            do throws(Problem) {
                let value = Located(value: try convert(member.value), location: member.value.location)
                values.append((Located(value: member.name, location: member.location), value))
            } catch { problems.append(error) }
        }
        return values
    }

    // MARK: Maps with keys of their own

    /// One map with keys of its own; nil when it is left out.
    mutating func section<Value>(
        _ name: String, _ shape: String, _ help: String, isRequired: Bool = false, _ read: (inout KeyReader) -> Value
    ) -> Value? {
        describe(shape, read)
        guard let found = find(name, .shape(shape), help, isRequired: isRequired) else { return nil }
        return nested(found, shape, read)
    }

    /// A list of such maps; nil when it is left out.
    mutating func sections<Value>(
        _ name: String, _ shape: String, _ help: String, isRequired: Bool = false, atMost: Int = 100,
        _ read: (inout KeyReader) -> Value
    ) -> [Value]? {
        describe(shape, read)
        guard let items = items(name, .shape(shape), help, isRequired: isRequired, atMost: atMost) else { return nil }
        return items.map { nested($0, shape, read) }
    }

    /// One such map, or a list of them; empty when it is left out.
    mutating func oneOrMore<Value>(
        _ name: String, _ shape: String, _ help: String, _ read: (inout KeyReader) -> Value
    ) -> [Value] {
        describe(shape, read)
        let kind = KeyKind.either([.shape(shape), .list(.shape(shape))])
        guard let found = find(name, kind, help) else { return [] }
        return (found.items ?? [found]).map { nested($0, shape, read) }
    }

    /// A map from names to such maps; empty when it is left out.
    mutating func named<Value>(
        _ name: String, _ shape: String, _ help: String, atMost: Int = 500,
        _ read: (_ name: Located<String>, _ reader: inout KeyReader) -> Value
    ) -> [Value] {
        describe(shape) { read(Located(value: "", location: .none), &$0) }
        guard let found = find(name, .map(.shape(shape)), help), let members = members(found, name, atMost) else {
            return []
        }
        return members.map { member in
            nested(member.value, shape) { read(Located(value: member.name, location: member.location), &$0) }
        }
    }

    /// One map with keys of its own, or a list of such maps; empty when it is left out.
    mutating func sectionOrSections<Value>(
        _ name: String, _ shape: String, _ help: String, atMost: Int, _ read: (inout KeyReader) -> Value
    ) -> [Value] {
        describe(shape, read)
        guard let found = find(name, .either([.shape(shape), .list(.shape(shape))]), help) else { return [] }
        guard let items = found.items else { return [nested(found, shape, read)] }
        guard items.count <= atMost else {
            report("'\(name)' has \(items.count) items, and at most \(atMost) may stand there", at: found.location)
            return []
        }
        return items.map { nested($0, shape, read) }
    }

    /// A list whose items are texts or maps with keys of their own; nil when it is left out.
    mutating func textsOrSections<Value>(
        _ name: String, _ text: KeyKind, _ shape: String, _ help: String,
        _ convert: (LocatedValue) throws(Problem) -> Value, _ read: (inout KeyReader) -> Value
    ) -> [Value]? {
        describe(shape, read)
        let kind = KeyKind.either([text, .shape(shape)])
        guard let items = items(name, kind, help, isRequired: false, atMost: 100) else { return nil }
        var values: [Value] = []
        for item in items {
            if item.members != nil {
                values.append(nested(item, shape, read))
                continue
            }
            do throws(Problem) { values.append(try convert(item)) } catch { problems.append(error) }
        }
        return values
    }

    /// All members that no key has named, each a value of one kind. Called last.
    mutating func rest(_ name: String, _ kind: KeyKind, _ help: String) -> [LocatedValue.Member] {
        others = Key(name: name, kind: kind, isRequired: false, defaultText: nil, help: help)
        return (value.members ?? []).filter { member in !keys.contains { $0.name == member.name } }
    }

    // MARK: Ends and problems

    /// Ends the reading: a member that no key has named is a problem.
    mutating func finish() {
        let names = keys.map(\.name)
        for member in value.members ?? [] where others == nil && !names.contains(member.name) {
            let nearest = NearestName.of(member.name, in: names)
            missing.removeAll { $0.name == nearest }
            problems.append(
                Problem(
                    "unknown key '\(member.name)' in the \(shape)", at: member.location,
                    fix: nearest.map { "did you mean '\($0)'?" } ?? "known keys: \(names.joined(separator: ", "))"))
        }
        problems += missing.map(\.problem)
        missing = []
    }

    /// Adds a problem that only the reader of the map can see.
    mutating func report(_ message: String, at location: SourceLocation, fix: String? = nil) {
        if !isDescribing { problems.append(Problem(message, at: location, fix: fix)) }
    }

    private mutating func find(
        _ name: String, _ kind: KeyKind, _ help: String, isRequired: Bool = false, default defaultText: String? = nil
    ) -> LocatedValue? {
        keys.append(Key(name: name, kind: kind, isRequired: isRequired, defaultText: defaultText, help: help))
        if isDescribing { return nil }
        guard let found = value[name], found.content != .null else {
            if isRequired, value.members != nil {
                let problem = Problem(
                    "key '\(name)' of the \(shape) is missing", at: value.location, fix: "it is \(kind.requirement)")
                missing.append((name, problem))
            }
            return nil
        }
        return found
    }

    private mutating func items(
        _ name: String, _ item: KeyKind, _ help: String, isRequired: Bool, atMost: Int
    ) -> [LocatedValue]? {
        guard let found = find(name, .list(item), help, isRequired: isRequired) else { return nil }
        guard let items = found.items else {
            report(
                "'\(name)' must be a list, and it is \(found.kindName)", at: found.location, fix: "write [ ] around it")
            return nil
        }
        guard items.count <= atMost else {
            report("'\(name)' has \(items.count) items, and at most \(atMost) may stand there", at: found.location)
            return nil
        }
        return items
    }

    private mutating func members(_ found: LocatedValue, _ name: String, _ atMost: Int) -> [LocatedValue.Member]? {
        guard let members = found.members else {
            report("'\(name)' must be a map, and it is \(found.kindName)", at: found.location)
            return nil
        }
        guard members.count <= atMost else {
            report("'\(name)' has \(members.count) members, and at most \(atMost) may stand there", at: found.location)
            return nil
        }
        return members
    }

    private mutating func nested<Value>(
        _ found: LocatedValue, _ shape: String, _ read: (inout KeyReader) -> Value
    ) -> Value {
        var reader = KeyReader(found, shape: shape)
        let value = read(&reader)
        reader.finish()
        problems += reader.problems
        return value
    }

    /// Describes a nested shape, once.
    private mutating func describe<Value>(_ name: String, _ read: (inout KeyReader) -> Value) {
        guard isDescribing, shapes[name] == nil else { return }
        var reader = KeyReader(describing: name, shapes: shapes)
        _ = read(&reader)
        shapes.merge(reader.described) { _, new in new }
    }
}
