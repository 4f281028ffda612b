import Domain
import Yams

/// Turns nodes into values as go-yaml 2 and sigs.k8s.io/yaml do.
struct KubernetesConversion {
    let file: String
    private var values = 0
    private var bytes = 0

    init(file: String) { self.file = file }

    /// Throws when it is too deep, when following aliases makes too much of it, or when a value has no JSON form.
    mutating func value(_ node: Node, depth: Int) throws(Problem) -> JSONValue {
        guard depth <= YAMLStream.deepest else {
            throw problem("maps and lists are nested deeper than \(YAMLStream.deepest)", node)
        }
        values += 1
        guard values <= KubernetesYAML.mostValues else {
            throw problem("with its aliases this is more than \(KubernetesYAML.mostValues) values", node)
        }
        switch node {
        case .scalar(let scalar): return try self.scalar(scalar, node)
        case .sequence(let sequence):
            var items: [JSONValue] = []
            for item in sequence { items.append(try value(item, depth: depth + 1)) }
            return .array(items)
        case .mapping(let mapping): return .object(try members(mapping, depth))
        case .alias: throw problem("this alias is not known", node)
        }
    }

    private mutating func scalar(_ scalar: Node.Scalar, _ node: Node) throws(Problem) -> JSONValue {
        bytes += scalar.string.utf8.count
        guard bytes <= KubernetesYAML.mostBytes else {
            throw problem("with its aliases this is more than \(KubernetesYAML.mostBytes / 1_048_576) MiB", node)
        }
        let tag = node.tag.rawValue
        switch tag {
        case YAMLStream.plain where scalar.style == .plain, Tag.Name.timestamp.rawValue:
            return try typed(scalar.string, node)
        case YAMLStream.plain, Tag.Name.str.rawValue, Tag.Name.nonSpecific.rawValue: return .string(scalar.string)
        case Tag.Name.int.rawValue, Tag.Name.float.rawValue, Tag.Name.bool.rawValue, Tag.Name.null.rawValue:
            let found = try typed(scalar.string, node)
            if KubernetesTyping.fits(found, tag: tag) { return found }
            throw problem("'\(scalar.string)' is no \(tag.split(separator: ":").last ?? "")", node)
        default: throw problem("the tag \(tag) is not known to Kubernetes' tools", node)
        }
    }

    private func typed(_ text: String, _ node: Node) throws(Problem) -> JSONValue {
        let value = KubernetesTyping.value(of: text)
        if case .double(let number) = value, !number.isFinite { throw problem("'\(text)' has no form in JSON", node) }
        return value
    }

    private mutating func members(_ mapping: Node.Mapping, _ depth: Int) throws(Problem) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        var merged: [String: JSONValue] = [:]
        for (key, item) in mapping {
            if KubernetesConversion.isMerge(key) {
                merged.merge(try self.merged(item, depth + 1)) { first, _ in first }
                continue
            }
            let name = try self.name(key)
            guard members[name] == nil else { throw problem("'\(name)' is written twice in one map", key) }
            members[name] = try value(item, depth: depth + 1)
        }
        return members.merging(merged) { own, _ in own }
    }

    /// What a merge key brings in: a map, or a list of maps, of which the first one that has a member gives it.
    private mutating func merged(_ node: Node, _ depth: Int) throws(Problem) -> [String: JSONValue] {
        switch node {
        case .mapping(let mapping):
            guard depth <= YAMLStream.deepest else { throw problem("maps are merged too deep", node) }
            values += 1
            guard values <= KubernetesYAML.mostValues else {
                throw problem("with its aliases this is more than \(KubernetesYAML.mostValues) values", node)
            }
            return try members(mapping, depth)
        case .sequence(let sequence):
            var members: [String: JSONValue] = [:]
            for item in sequence {
                guard case .mapping = item else { throw problem("'<<' takes maps", item) }
                members.merge(try merged(item, depth + 1)) { first, _ in first }
            }
            return members
        case .scalar, .alias: throw problem("'<<' takes a map or a list of maps", node)
        }
    }

    private static func isMerge(_ key: Node) -> Bool {
        guard case .scalar(let scalar) = key, scalar.string == "<<" else { return false }
        return (key.tag.rawValue == YAMLStream.plain && scalar.style == .plain)
            || key.tag.rawValue == Tag.Name.merge.rawValue
    }

    /// A key as sigs.k8s.io/yaml writes it: `8080` and `true` become text, `yes` becomes "true".
    private mutating func name(_ key: Node) throws(Problem) -> String {
        guard case .scalar(let scalar) = key else { throw problem("a name in a map must be plain text", key) }
        switch try self.scalar(scalar, key) {
        case .string(let text): return text
        case .int(let number): return String(number)
        case .bool(let flag): return flag ? "true" : "false"
        case .double(let number): return JSONValue.double(number).plainText
        case .null, .array, .object: throw problem("a name in a map must be text", key)
        }
    }

    private func problem(_ message: String, _ node: Node) -> Problem {
        Problem(message, at: YAMLStream.location(of: node, file: file))
    }
}
