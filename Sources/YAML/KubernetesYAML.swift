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

    /// One object of a text, and where it begins.
    package struct Document: Sendable, Hashable {
        package var object: JSONValue
        package var place: SourceLocation
    }

    /// The objects of a text, in their order. Throws a problem with the place of what is wrong.
    package static func documents(_ text: String, file: String) throws(Problem) -> [JSONValue] {
        try placed(text, file: file).map(\.object)
    }

    /// As `documents`, each with its place: that of a list's item is its own.
    package static func placed(_ text: String, file: String) throws(Problem) -> [Document] {
        var objects: [Document] = []
        var conversion = KubernetesConversion(file: file)
        try YAMLStream.forEachDocument(text, file: file) { node throws(Problem) in
            let value = try conversion.value(node, depth: 1)
            let place = YAMLStream.location(of: node, file: file)
            if value == .null { return }
            guard value.objectValue != nil else {
                throw Problem("a manifest must be a map, and this is \(LocatedValue(value).kindName)", at: place)
            }
            objects += try expanded(value, node, at: place)
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

    /// The items of a list, which may be lists themselves; any other object as it is. Items of a typed list, such as a
    /// ConfigMapList, need not say what they are: the API server does not either.
    private static func expanded(_ object: JSONValue, _ node: Node?, at place: SourceLocation, depth: Int = 0)
        throws(Problem) -> [Document]
    {
        guard let kind = object["kind"]?.stringValue, kind.hasSuffix("List"), let items = object["items"]?.arrayValue
        else { return [Document(object: object, place: place)] }
        guard depth < 8 else { throw Problem("lists are nested deeper than 8", at: place) }
        // Nil where the items come in by a merge key: they are then placed where their list is.
        let nodes = node?.mapping?.first { $0.key.scalar?.string == "items" }?.value.sequence.map { Array($0) }
        var objects: [Document] = []
        for (index, item) in items.enumerated() {
            let itemNode = nodes.flatMap { index < $0.count ? $0[index] : nil }
            let itemPlace = itemNode.map { YAMLStream.location(of: $0, file: place.file) } ?? place
            guard var members = item.objectValue else {
                throw Problem("an item of the \(kind) is not a map", at: itemPlace)
            }
            if kind != "List" {
                members["kind"] = members["kind"] ?? .string(String(kind.dropLast(4)))
                members["apiVersion"] = members["apiVersion"] ?? object["apiVersion"]
            }
            objects += try expanded(.object(members), itemNode, at: itemPlace, depth: depth + 1)
        }
        return objects
    }
}
