import Domain
import Foundation

/// A label selector as a query gives it: `app=web,tier!=db,env in (a,b),canary,!old`.
struct LabelSelector: Sendable {
    enum Requirement: Sendable {
        case among(String, Set<String>)
        case notAmong(String, Set<String>)
        case exists(String)
        case missing(String)
    }

    var requirements: [Requirement] = []

    /// Throws 400 when the text is no selector.
    init(_ text: String) throws {
        for part in LabelSelector.parts(text) where !part.isEmpty { requirements.append(try LabelSelector.read(part)) }
    }

    /// The selector of a workload's spec (`matchLabels` and `matchExpressions`).
    init(spec: JSONValue?) {
        for (name, value) in KubernetesObject.strings(spec?["matchLabels"]) {
            requirements.append(.among(name, [value]))
        }
        for expression in spec?["matchExpressions"]?.arrayValue ?? [] {
            let key = expression["key"]?.stringValue ?? ""
            let values = Set(expression["values"]?.arrayValue?.compactMap(\.stringValue) ?? [])
            switch expression["operator"]?.stringValue {
            case "In": requirements.append(.among(key, values))
            case "NotIn": requirements.append(.notAmong(key, values))
            case "Exists": requirements.append(.exists(key))
            default: requirements.append(.missing(key))
            }
        }
    }

    func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy {
            switch $0 {
            case .among(let key, let values): labels[key].map(values.contains) ?? false
            case .notAmong(let key, let values): !(labels[key].map(values.contains) ?? false)
            case .exists(let key): labels[key] != nil
            case .missing(let key): labels[key] == nil
            }
        }
    }

    /// Splits at commas outside parentheses.
    private static func parts(_ text: String) -> [String] {
        var parts = [""]
        var depth = 0
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ",", depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
        }
        return parts.map { $0.trimmingCharacters(in: .whitespaces) }
    }

    private static func read(_ part: String) throws -> Requirement {
        for (sign, isWanted) in [("!=", false), ("==", true), ("=", true)] {
            guard let range = part.range(of: sign) else { continue }
            let key = part[..<range.lowerBound].trimmingCharacters(in: .whitespaces)
            let value = part[range.upperBound...].trimmingCharacters(in: .whitespaces)
            guard !key.isEmpty else { break }
            return isWanted ? .among(key, [value]) : .notAmong(key, [value])
        }
        let words = part.split(separator: " ", maxSplits: 1).map(String.init)
        for (sign, isWanted) in [("notin", false), ("in", true)] {
            guard words.count == 2 else { break }
            let list = words[1].trimmingCharacters(in: .whitespaces)
            guard list.hasPrefix(sign) else { continue }
            let inner = list.dropFirst(sign.count).trimmingCharacters(in: .whitespaces)
            guard inner.hasPrefix("("), inner.hasSuffix(")") else { continue }
            let values = Set(
                inner.dropFirst().dropLast().split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
            return isWanted ? .among(words[0], values) : .notAmong(words[0], values)
        }
        guard words.count == 1 else {
            throw KubernetesStatus.badRequest(
                "unable to parse requirement: found '\(part)', expected: in, notin, =, ==, !=")
        }
        return part.hasPrefix("!")
            ? .missing(part.dropFirst().trimmingCharacters(in: .whitespaces)) : .exists(part)
    }
}

/// A field selector: `metadata.name=web,status.phase!=Running`.
struct FieldSelector: Sendable {
    private struct Requirement: Sendable {
        var path: [String]
        var value: String
        var isWanted: Bool
    }

    private var requirements: [Requirement] = []

    /// Throws 400 when the text is none, or names a field that this kind cannot be selected by.
    init(_ text: String, _ kind: ResourceKind) throws {
        for part in text.split(separator: ",") {
            let isWanted = !part.contains("!=")
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else {
                throw KubernetesStatus.badRequest("invalid selector: '\(text)'; can't understand '\(part)'")
            }
            var field = String(sides[0])
            var value = String(sides[1])
            if field.hasSuffix("!") { field.removeLast() }
            if value.hasPrefix("=") { value.removeFirst() }
            guard FieldSelector.fields(kind).contains(field) else {
                throw KubernetesStatus.badRequest("field label not supported: \(field)")
            }
            requirements.append(
                Requirement(path: field.split(separator: ".").map(String.init), value: value, isWanted: isWanted))
        }
    }

    private static func fields(_ kind: ResourceKind) -> Set<String> {
        let more: [ResourceKind: [String]] = [
            .pod: [
                "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
                "status.phase", "status.podIP", "status.nominatedNodeName",
            ],
            .event: [
                "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
                "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
                "reportingComponent", "source", "type",
            ],
            .namespace: ["status.phase"], .secret: ["type"], .job: ["status.successful"],
            .service: ["spec.clusterIP", "spec.type"], .node: ["spec.unschedulable"],
            .replicaSet: ["status.replicas"],
        ]
        return Set(["metadata.name", "metadata.namespace"] + (more[kind] ?? []))
    }

    func matches(_ object: KubernetesObject) -> Bool {
        requirements.allSatisfy { requirement in
            var value: JSONValue? = object.json
            for name in requirement.path { value = value?[name] }
            return (value?.plainText ?? "") == requirement.value ? requirement.isWanted : !requirement.isWanted
        }
    }
}

/// Which objects of a kind a request is about.
struct ObjectFilter: Sendable {
    var kind: ResourceKind
    /// Nil: all namespaces.
    var namespace: String?
    var name: String?
    var labels: LabelSelector
    var fields: FieldSelector

    init(_ path: ResourcePath, _ request: KubernetesRequest) throws {
        kind = path.kind
        namespace = path.namespace.isEmpty ? nil : path.namespace
        name = path.name
        labels = try LabelSelector(request.query["labelSelector"] ?? "")
        fields = try FieldSelector(request.query["fieldSelector"] ?? "", path.kind)
    }

    func matches(_ object: KubernetesObject) -> Bool {
        (namespace == nil || object.namespace == namespace) && (name == nil || object.name == name)
            && labels.matches(object.labels) && fields.matches(object)
    }
}
