import Domain
import Foundation

extension ClusterState {
    /// A new object with its identity, defaults and first status. Throws what the server would refuse.
    mutating func prepareNew(_ kind: ResourceKind, _ given: KubernetesObject, _ options: WriteOptions) throws
        -> KubernetesObject
    {
        var object = given
        try checkNamespace(kind, object)
        try KubernetesTyping.check(kind, object)
        if kind == .customResourceDefinition { try DefinitionValidation.refuseUnserved(object) }
        object["apiVersion"] = .string(kind.apiVersion)
        object["kind"] = .string(kind.kind)
        if !kind.isNamespaced { object["metadata", "namespace"] = nil }
        object["metadata", "uid"] = .string(nextUID())
        object["metadata", "creationTimestamp"] = KubernetesTime.text(options.now)
        object["metadata", "deletionTimestamp"] = nil
        object["metadata", "deletionGracePeriodSeconds"] = nil
        object["metadata", "generation"] = kind.countsGeneration ? 1 : nil
        if kind.hasStatus { object["status"] = nil }
        KubernetesDefaults.fill(kind, &object)
        try limit(kind, &object)
        let problems = KubernetesValidation.problems(kind, object)
        guard problems.isEmpty else {
            throw KubernetesStatus.invalid(kind.kind, group: kind.group, object.name, problems)
        }
        try checkQuotas(kind, object)
        assignCluster(kind, &object)
        return object
    }

    /// What an update may change, with what the server keeps itself put back.
    func prepareUpdate(
        _ kind: ResourceKind, _ live: KubernetesObject, _ given: KubernetesObject, _ options: WriteOptions
    ) throws -> KubernetesObject {
        var new = given
        try KubernetesTyping.check(kind, new)
        if kind == .customResourceDefinition { try DefinitionValidation.refuseUnserved(new) }
        if kind.hasStatus {
            if options.subresource == "status" {
                let status = new["status"]
                let managed = new["metadata", "managedFields"]
                new = live
                new["status"] = status
                new["metadata", "managedFields"] = managed
            } else {
                new["status"] = live["status"]
            }
        }
        for name in [
            "name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
            "generation", "generateName",
        ] { new["metadata", name] = live["metadata", name] }
        new["apiVersion"] = .string(kind.apiVersion)
        new["kind"] = .string(kind.kind)
        if options.subresource != "status" {
            keepAssigned(kind, live, &new)
            KubernetesDefaults.fill(kind, &new)
            let problems =
                KubernetesValidation.problems(kind, new)
                + KubernetesValidation.problems(kind, changing: live, to: new)
            guard problems.isEmpty else {
                throw KubernetesStatus.invalid(kind.kind, group: kind.group, live.name, problems)
            }
            if kind == .persistentVolumeClaim { try checkGrowth(live, new) }
        }
        let isCounted = new["spec"] != live["spec"] || (kind == .deployment && new.annotations != live.annotations)
        if kind.countsGeneration, isCounted {
            new["metadata", "generation"] = .int(Int64(live.generation + 1))
        }
        return new
    }

    private func checkNamespace(_ kind: ResourceKind, _ object: KubernetesObject) throws {
        guard kind.isNamespaced else { return }
        guard let namespace = self.object(.namespace, "", object.namespace) else {
            throw KubernetesStatus.notFound(.namespace, object.namespace)
        }
        guard !namespace.isDeleting else {
            throw KubernetesStatus.terminating(kind, object.name, namespace: object.namespace)
        }
    }

    /// What the cluster gives a new object.
    private mutating func assignCluster(_ kind: ResourceKind, _ object: inout KubernetesObject) {
        switch kind {
        case .namespace:
            object["metadata", "labels", "kubernetes.io/metadata.name"] = .string(object.name)
            object["spec", "finalizers"] = ["kubernetes"]
            object["status"] = ["phase": "Active"]
        case .pod: object["status"] = ["phase": "Pending", "qosClass": .string(KubernetesDefaults.qosClass(object))]
        case .persistentVolumeClaim: object["status"] = ["phase": "Pending"]
        case .service:
            object["status"] = ["loadBalancer": [:]]
            if object["spec", "type"] != "ExternalName" { assignAddress(&object) }
        case .ingress: object["status"] = ["loadBalancer": [:]]
        case .node: assignNode(&object)
        case .job: assignJob(&object)
        case .customResourceDefinition:
            object["status"] = ["conditions": [], "acceptedNames": ["plural": "", "kind": ""], "storedVersions": []]
        case .resourceQuota, .cronJob, .deployment, .statefulSet, .daemonSet, .replicaSet, .podDisruptionBudget:
            object["status"] = [:]
        default: break
        }
    }

    private mutating func assignAddress(_ service: inout KubernetesObject) {
        let given = service["spec", "clusterIP"]
        let address = given ?? .string(nextAddress("10.96"))
        service["spec", "clusterIP"] = address
        service["spec", "clusterIPs"] = service["spec", "clusterIPs"] ?? [address]
        guard ["NodePort", "LoadBalancer"].contains(service["spec", "type"]?.stringValue) else { return }
        service["spec", "allocateLoadBalancerNodePorts"] =
            service["spec", "type"] == "LoadBalancer" ? service["spec", "allocateLoadBalancerNodePorts"] ?? true : nil
        service["spec", "ports"] = .array(
            (service["spec", "ports"]?.arrayValue ?? []).enumerated().map { index, port in
                var port = KubernetesObject(port)
                port["nodePort"] = port["nodePort"] ?? .int(Int64(30000 + (version + index) % 2767))
                return port.json
            })
    }

    private func assignJob(_ job: inout KubernetesObject) {
        job["status"] = [:]
        guard job["spec", "manualSelector"]?.boolValue != true else { return }
        job["spec", "selector"] = [
            "matchLabels": ["batch.kubernetes.io/controller-uid": .string(job.uid)]
        ]
        for (name, value) in [
            "batch.kubernetes.io/controller-uid": job.uid, "batch.kubernetes.io/job-name": job.name,
            "controller-uid": job.uid, "job-name": job.name,
        ] { job["spec", "template", "metadata", "labels", name] = .string(value) }
    }

    /// What the cluster gave stays where a client leaves it out.
    private func keepAssigned(_ kind: ResourceKind, _ live: KubernetesObject, _ new: inout KubernetesObject) {
        switch kind {
        case .service:
            for name in ["clusterIP", "clusterIPs", "allocateLoadBalancerNodePorts"] {
                new["spec", name] = new["spec", name] ?? live["spec", name]
            }
        case .persistentVolumeClaim:
            for name in ["volumeName", "storageClassName"] {
                new["spec", name] = new["spec", name] ?? live["spec", name]
            }
        case .job:
            new["spec", "selector"] = new["spec", "selector"] ?? live["spec", "selector"]
            for name in [
                "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "controller-uid", "job-name",
            ] {
                new["spec", "template", "metadata", "labels", name] =
                    live["spec", "template", "metadata", "labels", name]
            }
        case .namespace: new["spec"] = live["spec"]
        case .pod: new["spec", "nodeName"] = new["spec", "nodeName"] ?? live["spec", "nodeName"]
        default: break
        }
    }
}
