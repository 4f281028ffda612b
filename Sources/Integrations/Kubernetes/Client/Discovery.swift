import Domain
import Synchronization

/// Which kinds the API server knows and where: all of them in one answer where the server has aggregated discovery
/// (kubernetes.io/docs/concepts/overview/kubernetes-api, "Aggregated discovery"), else per group and version. Kept, and
/// asked again for a kind that is not among them: its CustomResourceDefinition may be new.
final class Discovery: Sendable {
    private struct State {
        /// By `apiVersion`.
        var known: [String: [ResourceType]] = [:]
        /// Questions under way, by path: whoever asks the same meanwhile waits for that answer.
        var asking: [String: Task<[String: [ResourceType]], any Error>] = [:]
        /// Whether the server has the one answer; nil until it was asked.
        var isAggregated: Bool?
    }

    private static let aggregated =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"

    private let state = Mutex(State())

    /// Nil when the server does not know the kind. Throws `KubernetesError`.
    func type(apiVersion: String, kind: String, client: KubernetesClient) async throws -> ResourceType? {
        if let found = state.withLock({ $0.known[apiVersion]?.first { $0.kind == kind } }) { return found }
        if state.withLock({ $0.isAggregated ?? true }) {
            let root = apiVersion.contains("/") ? "/apis" : "/api"
            let all = try await once(root) { try await self.all(root, client) }
            if let found = all[apiVersion]?.first(where: { $0.kind == kind }) { return found }
            // A group that its own server answers for may be missing or stale in the one answer.
            if state.withLock({ $0.isAggregated ?? false }), all[apiVersion] != nil { return nil }
        }
        let path = Discovery.path(apiVersion)
        return try await once(path) { [apiVersion: try await self.group(apiVersion, path, client)] }[apiVersion]?
            .first { $0.kind == kind }
    }

    /// A kind by its group, in the version that the server prefers, or in another where that one lacks it. Nil when the
    /// server does not know it. Throws `KubernetesError`.
    func type(group: String, kind: String, client: KubernetesClient) async throws -> ResourceType? {
        guard !group.isEmpty else { return try await type(apiVersion: "v1", kind: kind, client: client) }
        let found: JSONValue
        do {
            found = try await client.json("GET", "/apis/" + ResourceType.escaped(group))
        } catch let error as KubernetesError where error.isNotFound {
            return nil
        }
        var versions = (found["versions"]?.arrayValue ?? []).compactMap { $0["groupVersion"]?.stringValue }
        if let preferred = found["preferredVersion"]?["groupVersion"]?.stringValue {
            versions = [preferred] + versions.filter { $0 != preferred }
        }
        for version in versions {
            if let type = try await type(apiVersion: version, kind: kind, client: client) { return type }
        }
        return nil
    }

    /// Asks once for all that want to know it now, and keeps what was found.
    private func once(
        _ path: String, _ ask: @escaping @Sendable () async throws -> [String: [ResourceType]]
    ) async throws -> [String: [ResourceType]] {
        let task = state.withLock { state in
            if let task = state.asking[path] { return task }
            let task = Task {
                defer { self.state.withLock { $0.asking[path] = nil } }
                let found = try await ask()
                self.state.withLock { $0.known.merge(found) { $1 } }
                return found
            }
            state.asking[path] = task
            return task
        }
        return try await task.value
    }

    /// Every kind below `/api` or `/apis`; empty when the server does not have the one answer.
    private func all(_ root: String, _ client: KubernetesClient) async throws -> [String: [ResourceType]] {
        let answer: JSONValue
        do {
            answer = try await client.json("GET", root, accept: Discovery.aggregated)
        } catch let error as KubernetesError where error.isNotFound || error.status == 406 {
            state.withLock { $0.isAggregated = false }
            return [:]
        }
        let isAggregated = answer["kind"]?.stringValue == "APIGroupDiscoveryList"
        state.withLock { $0.isAggregated = isAggregated }
        guard isAggregated else { return [:] }
        var found: [String: [ResourceType]] = [:]
        for group in answer["items"]?.arrayValue ?? [] {
            let name = group["metadata"]?["name"]?.stringValue ?? ""
            for version in group["versions"]?.arrayValue ?? [] {
                guard let number = version["version"]?.stringValue, version["freshness"]?.stringValue != "Stale"
                else { continue }
                let apiVersion = name.isEmpty ? number : "\(name)/\(number)"
                found[apiVersion] = (version["resources"]?.arrayValue ?? []).compactMap {
                    Discovery.resource($0, apiVersion)
                }
            }
        }
        return found
    }

    private static func resource(_ entry: JSONValue, _ apiVersion: String) -> ResourceType? {
        guard let kind = entry["responseKind"]?["kind"]?.stringValue, !kind.isEmpty,
            let name = entry["resource"]?.stringValue
        else { return nil }
        return ResourceType(apiVersion, kind, name, isNamespaced: entry["scope"]?.stringValue != "Cluster")
    }

    /// The kinds of one group and version; empty when the server does not have it.
    private func group(_ apiVersion: String, _ path: String, _ client: KubernetesClient) async throws -> [ResourceType]
    {
        let list: JSONValue
        do {
            list = try await client.json("GET", path)
        } catch let error as KubernetesError where error.isNotFound {
            return []
        }
        return (list["resources"]?.arrayValue ?? []).compactMap { entry in
            guard let kind = entry["kind"]?.stringValue, let name = entry["name"]?.stringValue, !name.contains("/")
            else { return nil }
            return ResourceType(apiVersion, kind, name, isNamespaced: entry["namespaced"]?.boolValue ?? true)
        }
    }

    private static func path(_ apiVersion: String) -> String {
        (apiVersion.contains("/") ? "/apis/" : "/api/")
            + apiVersion.split(separator: "/").map { ResourceType.escaped(String($0)) }.joined(separator: "/")
    }
}
