import Domain

/// How two states of an object differ, field by field, in what people set: what the server writes by itself is left
/// out.
struct FieldDifference {
    /// Lines that are shown of one object.
    static let mostLines = 20

    private var lines: [String] = []
    private let isSecret: Bool

    /// `spec.replicas: 2 → 3`, one line a field; empty when nothing differs.
    static func lines(from old: ClusterObject, to new: ClusterObject) -> [String] {
        var difference = FieldDifference(isSecret: new.kind == "Secret")
        difference.compare(cleaned(old.json), cleaned(new.json), [])
        let lines = difference.lines
        guard lines.count > mostLines else { return lines }
        return lines.prefix(mostLines) + ["and \(lines.count - mostLines) more fields"]
    }

    private init(isSecret: Bool) { self.isSecret = isSecret }

    private static let serverMetadata = [
        "managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink", "deletionTimestamp",
        "deletionGracePeriodSeconds",
    ]
    private static let serverAnnotations = [
        "deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration",
        "deprecated.daemonset.template.generation",
    ]

    private static func cleaned(_ object: JSONValue) -> JSONValue {
        guard case .object(var members) = object else { return object }
        members["status"] = nil
        if case .object(var metadata)? = members["metadata"] {
            for name in serverMetadata { metadata[name] = nil }
            if case .object(var annotations)? = metadata["annotations"] {
                for name in serverAnnotations { annotations[name] = nil }
                metadata["annotations"] = annotations.isEmpty ? nil : .object(annotations)
            }
            members["metadata"] = .object(metadata)
        }
        return .object(members)
    }

    private mutating func compare(_ old: JSONValue?, _ new: JSONValue?, _ path: [String]) {
        guard old != new else { return }
        switch (old, new) {
        case (.object(let before)?, .object(let after)?):
            for key in Set(before.keys).union(after.keys).sorted() {
                compare(before[key], after[key], path + [key])
            }
        case (.array(let before)?, .array(let after)?): compare(before, after, path)
        default: lines.append(line(old, new, path))
        }
    }

    private mutating func compare(_ old: [JSONValue], _ new: [JSONValue], _ path: [String]) {
        let before = FieldDifference.named(old)
        let after = FieldDifference.named(new)
        if let before, let after {
            let order = new.compactMap { $0["name"]?.stringValue } + before.keys.filter { after[$0] == nil }.sorted()
            for name in order { compare(before[name], after[name], FieldDifference.item(path, name)) }
        } else {
            for index in 0..<max(old.count, new.count) {
                compare(
                    index < old.count ? old[index] : nil, index < new.count ? new[index] : nil,
                    FieldDifference.item(path, String(index)))
            }
        }
    }

    /// Items by their `name`, when each has one of its own: containers, variables, ports, volumes.
    private static func named(_ items: [JSONValue]) -> [String: JSONValue]? {
        var found: [String: JSONValue] = [:]
        for item in items {
            guard let name = item["name"]?.stringValue, found[name] == nil else { return nil }
            found[name] = item
        }
        return found
    }

    private static func item(_ path: [String], _ name: String) -> [String] {
        guard let last = path.last else { return ["[\(name)]"] }
        return path.dropLast() + ["\(last)[\(name)]"]
    }

    private func line(_ old: JSONValue?, _ new: JSONValue?, _ path: [String]) -> String {
        let place = path.joined(separator: ".")
        if isSecret, ["data", "stringData"].contains(path.first) {
            return "\(place): " + (old == nil ? "added" : new == nil ? "removed" : "changed") + " (\(Redactor.mark))"
        }
        switch (old, new) {
        case (nil, let new?): return "\(place): + \(FieldDifference.shown(new))"
        case (let old?, nil): return "\(place): - \(FieldDifference.shown(old))"
        case (.string(let before)?, .string(let after)?) where before.contains("\n") || after.contains("\n"):
            let counts = [before, after].map { $0.split(separator: "\n", omittingEmptySubsequences: false).count }
            return "\(place): text of \(counts[0]) lines → \(counts[1]) lines"
        default: return "\(place): \(FieldDifference.shown(old ?? .null)) → \(FieldDifference.shown(new ?? .null))"
        }
    }

    private static func shown(_ value: JSONValue) -> String {
        let text = value.stringValue ?? value.canonicalText
        return text.count > 80 ? String(text.prefix(77)) + "…" : text
    }
}
