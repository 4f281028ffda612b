import Domain
import Foundation

/// The columns of each kind, as the server's printers have them (`pkg/printers/internalversion`).
enum TableColumns {
    static func of(_ kind: ResourceKind) -> [TableColumn] {
        switch kind {
        case .pod: pod
        case .deployment:
            [
                .name, ready("spec", "replicas", of: "readyReplicas"),
                .number("Up-to-date", "status", "updatedReplicas"), .number("Available", "status", "availableReplicas"),
                .age,
            ] + template
        case .statefulSet: [.name, ready("spec", "replicas", of: "readyReplicas"), .age] + template.dropLast()
        case .replicaSet:
            [
                .name, .number("Desired", "spec", "replicas"), .number("Current", "status", "replicas"),
                .number("Ready", "status", "readyReplicas"), .age,
            ] + template
        case .daemonSet:
            [
                .name, .number("Desired", "status", "desiredNumberScheduled"),
                .number("Current", "status", "currentNumberScheduled"), .number("Ready", "status", "numberReady"),
                .number("Up-to-date", "status", "updatedNumberScheduled"),
                .number("Available", "status", "numberAvailable"), .computed("Node Selector") { _ in "<none>" }, .age,
            ] + template
        case .job: [.name, .computed("Status", jobStatus), .computed("Completions", completions), .age] + template
        case .cronJob:
            [
                .name, .text("Schedule", "spec", "schedule"), .text("Timezone", "spec", "timeZone"),
                .text("Suspend", "spec", "suspend"),
                .computed("Active") { String($0["status", "active"]?.arrayValue?.count ?? 0) },
                .text("Last Schedule", "status", "lastScheduleTime"), .age,
            ]
        default: plain(kind)
        }
    }

    private static func plain(_ kind: ResourceKind) -> [TableColumn] {
        switch kind {
        case .namespace: [.name, .text("Status", "status", "phase"), .age]
        case .secret:
            [
                .name, .text("Type", "type"),
                .computed("Data") { String($0["data"]?.objectValue?.count ?? 0) }, .age,
            ]
        case .configMap:
            [.name, .computed("Data") { String($0["data"]?.objectValue?.count ?? 0) }, .age]
        case .service:
            [
                .name, .text("Type", "spec", "type"), .text("Cluster-IP", "spec", "clusterIP"),
                .computed("External-IP", addresses), .computed("Port(s)", ports), .age,
            ]
        case .persistentVolumeClaim:
            [
                .name, .text("Status", "status", "phase"), .text("Volume", "spec", "volumeName", otherwise: ""),
                .text("Capacity", "status", "capacity", "storage", otherwise: ""),
                .computed("Access Modes", accessModes),
                .text("StorageClass", "spec", "storageClassName", otherwise: ""), .age,
            ]
        case .event:
            [
                TableColumn(name: "Last Seen") { .string(TableColumn.age($0["lastTimestamp"], $1)) },
                .text("Type", "type"), .text("Reason", "reason"), .computed("Object", involved),
                .text("Message", "message"),
            ]
        case .endpoints: [.name, .computed("Endpoints", endpoints), .age]
        case .ingress:
            [
                .name, .text("Class", "spec", "ingressClassName"), .computed("Hosts", hosts),
                .computed("Address", addresses),
                .computed("Ports") { $0["spec", "tls"] == nil ? "80" : "80, 443" }, .age,
            ]
        case .horizontalPodAutoscaler:
            [
                .name, .computed("Reference", reference), .computed("Targets") { _ in "<unknown>" },
                .text("MinPods", "spec", "minReplicas"), .number("MaxPods", "spec", "maxReplicas"),
                .number("Replicas", "status", "currentReplicas"), .age,
            ]
        case .podDisruptionBudget:
            [
                .name, .text("Min Available", "spec", "minAvailable", otherwise: "N/A"),
                .text("Max Unavailable", "spec", "maxUnavailable", otherwise: "N/A"),
                .number("Allowed Disruptions", "status", "disruptionsAllowed"), .age,
            ]
        case .resourceQuota:
            [.name, .computed("Request") { used($0, false) }, .computed("Limit") { used($0, true) }, .age]
        case .limitRange, .customResourceDefinition: [.name, .text("Created At", "metadata", "creationTimestamp")]
        case .networkPolicy:
            [.name, .computed("Pod-Selector") { selector($0["spec", "podSelector"]) }, .age]
        case .roleBinding, .clusterRoleBinding: [.name, .computed("Role", roleReference), .age]
        case .lease: [.name, .text("Holder", "spec", "holderIdentity", otherwise: ""), .age]
        default: [.name, .age]
        }
    }

    private static let pod: [TableColumn] = [
        .name, .computed("Ready", podReady), .computed("Status", podStatus), .computed("Restarts", restarts), .age,
        .text("IP", "status", "podIP", priority: 1), .text("Node", "spec", "nodeName", priority: 1),
        .computed("Nominated Node", priority: 1) { _ in "<none>" },
        .computed("Readiness Gates", priority: 1) { _ in "<none>" },
    ]

    private static let template: [TableColumn] = [
        .computed("Containers", priority: 1) { containers($0, "name") },
        .computed("Images", priority: 1) { containers($0, "image") },
        .computed("Selector", priority: 1) { selector($0["spec", "selector"]) },
    ]

