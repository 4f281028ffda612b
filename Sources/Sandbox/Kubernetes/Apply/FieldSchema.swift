import Domain

/// How the parts of an object merge: which lists are maps by keys, which are sets, which maps are one value. What the
/// table does not name is as Kubernetes has it by default: lists are replaced whole, maps are merged.
struct FieldSchema: Sendable {
    enum Rule: Sendable, Hashable {
        /// Maps merge member by member, lists are one value.
        case natural
        /// A list whose items are told apart by these members.
        case items(keys: [String])
        /// A list of values of which each is owned by itself.
        case set
        /// A map that is one value.
        case atomic
    }

    var rule = Rule.natural
    var children: [String: FieldSchema] = [:]

    func child(_ name: String) -> FieldSchema { children[name] ?? FieldSchema() }

    private mutating func insert(_ rule: Rule, at path: ArraySlice<Substring>) {
        guard let first = path.first else {
            self.rule = rule
            return
        }
        children[String(first), default: FieldSchema()].insert(rule, at: path.dropFirst())
    }

    private static func tree(_ lines: [(String, Rule)]) -> FieldSchema {
        var schema = FieldSchema()
        for (path, rule) in lines { schema.insert(rule, at: path.split(separator: ".")[...]) }
        return schema
    }
}

extension FieldSchema {
    // The table: `x-kubernetes-list-type`, `-list-map-keys` and `-map-type` of the OpenAPI document of Kubernetes 1.36.

    private static let metadata: [(String, Rule)] = [
        ("finalizers", .set), ("ownerReferences", .items(keys: ["uid"])),
    ]

    private static let container: [(String, Rule)] = [
        ("env", .items(keys: ["name"])),
        ("env.valueFrom.configMapKeyRef", .atomic), ("env.valueFrom.fieldRef", .atomic),
        ("env.valueFrom.fileKeyRef", .atomic), ("env.valueFrom.resourceFieldRef", .atomic),
        ("env.valueFrom.secretKeyRef", .atomic),
        ("ports", .items(keys: ["containerPort", "protocol"])),
        ("resources.claims", .items(keys: ["name"])),
        ("volumeDevices", .items(keys: ["devicePath"])), ("volumeMounts", .items(keys: ["mountPath"])),
    ]

    private static let podSpec: [(String, Rule)] =
        ["containers", "initContainers", "ephemeralContainers"].flatMap { list in
            [(list, .items(keys: ["name"]))] + at(list, container)
        } + [
            ("affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution", .atomic),
            ("hostAliases", .items(keys: ["ip"])), ("imagePullSecrets", .items(keys: ["name"])),
            ("nodeSelector", .atomic), ("resourceClaims", .items(keys: ["name"])),
            ("resources.claims", .items(keys: ["name"])), ("schedulingGates", .items(keys: ["name"])),
            ("topologySpreadConstraints", .items(keys: ["topologyKey", "whenUnsatisfiable"])),
            ("topologySpreadConstraints.labelSelector", .atomic),
            ("volumes", .items(keys: ["name"])),
        ]
        + ["cephfs", "cinder", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos"].map {
            ("volumes.\($0).secretRef", .atomic)
        } + [("volumes.csi.nodePublishSecretRef", .atomic)]
        + at("volumes.ephemeral.volumeClaimTemplate.metadata", metadata)
        + at("volumes.ephemeral.volumeClaimTemplate.spec", claimSpec)

    private static let claimSpec: [(String, Rule)] = [("dataSource", .atomic), ("selector", .atomic)]
    private static let conditions: [(String, Rule)] = [("status.conditions", .items(keys: ["type"]))]
    private static let selector: [(String, Rule)] = [("spec.selector", .atomic)]
    private static let template = at("spec.template.metadata", metadata) + at("spec.template.spec", podSpec)
    private static let workload = selector + template + conditions
    private static let job =
        selector + template + [
            ("status.uncountedTerminatedPods.failed", .set), ("status.uncountedTerminatedPods.succeeded", .set),
        ]

    private static let kinds: [ResourceKind: [(String, Rule)]] = [
        .namespace: conditions,
        .serviceAccount: [("secrets", .items(keys: ["name"]))],
        .service: conditions + selector + [("spec.ports", .items(keys: ["port", "protocol"]))],
        .pod: at("spec", podSpec) + conditions + [
            ("status.podIPs", .items(keys: ["ip"])), ("status.resourceClaimStatuses", .items(keys: ["name"])),
            ("status.resources.claims", .items(keys: ["name"])),
        ],
        .persistentVolumeClaim: at("spec", claimSpec) + conditions,
        .event: [("involvedObject", .atomic), ("related", .atomic)],
        .resourceQuota: [("spec.scopeSelector", .atomic)],
        .deployment: workload, .statefulSet: workload, .daemonSet: workload, .replicaSet: workload,
        .job: job,
        .cronJob: at("spec.jobTemplate.metadata", metadata) + at("spec.jobTemplate", specOnly(job)),
        .ingress: [
            ("spec.defaultBackend.resource", .atomic), ("spec.defaultBackend.service.port", .atomic),
        ],
        .networkPolicy: [("spec.podSelector", .atomic)],
        .horizontalPodAutoscaler: conditions,
        .podDisruptionBudget: conditions + selector,
        .roleBinding: [("roleRef", .atomic)], .clusterRoleBinding: [("roleRef", .atomic)],
        .customResourceDefinition: conditions,
        .storageDriver: [("spec.volumeLifecycleModes", .set)],
        .node: conditions + [("spec.podCIDRs", .set), ("status.addresses", .items(keys: ["type"]))],
    ]

    private static let schemas: [ResourceKind: FieldSchema] = Dictionary(
        uniqueKeysWithValues: ResourceKind.all.map { ($0, tree(at("metadata", metadata) + (kinds[$0] ?? []))) })

    /// The rules of one kind.
    static func of(_ kind: ResourceKind) -> FieldSchema { schemas[kind] ?? custom }

    /// Of kinds that definitions have added, whose own schemas are not looked at.
    private static let custom = tree(at("metadata", metadata))

    private static func at(_ path: String, _ lines: [(String, Rule)]) -> [(String, Rule)] {
        lines.map { ("\(path).\($0.0)", $0.1) }
    }

    private static func specOnly(_ lines: [(String, Rule)]) -> [(String, Rule)] {
        lines.filter { $0.0.hasPrefix("spec.") }
    }

    /// Every line of a kind's table, by path, for comparison with the published document.
    static func lines(_ kind: ResourceKind) -> [String: Rule] {
        Dictionary(at("metadata", metadata) + (kinds[kind] ?? []), uniquingKeysWith: { first, _ in first })
    }
}
