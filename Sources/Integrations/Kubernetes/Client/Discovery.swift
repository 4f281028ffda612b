import Domain
import Synchronization

/// Which kinds the API server knows and where: asked per group and version, kept, and asked again for a kind that is
/// not among them (its CustomResourceDefinition may be new).
final class Discovery: Sendable {
    private let known = Mutex<[String: [ResourceType]]>([:])

    /// Nil when the server does not know the kind. Throws `KubernetesError`.
    func type(apiVersion: String, kind: String, client: KubernetesClient) async throws -> ResourceType? {
        if let found = known.withLock({ $0[apiVersion]?.first { $0.kind == kind } }) { return found }
        let types = try await ask(apiVersion, client)
        known.withLock { $0[apiVersion] = types }
        return types.first { $0.kind == kind }
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

    private func ask(_ apiVersion: String, _ client: KubernetesClient) async throws -> [ResourceType] {
        let prefix = apiVersion.contains("/") ? "/apis/" : "/api/"
        let path =
            prefix + apiVersion.split(separator: "/").map { ResourceType.escaped(String($0)) }.joined(separator: "/")
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
}