    private static func ready(_ path: String..., of name: String) -> TableColumn {
        .computed("Ready") { "\($0["status", name]?.intValue ?? 0)/\($0.at(path)?.intValue ?? 0)" }
    }

    private static func containers(_ object: KubernetesObject, _ member: String) -> String {
        (object["spec", "template", "spec", "containers"]?.arrayValue ?? []).compactMap { $0[member]?.stringValue }
            .joined(separator: ",")
    }

    /// `requests.cpu: 1250m/2, pods: 3/10`, of a quota's limits or of all else.
    private static func used(_ quota: KubernetesObject, _ isLimit: Bool) -> String {
        let hard = KubernetesObject.strings(quota["status", "hard"]).filter { $0.key.hasPrefix("limits.") == isLimit }
        return hard.sorted { $0.key < $1.key }.map { name, most in
            "\(name): \(quota["status", "used", name]?.plainText ?? "0")/\(most)"
        }.joined(separator: ", ")
    }

    private static func selector(_ value: JSONValue?) -> String {
        let labels = KubernetesObject.strings(value?["matchLabels"]).sorted { $0.key < $1.key }
        return labels.isEmpty ? "<none>" : labels.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }

    private static func podReady(_ pod: KubernetesObject) -> String {
        let ready = (pod["status", "containerStatuses"]?.arrayValue ?? []).count { $0["ready"] == true }
        return "\(ready)/\(pod["spec", "containers"]?.arrayValue?.count ?? 0)"
    }

    /// The word that `kubectl get pods` shows: the phase, or why a container does not run.
    static func podStatus(_ pod: KubernetesObject) -> String {
        if pod.isDeleting { return "Terminating" }
        for status in (pod["status", "containerStatuses"]?.arrayValue ?? []).reversed() {
            if let reason = status["state"]?["waiting"]?["reason"]?.stringValue { return reason }
            if let reason = status["state"]?["terminated"]?["reason"]?.stringValue { return reason }
        }
        return pod["status", "reason"]?.stringValue ?? pod.phase
    }

    private static func restarts(_ pod: KubernetesObject) -> String {
        String(
            (pod["status", "containerStatuses"]?.arrayValue ?? []).reduce(0) {
                $0 + ($1["restartCount"]?.intValue ?? 0)
            })
    }

    private static func jobStatus(_ job: KubernetesObject) -> String {
        if job.condition("Complete")?["status"] == "True" { return "Complete" }
        if job.condition("Failed")?["status"] == "True" { return "Failed" }
        return job["spec", "suspend"] == true ? "Suspended" : "Running"
    }

    private static func completions(_ job: KubernetesObject) -> String {
        "\(job["status", "succeeded"]?.intValue ?? 0)/\(job["spec", "completions"]?.intValue ?? 1)"
    }

    private static func addresses(_ object: KubernetesObject) -> String {
        let all = (object["status", "loadBalancer", "ingress"]?.arrayValue ?? []).compactMap {
            ($0["ip"] ?? $0["hostname"])?.stringValue
        }
        if all.isEmpty {
            return object["spec", "type"] == "LoadBalancer"
                ? "<pending>" : object["spec", "type"] == nil ? "" : "<none>"
        }
        return all.joined(separator: ",")
    }

    private static func ports(_ service: KubernetesObject) -> String {
        let all = (service["spec", "ports"]?.arrayValue ?? []).map { port in
            let node = port["nodePort"].map { ":\($0.plainText)" } ?? ""
            return "\(port["port"]?.plainText ?? "")\(node)/\(port["protocol"]?.plainText ?? "TCP")"
        }
        return all.isEmpty ? "<none>" : all.joined(separator: ",")
    }

    private static func accessModes(_ claim: KubernetesObject) -> String {
        let short = ["ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"]
        return (claim["status", "accessModes"]?.arrayValue ?? []).compactMap(\.stringValue).map { short[$0] ?? $0 }
            .joined(separator: ",")
    }

    private static func involved(_ event: KubernetesObject) -> String {
        let kind = event["involvedObject", "kind"]?.stringValue ?? ""
        return "\(kind.lowercased())/\(event["involvedObject", "name"]?.stringValue ?? "")"
    }

    private static func endpoints(_ object: KubernetesObject) -> String {
        let all = (object["subsets"]?.arrayValue ?? []).flatMap { subset in
            (subset["addresses"]?.arrayValue ?? []).flatMap { address in
                (subset["ports"]?.arrayValue ?? []).map {
                    "\(address["ip"]?.plainText ?? ""):\($0["port"]?.plainText ?? "")"
                }
            }
        }
        return all.isEmpty ? "<none>" : all.prefix(3).joined(separator: ",")
    }

    private static func hosts(_ ingress: KubernetesObject) -> String {
        let all = (ingress["spec", "rules"]?.arrayValue ?? []).compactMap { $0["host"]?.stringValue }
        return all.isEmpty ? "*" : all.joined(separator: ",")
    }

    private static func reference(_ autoscaler: KubernetesObject) -> String {
        let target = autoscaler["spec", "scaleTargetRef"]
        return "\(target?["kind"]?.plainText ?? "")/\(target?["name"]?.plainText ?? "")"
    }

    private static func roleReference(_ binding: KubernetesObject) -> String {
        "\(binding["roleRef", "kind"]?.plainText ?? "")/\(binding["roleRef", "name"]?.plainText ?? "")"
    }
}
