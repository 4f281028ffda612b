import Domain
import Foundation

/// How far a claim is whose volume grows.
struct VolumeGrowth: Sendable {
    /// When its volume began to grow.
    var since: Date
    /// When its volume had grown, and its filesystem had not yet.
    var fileSystemSince: Date?
}

extension ClusterState {
    /// The volume of a claim that asks for more grows in steps: the volume, then its filesystem, for which a pod must
    /// use it.
    mutating func grow(_ claim: KubernetesObject, _ pass: inout ControlPass) {
        guard let wanted = claim["spec", "resources", "requests", "storage"],
            let asked = KubernetesQuantity(wanted),
            let there = KubernetesQuantity(claim["status", "capacity", "storage"]), there < asked
        else {
            growth[claim.uid] = nil
            return
        }
        var known = growth[claim.uid] ?? VolumeGrowth(since: pass.now)
        defer { growth[claim.uid] = known }
        if known.fileSystemSince == nil {
            guard pass.hasPassed(pass.timing.podStart, since: known.since) else {
                setResizing(claim, "Resizing", "", "ControllerResizeInProgress", wanted, pass)
                return
            }
            known.fileSystemSince = pass.now
        }
        let since = known.fileSystemSince ?? pass.now
        let isOffline = pass.failures.offlineGrowth.contains(claim.name)
        let isUsed = list(.pod, namespace: claim.namespace).contains { pod in
            guard ClusterState.isReady(pod), ClusterState.claims(of: pod).contains(claim.name) else { return false }
            return !isOffline || (runtimes[pod.uid]?.startedAt ?? .distantPast) > since
        }
        guard isUsed, pass.hasPassed(pass.timing.podStart, since: since) else {
            setResizing(
                claim, "FileSystemResizePending",
                "Waiting for user to (re-)start a pod to finish file system resize of volume on node.",
                "NodeResizePending", wanted, pass)
            return
        }
        setStatus(
            .persistentVolumeClaim, claim,
            [
                "capacity": ["storage": wanted], "conditions": nil, "allocatedResourceStatuses": nil,
                "allocatedResources": ["storage": wanted],
            ], now: pass.now)
    }

    private mutating func setResizing(
        _ claim: KubernetesObject, _ type: String, _ message: String, _ state: String, _ wanted: JSONValue,
        _ pass: ControlPass
    ) {
        var bare = claim
        bare["status", "conditions"] = .array(
            (claim["status", "conditions"]?.arrayValue ?? []).filter { $0["type"]?.stringValue == type })
        let conditions = ClusterState.conditions(
            bare, setting: type, "True", message: message.isEmpty ? nil : message, now: pass.now)
        setStatus(
            .persistentVolumeClaim, claim,
            [
                "conditions": .array(conditions), "allocatedResources": ["storage": wanted],
                "allocatedResourceStatuses": ["storage": .string(state)],
            ], now: pass.now)
    }

    /// Names of the claims that a pod uses.
    static func claims(of pod: KubernetesObject) -> [String] {
        (pod["spec", "volumes"]?.arrayValue ?? []).compactMap { $0["persistentVolumeClaim"]?["claimName"]?.stringValue }
    }

    /// Throws what the server says to a size that cannot be: smaller than the volume, or larger where the class of the
    /// volume does not let it grow (`plugin/pkg/admission/storage/persistentvolume/resize/admission.go`).
    func checkGrowth(_ live: KubernetesObject, _ new: KubernetesObject) throws {
        guard let before = KubernetesQuantity(live["spec", "resources", "requests", "storage"]),
            let after = KubernetesQuantity(new["spec", "resources", "requests", "storage"]), before != after
        else { return }
        let field = "spec.resources.requests.storage"
        guard live.phase == "Bound" else {
            throw KubernetesStatus.invalid(
                "PersistentVolumeClaim", group: "", live.name,
                [
                    .forbidden(
                        "spec",
                        "spec is immutable after creation except resources.requests and volumeAttributesClassName for "
                            + "bound claims")
                ])
        }
        if let there = KubernetesQuantity(live["status", "capacity", "storage"]), after < there {
            throw KubernetesStatus.invalid(
                "PersistentVolumeClaim", group: "", live.name,
                [.forbidden(field, "field can not be less than status.capacity")])
        }
        let name = new["spec", "storageClassName"]?.stringValue ?? ""
        guard before < after, object(.storageClass, "", name)?["allowVolumeExpansion"] != true else { return }
        throw KubernetesStatus.forbidden(
            .persistentVolumeClaim, live.name,
            "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support "
                + "resize")
    }

    // MARK: Claims without a volume

    /// Why a pod must wait for the volume of a claim, in the scheduler's words.
    func unboundClaim(_ pod: KubernetesObject, _ pass: ControlPass) -> String? {
        let isUnbound = ClusterState.claims(of: pod).contains { name in
            pass.failures.unboundClaims.contains { $0 == "*" || $0 == name }
                && object(.persistentVolumeClaim, pod.namespace, name)?.phase != "Bound"
        }
        guard isUnbound else { return nil }
        let nodes = list(.node).count
        return "0/\(nodes) nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: "
            + "0/\(nodes) nodes are available: \(nodes) Preemption is not helpful for scheduling."
    }

    mutating func complainUnbound(_ claim: KubernetesObject, _ pass: ControlPass) {
        let name = claim["spec", "storageClassName"]?.stringValue ?? ""
        let isKnown = list(.event, namespace: claim.namespace).contains {
            $0["involvedObject", "uid"]?.stringValue == claim.uid
        }
        guard !isKnown else { return }
        addEvent(
            .persistentVolumeClaim, claim, "ProvisioningFailed",
            "failed to provision volume with StorageClass \"\(name)\": rpc error: code = ResourceExhausted desc = "
                + "volume limits exceeded", warning: true, component: "persistentvolume-controller", now: pass.now)
    }
}
