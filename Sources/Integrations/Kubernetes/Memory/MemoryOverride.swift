import Domain

/// The memory that containers of one workload have grown to: kept in the ledger, shown in every plan, and put over the
/// manifests by `kubernetes.apply` as long as those say less.
struct MemoryOverride: Sendable, Hashable {
    var cluster: String
    var workload: String
    var namespace: String
    var name: String

    private var beginning: String {
        "\(Override.beginning)kubernetes/\(cluster)/\(workload)/\(namespace)/\(name)/memory/"
    }

    /// Where the limit of a container is kept, as a text such as `6Gi`.
    func key(_ container: String) -> String { beginning + container }

    /// The limits that are kept, by container. Throws `ActionError`.
    func limits(_ kept: any KeptValues) async throws -> [String: (size: GrowthSize, origin: String)] {
        var limits: [String: (size: GrowthSize, origin: String)] = [:]
        for value in try await kept.values(under: beginning) {
            guard let text = value.value?.stringValue else { continue }
            limits[String(value.key.dropFirst(beginning.count))] = (GrowthSize(text), value.origin)
        }
        return limits
    }

    /// The workload with the limits that are kept, where they are more than its own, and a line for each of these.
    /// Throws `ActionError`.
    func settled(_ object: ClusterObject, _ kept: any KeptValues) async throws -> (ClusterObject, notes: [String]) {
        let limits = try await limits(kept)
        guard !limits.isEmpty else { return (object, []) }
        var notes: [String] = []
        let containers = object.containers.map { container -> JSONValue in
            guard let name = container["name"]?.stringValue, let wanted = limits[name],
                let said = container["resources"]?["limits"]?["memory"],
                wanted.size.bytes > ResourceAmount.parse(said) ?? .infinity
            else { return container }
            notes.append(
                "\(object.title): memory of \(name) \(wanted.size.text), \(wanted.origin) "
                    + "(manifests say \(said.plainText))")
            return container.with(memoryLimit: wanted.size.text)
        }
        return (object.with(containers: containers), notes)
    }
}

extension ClusterObject {
    /// Of a workload's pods.
    var containers: [JSONValue] { self["spec", "template", "spec", "containers"]?.arrayValue ?? [] }

    fileprivate func with(containers: [JSONValue]) -> ClusterObject {
        guard case .object(var members) = json else { return self }
        var spec = members["spec"]?.objectValue ?? [:]
        var template = spec["template"]?.objectValue ?? [:]
        var podSpec = template["spec"]?.objectValue ?? [:]
        podSpec["containers"] = .array(containers)
        template["spec"] = .object(podSpec)
        spec["template"] = .object(template)
        members["spec"] = .object(spec)
        return ClusterObject(.object(members))
    }
}

extension JSONValue {
    fileprivate func with(memoryLimit: String) -> JSONValue {
        guard case .object(var container) = self else { return self }
        var resources = container["resources"]?.objectValue ?? [:]
        var limits = resources["limits"]?.objectValue ?? [:]
        limits["memory"] = .string(memoryLimit)
        resources["limits"] = .object(limits)
        container["resources"] = .object(resources)
        return .object(container)
    }
}
