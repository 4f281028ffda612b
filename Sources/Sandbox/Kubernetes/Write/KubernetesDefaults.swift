import Domain
import Foundation

/// The defaults that the server writes into objects (`k8s.io/kubernetes/pkg/apis/*/v1/defaults.go`), for what the
/// controllers and clients look at.
enum KubernetesDefaults {
    static func fill(_ kind: ResourceKind, _ object: inout KubernetesObject) {
        switch kind {
        case .deployment:
            set(&object, ["spec"], ["replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600])
            set(&object, ["spec", "strategy"], ["type": "RollingUpdate"])
            if object["spec", "strategy", "type"] == "RollingUpdate" {
                set(
                    &object, ["spec", "strategy", "rollingUpdate"], ["maxUnavailable": "25%", "maxSurge": "25%"])
            }
        case .statefulSet:
            set(
                &object, ["spec"],
                [
                    "replicas": 1, "revisionHistoryLimit": 10, "podManagementPolicy": "OrderedReady",
                    "persistentVolumeClaimRetentionPolicy": ["whenDeleted": "Retain", "whenScaled": "Retain"],
                ])
            set(&object, ["spec", "updateStrategy"], ["type": "RollingUpdate"])
            if object["spec", "updateStrategy", "type"] == "RollingUpdate" {
                set(&object, ["spec", "updateStrategy", "rollingUpdate"], ["partition": 0])
            }
            fillClaimTemplates(&object)
        case .daemonSet:
            set(&object, ["spec"], ["revisionHistoryLimit": 10])
            set(&object, ["spec", "updateStrategy"], ["type": "RollingUpdate"])
            if object["spec", "updateStrategy", "type"] == "RollingUpdate" {
                set(&object, ["spec", "updateStrategy", "rollingUpdate"], ["maxUnavailable": 1, "maxSurge": 0])
            }
        case .replicaSet: set(&object, ["spec"], ["replicas": 1])
        case .customResourceDefinition:
            let kind = object["spec", "names", "kind"]?.stringValue ?? ""
            set(
                &object, ["spec", "names"],
                ["listKind": .string(kind + "List"), "singular": .string(kind.lowercased())])
            set(&object, ["spec", "conversion"], ["strategy": "None"])
        case .job: fillJob(&object, ["spec"])
        case .cronJob:
            set(
                &object, ["spec"],
                [
                    "concurrencyPolicy": "Allow", "suspend": false, "successfulJobsHistoryLimit": 3,
                    "failedJobsHistoryLimit": 1,
                ])
            fillJob(&object, ["spec", "jobTemplate", "spec"])
        case .pod:
            fillPod(&object, ["spec"])
            fillRequests(&object)
            set(&object, ["spec"], ["serviceAccountName": "default", "enableServiceLinks": true, "priority": 0])
        case .service: fillService(&object)
        case .persistentVolumeClaim:
            set(&object, ["spec"], ["volumeMode": "Filesystem", "storageClassName": "standard"])
        case .secret: fillSecret(&object)
        case .storageClass:
            set(&object, [], ["reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"])
        case .limitRange: fillLimits(&object)
        case .networkPolicy:
            let kinds: JSONValue = object["spec", "egress"] == nil ? ["Ingress"] : ["Ingress", "Egress"]
            set(&object, ["spec"], ["podSelector": [:], "policyTypes": kinds])
        case .horizontalPodAutoscaler:
            set(&object, ["spec"], ["minReplicas": 1])
            if object["spec", "metrics"] == nil {
                object["spec", "metrics"] = [
                    [
                        "type": "Resource",
                        "resource": ["name": "cpu", "target": ["type": "Utilization", "averageUtilization": 80]],
                    ]
                ]
            }
        default: break
        }
        if [.deployment, .statefulSet, .daemonSet, .replicaSet].contains(kind) {
            fillPod(&object, ["spec", "template", "spec"])
        }
    }

    /// How the kubelet would rank a pod when memory is short.
    static func qosClass(_ pod: KubernetesObject) -> String {
        let resources = (pod["spec", "containers"]?.arrayValue ?? []).map { $0["resources"] }
        let isBare = resources.allSatisfy { ($0?["requests"] ?? $0?["limits"]) == nil }
        if isBare { return "BestEffort" }
        let isGuaranteed = resources.allSatisfy {
            guard let limits = $0?["limits"], limits["cpu"] != nil, limits["memory"] != nil else { return false }
            return $0?["requests"] == nil || $0?["requests"] == limits
        }
        return isGuaranteed ? "Guaranteed" : "Burstable"
    }

    private static func set(_ object: inout KubernetesObject, _ path: [String], _ defaults: [String: JSONValue]) {
        object.change(path) { part in
            guard case .object(var members) = part ?? .object([:]) else { return part }
            for (name, value) in defaults where members[name] == nil || members[name] == .null { members[name] = value }
            return .object(members)
        }
    }

    private static func fillJob(_ object: inout KubernetesObject, _ path: [String]) {
        set(
            &object, path,
            ["parallelism": 1, "completions": 1, "backoffLimit": 6, "completionMode": "NonIndexed", "suspend": false])
        fillPod(&object, path + ["template", "spec"])
    }

    private static func fillPod(_ object: inout KubernetesObject, _ path: [String]) {
        guard object.at(path) != nil else { return }
        set(
            &object, path,
            [
                "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
                "securityContext": [:], "schedulerName": "default-scheduler",
            ])
        for list in ["containers", "initContainers"] where object.at(path + [list]) != nil {
            object.change(path + [list]) { value in
                guard let items = value?.arrayValue else { return value }
                return .array(items.map(container))
            }
        }
        if object.at(path + ["volumes"]) != nil {
            object.change(path + ["volumes"]) { value in
                guard let items = value?.arrayValue else { return value }
                return .array(items.map(volume))
            }
        }
    }

    private static func container(_ json: JSONValue) -> JSONValue {
        var container = KubernetesObject(json)
        guard json.objectValue != nil else { return json }
        let image = container["image"]?.stringValue ?? ""
        let tag = image.split(separator: "/").last.map { $0.split(separator: ":").dropFirst().first } ?? nil
        let isLatest = (tag ?? "latest") == "latest" && !image.contains("@")
        set(
            &container, [],
            [
                "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
                "imagePullPolicy": isLatest ? "Always" : "IfNotPresent", "resources": [:],
            ])
        if let ports = container["ports"]?.arrayValue {
            container["ports"] = .array(
                ports.map { port in
                    var port = KubernetesObject(port)
                    port["protocol"] = port["protocol"] ?? "TCP"
                    return port.json
                })
        }
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] where container[probe] != nil {
            set(
                &container, [probe],
                ["timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3])
            if container[probe, "httpGet"] != nil {
                set(&container, [probe, "httpGet"], ["path": "/", "scheme": "HTTP"])
            }
        }
        return container.json
    }

    /// What a pod's container may use it asks for, where it does not say less.
    private static func fillRequests(_ pod: inout KubernetesObject) {
        for list in ["containers", "initContainers"] {
            guard let items = pod["spec", list]?.arrayValue else { continue }
            pod["spec", list] = .array(
                items.map { json in
                    guard let limits = json["resources"]?["limits"]?.objectValue else { return json }
                    var container = KubernetesObject(json)
                    set(&container, ["resources", "requests"], limits)
                    return container.json
                })
        }
    }

    private static func fillLimits(_ range: inout KubernetesObject) {
        guard let items = range["spec", "limits"]?.arrayValue else { return }
        range["spec", "limits"] = .array(
            items.map { json in
                guard json["type"] == "Container" else { return json }
                var item = KubernetesObject(json)
                for (member, source) in [("default", "max"), ("defaultRequest", "default"), ("defaultRequest", "min")] {
                    guard let values = item[source]?.objectValue else { continue }
                    set(&item, [member], values)
                }
                return item.json
            })
    }

    private static func volume(_ json: JSONValue) -> JSONValue {
        var volume = KubernetesObject(json)
        for source in ["secret", "configMap"] where volume[source] != nil {
            volume[source, "defaultMode"] = volume[source, "defaultMode"] ?? 420
        }
        return volume.json
    }

    private static func fillClaimTemplates(_ object: inout KubernetesObject) {
        guard let templates = object["spec", "volumeClaimTemplates"]?.arrayValue else { return }
        object["spec", "volumeClaimTemplates"] = .array(
            templates.map { json in
                var claim = KubernetesObject(json)
                set(&claim, [], ["apiVersion": "v1", "kind": "PersistentVolumeClaim", "status": ["phase": "Pending"]])
                set(&claim, ["spec"], ["volumeMode": "Filesystem"])
                return claim.json
            })
    }

    private static func fillService(_ service: inout KubernetesObject) {
        set(
            &service, ["spec"],
            [
                "type": "ClusterIP", "sessionAffinity": "None", "internalTrafficPolicy": "Cluster",
                "ipFamilyPolicy": "SingleStack", "ipFamilies": ["IPv4"],
            ])
        guard let ports = service["spec", "ports"]?.arrayValue else { return }
        service["spec", "ports"] = .array(
            ports.map { json in
                var port = KubernetesObject(json)
                port["protocol"] = port["protocol"] ?? "TCP"
                port["targetPort"] = port["targetPort"] ?? port["port"]
                return port.json
            })
    }

    private static func fillSecret(_ secret: inout KubernetesObject) {
        secret["type"] = secret["type"] ?? "Opaque"
        for (name, value) in KubernetesObject.strings(secret["stringData"]) {
            secret["data", name] = .string(Data(value.utf8).base64EncodedString())
        }
        secret["stringData"] = nil
    }
}

extension KubernetesObject {
    /// What a path names.
    func at(_ path: [String]) -> JSONValue? {
        var value: JSONValue? = json
        for name in path { value = value?[name] }
        return value
    }

    /// Changes what a path names, making the objects on the way.
    mutating func change(_ path: [String], _ body: (JSONValue?) -> JSONValue?) {
        json = KubernetesObject.changed(json, path[...], body) ?? .null
    }

    private static func changed(
        _ value: JSONValue?, _ path: ArraySlice<String>, _ body: (JSONValue?) -> JSONValue?
    ) -> JSONValue? {
        guard let name = path.first else { return body(value) }
        var members = value?.objectValue ?? [:]
        members[name] = changed(members[name], path.dropFirst(), body)
        return .object(members)
    }
}
