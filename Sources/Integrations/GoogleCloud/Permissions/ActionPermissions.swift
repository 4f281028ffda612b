/// Which IAM permissions each action needs. The custom role in deploy/infrastructure-pool/iam holds exactly these.
package enum ActionPermissions {
    /// By the action's name.
    package static let table: [String: [CloudPermission]] = {
        var table: [String: [CloudPermission]] = [:]
        for (action, permissions) in network + disks + instances + balancing + groups + [adoption] + clusters + [
            records
        ] {
            table[action] = permissions
        }
        // Of a pool's files: what the actions of their kinds need.
        var all: [CloudPermission] = []
        for kind in ThingKind.allCases {
            for needed in table["gcp.\(kind.rawValue)-ensure"] ?? []
            where !all.contains(where: { $0.name == needed.name }) {
                all.append(needed)
            }
        }
        table["gcp.ensure"] = all
        return table
    }()

    /// What `/defimon status` needs beside.
    package static let status: [CloudPermission] = [.compute("instances.list", "instances/aggregatedList")]

    /// All of them, sorted by name, each once.
    package static var all: [String] {
        let others = status + proofs + GoogleCertificates.permissions
        return Set((Array(table.values.joined()) + others).map(\.name)).sorted()
    }

    // Operations are asked for where the thing is.
    private static let globally = CloudPermission.compute("globalOperations.get", "globalOperations/get")
    private static let inRegion = CloudPermission.compute("regionOperations.get", "regionOperations/get")
    private static let inZone = [
        CloudPermission.compute("zoneOperations.get", "zoneOperations/get"),
        CloudPermission.compute("zoneOperations.list", "zoneOperations/list"),
    ]

    private static let readingInstance = CloudPermission.compute("instances.get", "instances/get")

    private static let network: [(String, [CloudPermission])] = [
        (
            "gcp.network-ensure",
            [
                .compute("networks.get", "networks/get"), .compute("networks.create", "networks/insert"),
                .compute("networks.update", "networks/patch"), globally,
            ]
        ),
        (
            "gcp.subnetwork-ensure",
            [
                .compute("subnetworks.get", "subnetworks/get"), .compute("subnetworks.create", "subnetworks/insert"),
                .compute("networks.updatePolicy", "subnetworks/insert"),
                .compute("subnetworks.update", "subnetworks/patch"),
                .compute("subnetworks.expandIpCidrRange", "subnetworks/expandIpCidrRange"),
                .compute("subnetworks.setPrivateIpGoogleAccess", "subnetworks/setPrivateIpGoogleAccess"), inRegion,
            ]
        ),
        (
            "gcp.firewall-ensure",
            [
                .compute("firewalls.get", "firewalls/get"), .compute("firewalls.create", "firewalls/insert"),
                .compute("firewalls.update", "firewalls/patch"),
                .compute("networks.updatePolicy", "firewalls/insert"), globally,
            ]
        ),
        (
            "gcp.nat-ensure",
            [
                .compute("routers.get", "routers/get"), .compute("routers.create", "routers/insert"),
                .compute("routers.update", "routers/patch"), .compute("networks.updatePolicy", "routers/insert"),
                inRegion,
            ]
        ),
        (
            "gcp.address-ensure",
            [
                .compute("addresses.get", "addresses/get"), .compute("addresses.create", "addresses/insert"),
                .compute("addresses.createInternal", "addresses/insert"),
                .compute("addresses.setLabels", "addresses/setLabels"),
                .compute("globalAddresses.get", "globalAddresses/get"),
                .compute("globalAddresses.create", "globalAddresses/insert"),
                .compute("globalAddresses.setLabels", "globalAddresses/setLabels"),
                .compute("subnetworks.use", "addresses/insert"), inRegion, globally,
            ]
        ),
    ]

    private static let disks: [(String, [CloudPermission])] = [
        (
            "gcp.disk-ensure",
            [
                .compute("disks.get", "disks/get"), .compute("disks.create", "disks/insert"),
                .compute("disks.resize", "disks/resize"), .compute("disks.setLabels", "disks/setLabels"),
                .compute("images.useReadOnly", "disks/insert"), .compute("snapshots.useReadOnly", "disks/insert"),
            ] + inZone
        ),
        (
            "gcp.disk-resize",
            [
                .compute("disks.get", "disks/get"), .compute("disks.resize", "disks/resize"), readingInstance,
            ] + inZone
        ),
        (
            "gcp.disk-snapshot",
            [
                .compute("disks.get", "disks/get"), .compute("disks.createSnapshot", "disks/createSnapshot"),
                .compute("snapshots.create", "disks/createSnapshot"),
                .compute("snapshots.setLabels", "disks/createSnapshot"), .compute("snapshots.get", "snapshots/get"),
                readingInstance,
            ] + inZone
        ),
        (
            "gcp.disk-restore",
            [
                readingInstance, .compute("disks.get", "disks/get"), .compute("snapshots.get", "snapshots/get"),
                .compute("snapshots.list", "snapshots/list"),
                .compute("snapshots.useReadOnly", "disks/insert"), .compute("disks.create", "disks/insert"),
                .compute("disks.setLabels", "disks/insert"),
            ] + inZone
        ),
        (
            "gcp.snapshots-prune",
            [
                .compute("snapshots.list", "snapshots/list"), .compute("snapshots.delete", "snapshots/delete"),
                globally,
            ]
        ),
    ]

    private static let instances: [(String, [CloudPermission])] =
        [
            (
                "gcp.instance-ensure",
                [
                    .compute("instances.get", "instances/get"), .compute("instances.create", "instances/insert"),
                    .compute("disks.create", "instances/insert"), .compute("disks.setLabels", "instances/insert"),
                    .compute("disks.use", "instances/insert"), .compute("images.useReadOnly", "instances/insert"),
                    .compute("subnetworks.use", "instances/insert"),
                    .compute("subnetworks.useExternalIp", "instances/insert"),
                    .compute("addresses.use", "instances/insert"),
                    .compute("instances.setLabels", "instances/setLabels"),
                    .compute("instances.setMetadata", "instances/setMetadata"),
                    .compute("instances.setTags", "instances/setTags"),
                    .compute("instances.setServiceAccount", "instances/insert"),
                    .compute("instances.setDeletionProtection", "instances/setDeletionProtection"),
                    .compute("instances.attachDisk", "instances/attachDisk"),
                    CloudPermission("iam.serviceAccounts.actAs", "iam/docs/service-accounts-actas"),
                ] + inZone
            ),
            (
                "gcp.instance-set-machine-type",
                [
                    .compute("instances.get", "instances/get"), .compute("machineTypes.get", "machineTypes/get"),
                    .compute("instances.stop", "instances/stop"), .compute("instances.start", "instances/start"),
                    .compute("instances.setMachineType", "instances/setMachineType"),
                ] + inZone
            ),
            (
                "gcp.instance-attach-disk",
                [
                    .compute("instances.get", "instances/get"),
                    .compute("instances.attachDisk", "instances/attachDisk"),
                    .compute("disks.use", "instances/attachDisk"),
                ] + inZone
            ),
            (
                "gcp.instance-swap-disk",
                [
                    readingInstance, .compute("disks.get", "disks/get"),
                    .compute("disks.setLabels", "disks/setLabels"),
                    .compute("instances.detachDisk", "instances/detachDisk"),
                    .compute("instances.attachDisk", "instances/attachDisk"),
                    .compute("disks.use", "instances/attachDisk"),
                ] + inZone
            ),
            (
                "gcp.instance-serial-output",
                [.compute("instances.getSerialPortOutput", "instances/getSerialPortOutput")]
            ),
        ]
        + ["start", "stop", "reset"].map { verb in
            (
                "gcp.instance-\(verb)",
                [
                    .compute("instances.get", "instances/get"),
                    .compute("instances.\(verb)", "instances/\(verb)"),
                ] + inZone
            )
        }

    // What it reads and marks needs what the ensure action of its kind needs.
    private static let adoption: (String, [CloudPermission]) = (
        "gcp.adopt",
        [
            CloudPermission(
                "container.clusters.update",
                "kubernetes-engine/docs/reference/rest/v1/projects.locations.clusters/setResourceLabels"),
            CloudPermission(
                "container.clusters.get",
                "kubernetes-engine/docs/reference/rest/v1/projects.locations.clusters/get"),
            CloudPermission(
                "container.operations.get",
                "kubernetes-engine/docs/reference/rest/v1/projects.locations.operations/get"),
            .compute("addresses.setLabels", "addresses/setLabels"), .compute("disks.setLabels", "disks/setLabels"),
            .compute("instances.setLabels", "instances/setLabels"), .compute("firewalls.update", "firewalls/patch"),
            .compute("forwardingRules.setLabels", "forwardingRules/setLabels"),
        ]
    )

    private static let balancing: [(String, [CloudPermission])] = [
        (
            "gcp.health-check-ensure",
            [
                .compute("healthChecks.get", "healthChecks/get"),
                .compute("healthChecks.create", "healthChecks/insert"),
                .compute("healthChecks.update", "healthChecks/patch"),
                .compute("regionHealthChecks.get", "regionHealthChecks/get"),
                .compute("regionHealthChecks.create", "regionHealthChecks/insert"),
                .compute("regionHealthChecks.update", "regionHealthChecks/patch"), inRegion, globally,
            ]
        ),
        (
            "gcp.backend-ensure",
            [
                .compute("regionBackendServices.get", "regionBackendServices/get"),
                .compute("regionBackendServices.create", "regionBackendServices/insert"),
                .compute("regionBackendServices.update", "regionBackendServices/patch"),
                .compute("regionHealthChecks.useReadOnly", "regionBackendServices/insert"),
                .compute("instanceGroups.use", "regionBackendServices/insert"), inRegion,
            ]
        ),
        (
            "gcp.forwarding-rule-ensure",
            [
                .compute("forwardingRules.get", "forwardingRules/get"),
                .compute("forwardingRules.create", "forwardingRules/insert"),
                .compute("forwardingRules.setLabels", "forwardingRules/setLabels"),
                .compute("regionBackendServices.use", "forwardingRules/insert"),
                .compute("addresses.use", "forwardingRules/insert"),
                .compute("subnetworks.use", "forwardingRules/insert"), inRegion,
            ]
        ),
    ]

    private static let changingMembers =
        [
            CloudPermission.compute("instanceGroups.get", "instanceGroups/get"),
            .compute("instanceGroups.list", "instanceGroups/listInstances"),
            .compute("instanceGroups.update", "instanceGroups/addInstances"),
        ] + inZone

    private static let groups: [(String, [CloudPermission])] = [
        (
            "gcp.instance-template-ensure",
            [
                .compute("instanceTemplates.get", "instanceTemplates/get"),
                .compute("instanceTemplates.create", "instanceTemplates/insert"),
                .compute("images.useReadOnly", "instanceTemplates/insert"),
                .compute("subnetworks.use", "instanceTemplates/insert"), globally,
            ]
        ),
        (
            "gcp.instance-group-ensure",
            [
                .compute("instanceGroupManagers.get", "instanceGroupManagers/get"),
                .compute("instanceGroupManagers.create", "instanceGroupManagers/insert"),
                .compute("instanceGroupManagers.update", "instanceGroupManagers/patch"),
                .compute("instanceTemplates.useReadOnly", "instanceGroupManagers/insert"),
                .compute("instances.create", "instanceGroupManagers/insert"),
            ] + inZone
        ),
        (
            "gcp.instance-group-resize",
            [
                .compute("instanceGroupManagers.get", "instanceGroupManagers/get"),
                .compute("instanceGroupManagers.update", "instanceGroupManagers/resize"),
            ] + inZone
        ),
        (
            "gcp.unmanaged-group-ensure",
            [
                .compute("instanceGroups.create", "instanceGroups/insert"),
                .compute("instances.use", "instanceGroups/addInstances"),
            ] + changingMembers
        ),
        (
            "gcp.unmanaged-group-remove",
            changingMembers + [.compute("regionBackendServices.get", "regionBackendServices/get")]
        ),
        (
            "gcp.unmanaged-group-add",
            changingMembers + [.compute("instances.use", "instanceGroups/addInstances")]
        ),
        (
            "gcp.autoscaler-ensure",
            [
                .compute("autoscalers.get", "autoscalers/get"), .compute("autoscalers.create", "autoscalers/insert"),
                .compute("autoscalers.update", "autoscalers/patch"),
                .compute("instanceGroupManagers.use", "autoscalers/insert"),
            ] + inZone
        ),
    ]
}
