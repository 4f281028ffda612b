import Domain

/// Puts the environment's values into `defimon.yaml`: `{{env.NAME}}`.
struct EnvironmentFilling {
    let environment: [String: String]
    /// NAME → default.
    let defaults: [String: LocatedValue]
    private(set) var problems: [Problem] = []

    init(environment: [String: String], defaults: [String: LocatedValue]) {
        self.environment = environment
        self.defaults = defaults
    }

    /// The value with all texts filled in.
    mutating func fill(_ value: LocatedValue) -> LocatedValue {
        switch value.content {
        case .string(let text):
            guard text.contains("{{") else { return value }
            return LocatedValue(filled(text, at: value.location), at: value.location)
        case .array(let items):
            var filled: [LocatedValue] = []
            for item in items { filled.append(fill(item)) }
            return LocatedValue(.array(filled), at: value.location)
        case .object(let members):
            var filled: [LocatedValue.Member] = []
            for var member in members {
                member.value = fill(member.value)
                filled.append(member)
            }
            return LocatedValue(.object(filled), at: value.location)
        case .null, .bool, .int, .double: return value
        }
    }

    /// The value of a declared variable: the environment's, read as the kind that its default has, or the default.
    mutating func variable(_ name: String) -> JSONValue? {
        guard let given = environment[name] else { return defaults[name]?.json }
        guard let standard = defaults[name] else { return .string(given) }
        switch standard.content {
        case .int:
            if let number = Int64(given) { return .int(number) }
        case .bool:
            if let flag = ["true": true, "false": false][given] { return .bool(flag) }
        default: return .string(given)
        }
        problems.append(
            Problem(
                "the environment's \(name) must be \(standard.kindName), as its default is", at: standard.location,
                fix: "set it to \(standard.kindName)"))
        return standard.json
    }

    private mutating func filled(_ text: String, at location: SourceLocation) -> JSONValue {
        let template: Template
        do { template = try Template(parsing: text) } catch {
            problems.append(Problem(error.reason, at: location))
            return .string(text)
        }
        var scope: [String: JSONValue] = [:]
        for path in template.paths {
            let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2, parts[0] == "env" else {
                problems.append(
                    Problem(
                        "nothing provides {{\(path)}}", at: location,
                        fix: "in the settings only {{env.NAME}} is filled in"))
                continue
            }
            if let problem = EnvironmentFilling.secretProblem(parts[1], at: location) {
                problems.append(problem)
            } else if let value = variable(parts[1]) {
                scope[parts[1]] = value
            } else {
                problems.append(
                    Problem(
                        "the environment has no \(parts[1])", at: location,
                        fix: "set it, or give it a default: variables: {\(parts[1]): …}"))
            }
        }
        // A path that is missing has been reported; the text stays, so that its key is not said to be empty too.
        return (try? template.render(["env": .object(scope)])) ?? .string(text)
    }

    /// Secrets must not come in by a template, which prints what it holds.
    static func secretProblem(_ name: String, at location: SourceLocation) -> Problem? {
        let words = name.uppercased().split(separator: "_").map(String.init)
        let secretWords: Set<String> = ["TOKEN", "SECRET", "PASSWORD", "PASSPHRASE", "CREDENTIALS"]
        let isKey = words.last == "KEY" && words.count > 1
        guard isKey || !secretWords.isDisjoint(with: words) else { return nil }
        return Problem(
            "\(name) looks like a secret, and what a template fills in can be read by everybody", at: location,
            fix: "write {env: \(name)} where a secret is asked for")
    }
}
