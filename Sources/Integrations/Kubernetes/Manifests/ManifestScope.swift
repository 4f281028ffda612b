import Domain
import YAML

/// What manifests may name: `{{images.x}}` and `{{settings.x}}` out of the settings files, `{{env.X}}` out of the
/// environment of the bot's settings, each possibly overridden by a variable of the step. When the manifests go into
/// another namespace, `{{settings.namespace}}` is that one, whatever else is said.
struct ManifestScope: Sendable {
    static let roots = ["images", "settings", "env"]

    private var values: JSONValue
    /// The settings files, for messages.
    let file: String

    /// Each file goes over those before it, value by value. `variables` are texts by dotted path; a text takes the kind
    /// of the setting that it overrides.
    init(
        files: [ManifestFolder.File], environment: [String: String], variables: [String: String],
        namespace: String? = nil
    ) throws(ActionError) {
        file = files.isEmpty ? "no settings file" : files.reversed().map(\.path).joined(separator: " or ")
        values = .object([:])
        for file in files {
            let document: JSONValue
            do {
                document = try KubernetesYAML.value(file.text, file: file.path)
            } catch {
                throw ActionError("\(file.path) cannot be read: \(error)", hint: "correct the file")
            }
            for root in ["images", "settings"] {
                guard let part = document[root] else { continue }
                values = ManifestScope.merged(values, .object([root: part]))
            }
        }
        values = ManifestScope.setting(.object(environment.mapValues(JSONValue.string)), at: ["env"], in: values)
        for (path, text) in variables.sorted(by: { $0.key < $1.key }) { try override(path, text) }
        if let namespace {
            values = ManifestScope.setting(.string(namespace), at: ["settings", "namespace"], in: values)
        }
        values = try filled(values, environment: ["env": values["env"] ?? .object([:])])
    }

    private static func merged(_ old: JSONValue?, _ new: JSONValue) -> JSONValue {
        guard case .object(var members)? = old, case .object(let others) = new else { return new }
        for (name, value) in others { members[name] = merged(members[name], value) }
        return .object(members)
    }

    /// The settings file itself may name `{{env.X}}`, and nothing else.
    private func filled(_ value: JSONValue, environment: JSONValue) throws(ActionError) -> JSONValue {
        switch value {
        case .string(let text) where text.contains("{{env."):
            do { return try Template(parsing: text).render(environment) } catch {
                throw ActionError(
                    "\(file) has '\(text)', and nothing provides it",
                    hint: "declare the variable with its default under 'variables:' in the bot's settings")
            }
        case .object(let members):
            var result: [String: JSONValue] = [:]
            for (name, member) in members { result[name] = try filled(member, environment: environment) }
            return .object(result)
        case .array(let items):
            var result: [JSONValue] = []
            for item in items { result.append(try filled(item, environment: environment)) }
            return .array(result)
        default: return value
        }
    }

    /// Nil when nothing provides it.
    func value(_ path: String) -> JSONValue? { values.at(path: path) }

    /// The known path that was most likely meant.
    func nearest(_ path: String) -> String? { NearestName.of(path, in: ManifestScope.paths(values, "")) }

    private mutating func override(_ path: String, _ text: String) throws(ActionError) {
        let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 2, ManifestScope.roots.contains(parts[0]), !parts.contains("") else {
            throw ActionError(
                "the variable '\(path)' names nothing that manifests can use",
                hint: "begin it with images., settings. or env.")
        }
        let given: JSONValue =
            switch values.at(path: path) {
            case .int?: Int64(text).map(JSONValue.int) ?? .string(text)
            case .double?: Double(text).map(JSONValue.double) ?? .string(text)
            case .bool?: ["true": .bool(true), "false": .bool(false)][text] ?? .string(text)
            default: .string(text)
            }
        values = ManifestScope.setting(given, at: parts[...], in: values)
    }

    private static func setting(_ value: JSONValue, at parts: ArraySlice<String>, in old: JSONValue) -> JSONValue {
        guard let first = parts.first else { return value }
        var members = old.objectValue ?? [:]
        members[first] = setting(value, at: parts.dropFirst(), in: members[first] ?? .null)
        return .object(members)
    }

    private static func paths(_ value: JSONValue, _ prefix: String) -> [String] {
        guard let members = value.objectValue else { return [prefix] }
        return members.flatMap { paths($0.value, prefix.isEmpty ? $0.key : "\(prefix).\($0.key)") }
    }
}
