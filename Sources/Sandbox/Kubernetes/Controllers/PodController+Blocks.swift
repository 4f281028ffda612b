import Domain
import Foundation

extension ClusterState {
    /// Why containers cannot start, by their names; one that cannot keeps its whole pod from running.
    mutating func blocks(_ pod: KubernetesObject, _ runtime: inout PodRuntime, _ pass: inout ControlPass)
        -> [String: PodRuntime.Block]
    {
        let containers =
            (pod["spec", "initContainers"]?.arrayValue ?? []) + (pod["spec", "containers"]?.arrayValue ?? [])
        if let why = missingMount(pod) {
            complain(pod, "FailedMount", why, nil, &runtime, pass)
            return Dictionary(
                containers.map { ($0["name"]?.stringValue ?? "", PodRuntime.Block(reason: "ContainerCreating")) },
                uniquingKeysWith: { first, _ in first })
        }
        guard pass.hasPassed(pass.timing.podStart, since: runtime.scheduledAt ?? pass.now) else { return [:] }
        var blocks: [String: PodRuntime.Block] = [:]
        for container in containers {
            let name = container["name"]?.stringValue ?? ""
            let image = container["image"]?.stringValue ?? ""
            if pass.failures.imagePull.contains(where: { $0 == "*" || image.contains($0) }) {
                blocks[name] = imageBlock(pod, name, image, &runtime, &pass)
            } else if let why = missingReference(container, pod.namespace) {
                runtime.imageFailures[name] = nil
                complain(pod, "Failed", "Error: \(why)", name, &runtime, pass)
                blocks[name] = PodRuntime.Block(reason: "CreateContainerConfigError", message: why)
            }
        }
        return blocks
    }

    private mutating func imageBlock(
        _ pod: KubernetesObject, _ name: String, _ image: String, _ runtime: inout PodRuntime, _ pass: inout ControlPass
    ) -> PodRuntime.Block {
        let since = runtime.imageFailures[name] ?? pass.now
        runtime.imageFailures[name] = since
        let why =
            "rpc error: code = NotFound desc = failed to pull and unpack image \"\(image)\": failed to resolve reference "
            + "\"\(image)\": \(image): not found"
        complain(pod, "Failed", "Failed to pull image \"\(image)\": \(why)", name, &runtime, pass)
        guard pass.hasPassed(pass.timing.podStart, since: since) else {
            return PodRuntime.Block(reason: "ErrImagePull", message: why)
        }
        complain(pod, "BackOff", "Back-off pulling image \"\(image)\"", name, &runtime, pass)
        return PodRuntime.Block(
            reason: "ImagePullBackOff", message: "Back-off pulling image \"\(image)\": ErrImagePull: \(why)")
    }

    private mutating func complain(
        _ pod: KubernetesObject, _ reason: String, _ message: String, _ container: String?,
        _ runtime: inout PodRuntime, _ pass: ControlPass
    ) {
        guard runtime.complaints.insert(reason + message).inserted else { return }
        addEvent(
            .pod, pod, reason, message, warning: true, fieldPath: container.map { "spec.containers{\($0)}" },
            now: pass.now)
    }

    private func missingMount(_ pod: KubernetesObject) -> String? {
        for volume in pod["spec", "volumes"]?.arrayValue ?? [] {
            let name = volume["name"]?.stringValue ?? ""
            if let secret = volume["secret"]?["secretName"]?.stringValue, volume["secret"]?["optional"] != true,
                object(.secret, pod.namespace, secret) == nil
            {
                return "MountVolume.SetUp failed for volume \"\(name)\" : secret \"\(secret)\" not found"
            }
            if let map = volume["configMap"]?["name"]?.stringValue, volume["configMap"]?["optional"] != true,
                object(.configMap, pod.namespace, map) == nil
            {
                return "MountVolume.SetUp failed for volume \"\(name)\" : configmap \"\(map)\" not found"
            }
        }
        return nil
    }

    /// The first secret or config map that a container's environment names and that is not there.
    private func missingReference(_ container: JSONValue, _ namespace: String) -> String? {
        for source in container["envFrom"]?.arrayValue ?? [] {
            for (member, kind) in [("secretRef", ResourceKind.secret), ("configMapRef", .configMap)] {
                guard let reference = source[member], reference["optional"] != true,
                    let name = reference["name"]?.stringValue, object(kind, namespace, name) == nil
                else { continue }
                return "\(kind.singular) \"\(name)\" not found"
            }
        }
        for variable in container["env"]?.arrayValue ?? [] {
            for (member, kind) in [("secretKeyRef", ResourceKind.secret), ("configMapKeyRef", .configMap)] {
                guard let reference = variable["valueFrom"]?[member], reference["optional"] != true,
                    let name = reference["name"]?.stringValue
                else { continue }
                guard let found = object(kind, namespace, name) else { return "\(kind.singular) \"\(name)\" not found" }
                let key = reference["key"]?.stringValue ?? ""
                if found["data", key] == nil {
                    return "couldn't find key \(key) in \(kind.kind) \(namespace)/\(name)"
                }
            }
        }
        return nil
    }
}
