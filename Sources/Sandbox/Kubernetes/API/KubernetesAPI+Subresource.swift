import Domain
import Foundation

extension KubernetesAPI {
    func answer(_ request: KubernetesRequest, _ path: ResourcePath, _ subresource: String) throws -> KubernetesAnswer {
        switch subresource {
        case "status" where path.kind.hasStatus:
            switch request.method {
            case "GET": return present(try find(path), path, request)
            case "PUT": return present(try replace(request, path), path, request)
            case "PATCH": return try patch(request, path)
            default: throw KubernetesStatus.methodNotAllowed
            }
        case "scale" where path.kind.hasScale: return try scale(request, path)
        case "log" where path.kind == .pod:
            guard request.method == "GET" else { throw KubernetesStatus.methodNotAllowed }
            return .log(try LogRequest(try find(path), request))
        case "eviction" where path.kind == .pod: return try evict(request, path)
        default: throw KubernetesStatus.notServed("\(path.kind.qualifiedPlural)/\(subresource)")
        }
    }

    private func scale(_ request: KubernetesRequest, _ path: ResourcePath) throws -> KubernetesAnswer {
        let live = try find(path)
        let current = scaleObject(live, path.kind)
        let wanted: KubernetesObject
        switch request.method {
        case "GET": return .object(current)
        case "PUT": wanted = try PatchReader.object(request)
        case "PATCH":
            guard [PatchReader.merge, PatchReader.json, PatchReader.strategic].contains(request.contentType) else {
                throw KubernetesStatus.unsupportedMediaType([PatchReader.json, PatchReader.merge])
            }
            wanted = try patched(
                current, try PatchReader.readJSON(request.body), request.contentType, path.kind)
        default: throw KubernetesStatus.methodNotAllowed
        }
        guard let replicas = wanted["spec", "replicas"]?.intValue, replicas >= 0 else {
            throw KubernetesStatus.invalid(
                "Scale", group: "autoscaling", live.name,
                [.invalid("spec.replicas", wanted["spec", "replicas"] ?? .null, "must be greater than or equal to 0")])
        }
        var new = live
        new["metadata", "resourceVersion"] =
            wanted["metadata", "resourceVersion"] ?? live["metadata", "resourceVersion"]
        new["spec", "replicas"] = .int(Int64(replicas))
        let options = options(request, path)
        let scaled = try change(isDryRun: request.isDryRun) { state in
            guard let live = state.object(path.kind, path.namespace, path.name ?? "") else {
                throw KubernetesStatus.notFound(path.kind, path.name ?? "")
            }
            return try state.replace(path.kind, live, with: new, options)
        }
        return .object(scaleObject(scaled, path.kind))
    }

    private func scaleObject(_ object: KubernetesObject, _ kind: ResourceKind) -> KubernetesObject {
        let labels = KubernetesObject.strings(object["spec", "selector", "matchLabels"])
        let selector = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        var metadata: [String: JSONValue] = [:]
        for name in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
            metadata[name] = object["metadata", name]
        }
        return KubernetesObject([
            "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": .object(metadata),
            "spec": ["replicas": object["spec", "replicas"] ?? 0],
            "status": ["replicas": object["status", "replicas"] ?? 0, "selector": .string(selector)],
        ])
    }
}
