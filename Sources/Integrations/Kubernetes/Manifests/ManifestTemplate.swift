import Domain

/// Fills `{{images.x}}`, `{{settings.x}}` and `{{env.X}}` into the texts of a manifest. It works on values that are
/// read already, so that what is filled in can never become YAML of its own; every other pair of braces stays, for it
/// belongs to Grafana, Prometheus or a shell.
struct ManifestTemplate {
    /// Paths that the scope does not provide, with what is wrong.
    private(set) var missing: [String: String] = [:]
    private let scope: ManifestScope

    init(scope: ManifestScope) { self.scope = scope }

    /// The value with every template filled in; what could not be is in `missing`.
    mutating func render(_ value: JSONValue) -> JSONValue { render(value, wantsText: false, key: "") }

    /// Members whose values must be text, whatever kind the setting has.
    private static let textMaps: Set<String> = [
        "labels", "annotations", "matchLabels", "nodeSelector", "stringData", "data", "commonLabels",
    ]
    private static let textLists: Set<String> = ["args", "command", "hosts"]

    private mutating func render(_ value: JSONValue, wantsText: Bool, key: String) -> JSONValue {
        switch value {
        case .string(let text): return fill(text, wantsText: wantsText)
        case .array(let items):
            let isText = ManifestTemplate.textLists.contains(key)
            var rendered: [JSONValue] = []
            for item in items {
                rendered.append(render(item, wantsText: isText, key: key == "env" ? "env[]" : ""))
            }
            return .array(rendered)
        case .object(let members):
            var rendered: [String: JSONValue] = [:]
            for (name, member) in members {
                let isText = ManifestTemplate.textMaps.contains(key) || (key == "env[]" && name == "value")
                rendered[name] = render(member, wantsText: isText, key: name)
            }
            return .object(rendered)
        default: return value
        }
    }

    private mutating func fill(_ text: String, wantsText: Bool) -> JSONValue {
        guard text.contains("{{") else { return .string(text) }
        var result = ""
        var rest = Substring(text)
        while let open = rest.firstRange(of: "{{") {
            result += rest[..<open.lowerBound]
            let after = rest[open.upperBound...]
            guard let close = after.firstRange(of: "}}"), ManifestTemplate.isPath(after[..<close.lowerBound]) else {
                // Only the first brace is passed over: "{{{settings.x}}}" holds a template from the second one on.
                result.append("{")
                rest = rest[rest.index(after: open.lowerBound)...]
                continue
            }
            let path = String(after[..<close.lowerBound])
            let value = known(path)
            let isWhole = result.isEmpty && open.lowerBound == text.startIndex && close.upperBound == text.endIndex
            if isWhole, !wantsText { return value }
            if value.objectValue != nil || value.arrayValue != nil {
                missing[path] = "is no single value and stands within a text"
            }
            result += value.plainText
            rest = after[close.upperBound...]
        }
        return .string(result + rest)
    }

    private mutating func known(_ path: String) -> JSONValue {
        guard let value = scope.value(path), value != .null else {
            let place = path.hasPrefix("env.") ? "the environment" : scope.file
            let nearest = scope.nearest(path).map { "; did you mean {{\($0)}}?" } ?? ""
            missing[path] = "is not in \(place)\(nearest)"
            return .string("")
        }
        return value
    }

    private static func isPath(_ text: Substring) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count >= 2 && ManifestScope.roots.contains(String(parts[0]))
            && parts.allSatisfy { part in
                !part.isEmpty
                    && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
            }
    }
}
