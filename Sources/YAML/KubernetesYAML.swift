package import Domain
import Yams

/// Reads Kubernetes manifests with the typing of its tools (sigs.k8s.io/yaml, which is go-yaml 2: YAML 1.1 but for
/// base-60 numbers and timestamps). Anchors, aliases and merge keys are followed, within a bound; empty documents are
/// left out and lists (`kind: List`) are taken apart.
package enum KubernetesYAML {
    /// The most values that a text may grow to when its aliases are followed.
    package static let mostValues = 200_000
    /// The most bytes of text that it may grow to.
    package static let mostBytes = 16 * 1024 * 1024

    /// The objects of a text, in their order. Throws a problem with the place of what is wrong.
    package static func documents(_ text: String, file: String) throws(Problem) -> [JSONValue] {
        var objects: [JSONValue] = []
        var conversion = KubernetesConversion(file: file)
        try YAMLStream.forEachDocument(text, file: file) { node throws(Problem) in
            let value = try conversion.value(node, depth: 1)
            let place = YAMLStream.location(of: node, file: file)
            if value == .null { return }
            guard value.objectValue != nil else {
                throw Problem("a manifest must be a map, and this is \(LocatedValue(value).kindName)", at: place)
            }
            objects += try expanded(value, at: place)
        }
        return objects
    }

    /// One value with Kubernetes' typing: the text of a settings file or a patch.
    package static func value(_ text: String, file: String) throws(Problem) -> JSONValue {
        var values: [JSONValue] = []
        var conversion = KubernetesConversion(file: file)
        try YAMLStream.forEachDocument(text, file: file) { node throws(Problem) in
            values.append(try conversion.value(node, depth: 1))
        }
        guard values.count <= 1 else {
            throw Problem(
                "this file holds \(values.count) documents, and one is wanted",
                at: SourceLocation(file: file, line: 1, column: 1))
        }
        return values.first ?? .null
    }

    /// The items of a list, which may be lists themselves; any other object as it is.
    private static func expanded(_ object: JSONValue, at place: SourceLocation, depth: Int = 0) throws(Problem)
        -> [JSONValue]
    {
        guard let kind = object["kind"]?.stringValue, kind.hasSuffix("List"), let items = object["items"]?.arrayValue
        else { return [object] }
        guard depth < 8 else { throw Problem("lists are nested deeper than 8", at: place) }
        var objects: [JSONValue] = []
        for item in items {
            guard item.objectValue != nil else { throw Problem("an item of the \(kind) is not a map", at: place) }
            objects += try expanded(item, at: place, depth: depth + 1)
        }
        return objects
    }
}
