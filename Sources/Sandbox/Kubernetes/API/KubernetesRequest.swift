import Domain
import Foundation

/// A request to the API, taken apart.
struct KubernetesRequest: Sendable {
    var method: String
    /// Without the query.
    var path: String
    var query: [String: String]
    /// Names in lower case.
    var headers: [String: String]
    var body: [UInt8]

    init(method: String, uri: String, headers: [String: String], body: [UInt8]) {
        self.method = method
        self.headers = headers
        self.body = body
        let parts = URLComponents(string: uri)
        path = parts?.path ?? uri
        query = Dictionary(
            (parts?.queryItems ?? []).map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 })
    }

    func isTrue(_ name: String) -> Bool { ["true", "1"].contains(query[name]) }

    var isDryRun: Bool { query["dryRun"] == "All" }
    var isWatch: Bool { isTrue("watch") }
    var contentType: String {
        (headers["content-type"] ?? "").split(separator: ";").first.map { $0.trimmingCharacters(in: .whitespaces) }
            ?? ""
    }

    /// Who changes the object where no field manager is given: the first part of the user agent.
    var manager: String {
        if let manager = query["fieldManager"], !manager.isEmpty { return manager }
        return headers["user-agent"]?.split(separator: "/").first.map(String.init) ?? "unknown"
    }
}

/// What a path names.
struct ResourcePath: Sendable, Hashable {
    var kind: ResourceKind
    /// Empty for objects without one and for lists over all.
    var namespace = ""
    var name: String?
    var subresource: String?

    /// What a path can be.
    enum Reading: Sendable {
        case resource(ResourcePath)
        /// A resource of Kubernetes that is not served here.
        case notServed(String)
        /// No resource at all.
        case other
    }

    static func read(_ path: String, _ kinds: ServedKinds) -> Reading {
        let all = path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        let group: String
        let version: String
        var rest: ArraySlice<String>
        if all.first == "api", all.count >= 3 {
            (group, version, rest) = ("", all[1], all[2...])
        } else if all.first == "apis", all.count >= 4 {
            (group, version, rest) = (all[1], all[2], all[3...])
        } else {
            return .other
        }
        var namespace = ""
        let ownParts: Set<String> = ["status", "finalize"]
        if rest.first == "namespaces", rest.count >= 3, !(group.isEmpty && ownParts.contains(rest[rest.startIndex + 2]))
        {
            namespace = rest[rest.startIndex + 1]
            rest = rest.dropFirst(2)
        }
        guard let plural = rest.first, rest.count <= 3 else { return .other }
        guard let kind = kinds.find(group: group, version: version, plural: plural) else {
            // A group of nobody's, or of a definition that is not established: the real server does not know it either.
            if group.contains("."), !group.hasSuffix(".k8s.io") { return .other }
            return .notServed(group.isEmpty ? plural : "\(plural).\(group) in version \(version)")
        }
        guard namespace.isEmpty || kind.isNamespaced else { return .other }
        let parts = Array(rest.dropFirst())
        let reading = ResourcePath(
            kind: kind, namespace: namespace, name: parts.first, subresource: parts.count > 1 ? parts[1] : nil)
        if kind.isNamespaced, namespace.isEmpty, reading.name != nil { return .other }
        return .resource(reading)
    }

    /// The path with its names left out, by which requests are counted.
    var pattern: String {
        var text = kind.group.isEmpty ? "/api/\(kind.version)" : "/apis/\(kind.group)/\(kind.version)"
        if !namespace.isEmpty { text += "/namespaces/{namespace}" }
        text += "/\(kind.plural)"
        if name != nil { text += "/{name}" }
        if let subresource { text += "/\(subresource)" }
        return text
    }
}
