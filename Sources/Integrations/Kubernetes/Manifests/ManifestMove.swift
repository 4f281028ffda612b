import Domain

/// Puts the objects of a folder into another namespace than the one that they name. Fields that name the old one go
/// along; selectors by `kubernetes.io/metadata.name` mean other namespaces and stay. A DNS name of the old one is a
/// problem: what is moved would go on talking to what stays behind.
struct ManifestMove {
    private let namespace: String
    /// The namespaces that the objects name by themselves.
    private let left: Set<String>
    private let services: Set<String>

    init(to namespace: String, _ manifests: [Manifest]) {
        self.namespace = namespace
        var left = Set(manifests.compactMap { $0.kind == "Namespace" ? $0.object.name : $0.object.namespace })
        left.remove(namespace)
        self.left = left
        services = Set(manifests.filter { $0.kind == "Service" }.map(\.object.name))
    }

    /// All but the namespaces, moved.
    func moved(_ manifests: [Manifest], _ problems: inout [String]) -> [Manifest] {
        manifests.filter { $0.kind != "Namespace" }.map { manifest in
            for (place, name) in staying(manifest.object.json, "").prefix(5) {
                problems.append(
                    "\(manifest.place): \(manifest.object.kind) \(manifest.object.name) names \(name) at \(place), which "
                        + "is not in namespace \(namespace); write the service's short name, or {{settings.namespace}}")
            }
            return manifest.with(moved(manifest.object))
        }
    }

    private func moved(_ object: ClusterObject) -> ClusterObject {
        guard case .object(var members) = object.json else { return object }
        var metadata = members["metadata"]?.objectValue ?? [:]
        metadata["namespace"] = .string(namespace)
        members["metadata"] = .object(metadata)
        if object.kind == "RoleBinding", let subjects = members["subjects"]?.arrayValue {
            members["subjects"] = .array(subjects.map(subject))
        }
        members["spec"] = members["spec"].map { affine($0, "spec") }
        return ClusterObject(.object(members))
    }

    /// `subjects[].namespace` of a RoleBinding (rbac/v1).
    private func subject(_ subject: JSONValue) -> JSONValue {
        guard case .object(var members) = subject, let old = members["namespace"]?.stringValue, left.contains(old)
        else {
            return subject
        }
        members["namespace"] = .string(namespace)
        return .object(members)
    }

    /// `namespaces` of pod affinity terms (core/v1 PodAffinityTerm), wherever the pod's template stands.
    private func affine(_ value: JSONValue, _ key: String) -> JSONValue {
        switch value {
        case .object(let members):
            var result = members
            for (name, member) in members {
                if name == "namespaces", key == "podAffinityTerm" || key.hasSuffix("DuringExecution"),
                    let names = member.arrayValue
                {
                    result[name] = .array(names.map { left.contains($0.plainText) ? .string(namespace) : $0 })
                } else {
                    result[name] = affine(member, name)
                }
            }
            return .object(result)
        case .array(let items): return .array(items.map { affine($0, key) })
        default: return value
        }
    }

    // MARK: Names that stay behind

    /// Places in an object, outside of its metadata, with the DNS names of an old namespace that stand there.
    private func staying(_ value: JSONValue, _ path: String) -> [(place: String, name: String)] {
        switch value {
        case .string(let text): return staying(text).map { [(path, $0)] } ?? []
        case .array(let items):
            return items.enumerated().flatMap { staying($0.element, "\(path)[\($0.offset)]") }
        case .object(let members):
            return members.sorted { $0.key < $1.key }.flatMap { name, member in
                path.isEmpty && name == "metadata" ? [] : staying(member, path.isEmpty ? name : "\(path).\(name)")
            }
        default: return []
        }
    }

    /// `postgresql.analytics`, `postgresql.analytics.svc`, `db-0.postgresql.analytics.svc.cluster.local`
    /// (kubernetes.io/docs/concepts/services-networking/dns-pod-service).
    private func staying(_ text: String) -> String? {
        let lower = text.lowercased()
        guard left.contains(where: { lower.contains(".\($0)") }) else { return nil }
        let words = text.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-")) }
        return words.map(String.init).first { word in
            let labels = word.split(separator: ".").map { $0.lowercased() }
            return labels.indices.dropFirst().contains { index in
                guard left.contains(labels[index]) else { return false }
                if index + 1 < labels.count { return labels[index + 1] == "svc" }
                return index == 1 && services.contains(labels[0])
            }
        }
    }
}
