import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import GoogleCloud

@Suite struct ContainerTests {
    private static let cluster: JSONValue = [
        "name": "infrastructure", "location": "europe-west3", "network": "main", "subnetwork": "nodes",
        "release_channel": "STABLE", "authorized_networks": ["192.0.2.0/24"],
        "node_pool": ["name": "cpu", "machine_type": "n2-standard-8", "size": 2],
    ]
    private static let gpu: JSONValue = [
        "cluster": "infrastructure", "location": "europe-west3", "name": "gpu", "machine_type": "g2-standard-8",
        "accelerator": "nvidia-l4", "taints": ["nvidia.com/gpu=present:NoSchedule"], "node_labels": ["pool": "gpu"],
        "size": 0, "min": 0, "max": 2,
    ]
    private static let path = "projects/example-project/locations/europe-west3/clusters/infrastructure"

    private func makeCluster(_ world: CloudWorld) async throws {
        try await world.makeNetwork()
        try await world.perform("gcp.cluster-ensure", Self.cluster)
    }

    private func containerCalls(_ world: CloudWorld) -> [String] {
        world.exchangesSeen.map(\.methodID).filter { $0.hasPrefix("container.") }
    }

    private func pool(_ world: CloudWorld, _ name: String) -> JSONValue? {
        world.google.resource("\(Self.path)/nodePools/\(name)")
    }

    @Test func `a cluster or node pool that Google has given up is told by the plan, with the reason`() async throws {
        try await CloudWorld.run { world in
            try await makeCluster(world)
            try await world.perform("gcp.node-pool-ensure", Self.gpu)
            let things: JSONValue = [
                "things": [Self.cluster.with(["kind": "cluster"]), Self.gpu.with(["kind": "node-pool"])]
            ]
            #expect(try await world.plan("gcp.ensure", things).changes.isEmpty)
            for (path, title) in [
                ("\(Self.path)/nodePools/gpu", "node pool gpu"), (Self.path, "cluster infrastructure"),
            ] {
                var broken = try #require(world.google.resource(path)?.objectValue)
                broken["status"] = "ERROR"
                broken["statusMessage"] = "Out of addresses."
                world.google.put(path, broken)
                let error = try #require(
                    await #expect(throws: ActionError.self) { try await world.plan("gcp.ensure", things) })
                #expect(
                    error.message.contains("is in the state ERROR: Out of addresses."), "\(title): \(error.message)")
            }
        }
    }

    @Test func `a cluster that works in part is told by the plan, and may be changed`() async throws {
        try await CloudWorld.run { world in
            try await makeCluster(world)
            var cluster = try #require(world.google.resource(Self.path)?.objectValue)
            cluster["status"] = "DEGRADED"
            cluster["conditions"] = [["code": "GKE_SERVICE_ACCOUNT_DELETED", "message": "The account is gone."]]
            world.google.put(Self.path, cluster)
            let words =
                "cluster infrastructure is in the state DEGRADED: The account is gone.: look at it in Google's console"
            let plan = try await world.plan("gcp.ensure", ["things": [Self.cluster.with(["kind": "cluster"])]])
            #expect(plan.changes.isEmpty && plan.notes == [words])
            let changed = Self.cluster.with(["authorized_networks": ["198.51.100.0/24"]])
            let other = try await world.plan("gcp.cluster-ensure", changed)
            #expect(other.changes.count == 1 && other.notes == [words])
            #expect(try await world.perform("gcp.cluster-ensure", changed)["changed"] == true)
        }
    }

    @Test func `a cluster is made with private nodes, workload identity and its first node pool`() async throws {
        try await CloudWorld.run { world in
            try await world.makeNetwork()
            let plan = try await world.plan("gcp.cluster-ensure", Self.cluster)
            #expect(plan.changes.count == 1 && plan.changes[0].hasPrefix("cluster infrastructure: create with"))
            let made = try await world.perform("gcp.cluster-ensure", Self.cluster)
            #expect(made["changed"] == true)
            #expect(made["endpoint"]?.stringValue?.isEmpty == false)
            let there = world.google.resource(Self.path)
            #expect(there?["resourceLabels"] == ["defimon": "infrastructure"])
            #expect(there?.at(path: "networkConfig.defaultEnablePrivateNodes") == true)
            #expect(there?.at(path: "workloadIdentityConfig.workloadPool") == "example-project.svc.id.goog")
            #expect(there?.at(path: "releaseChannel.channel") == "STABLE")
            #expect(pool(world, "cpu")?.at(path: "config.machineType") == "n2-standard-8")
        }
    }

    @Test func `a zonal cluster is where its zone is`() async throws {
        try await CloudWorld.run { world in
            try await world.makeNetwork()
            try await world.perform("gcp.cluster-ensure", Self.cluster.with(["location": "europe-west3-a"]))
            #expect(world.google.paths(containing: "/locations/europe-west3-a/clusters/infrastructure").count == 2)
        }
    }

    @Test func `with nothing to do there is one look`() async throws {
        try await CloudWorld.run { world in
            try await makeCluster(world)
            try await world.perform("gcp.node-pool-ensure", Self.gpu)
            let before = containerCalls(world).count
            #expect(try await world.perform("gcp.cluster-ensure", Self.cluster)["changed"] == false)
            #expect(try await world.perform("gcp.node-pool-ensure", Self.gpu)["changed"] == false)
            #expect(
                containerCalls(world).dropFirst(before) == [
                    "container.projects.locations.clusters.get", "container.projects.locations.clusters.nodePools.get",
                ])
        }
    }

    @Test func `what may be changed is changed, one update after the other`() async throws {
        try await CloudWorld.run { world in
            try await makeCluster(world)
            let other = Self.cluster.with([
                "release_channel": "REGULAR", "authorized_networks": ["198.51.100.0/24"], "private_nodes": false,
            ])
            let plan = try await world.plan("gcp.cluster-ensure", other)
            #expect(
                Set(plan.changes) == [
                    "cluster infrastructure: private_nodes: true → false",
                    "cluster infrastructure: release_channel: STABLE → REGULAR",
                    "cluster infrastructure: authorized_networks: 192.0.2.0/24 → 198.51.100.0/24",
                ])
            try await world.perform("gcp.cluster-ensure", other)
            #expect(world.google.resource(Self.path)?.at(path: "releaseChannel.channel") == "REGULAR")
            #expect(try await world.plan("gcp.cluster-ensure", other).changes.isEmpty)
        }
    }

    @Test func `another network would need another cluster`() async throws {
        try await CloudWorld.run { world in
            try await makeCluster(world)
            let error = await #expect(throws: ActionError.self) {
                try await world.perform("gcp.cluster-ensure", Self.cluster.with(["network": "other"]))
            }
            #expect(error?.message.contains("would have to be replaced") == true)
            #expect(error?.message.contains("network: main → other") == true)
        }
    }

    @Test func `a cluster that others have made is only read`() async throws {
        try await CloudWorld.run { world in
            try await makeCluster(world)
            var there = world.google.resource(Self.path)?.objectValue ?? [:]
            there["resourceLabels"] = [:]
            world.google.put(Self.path, there)
            let same = try await world.perform("gcp.cluster-ensure", Self.cluster)
            #expect(same["summary"]?.stringValue?.contains("only read") == true)
            let error = await #expect(throws: ActionError.self) {
                try await world.perform("gcp.cluster-ensure", Self.cluster.with(["release_channel": "RAPID"]))
            }
            #expect(error?.hint?.contains("adopt") == true)
            #expect(world.google.resource(Self.path)?.at(path: "releaseChannel.channel") == "STABLE")
        }
    }

    @Test func `a cluster and its pool are taken over by their labels, and may then be changed`() async throws {
        try await CloudWorld.run { world in
            try await makeCluster(world)
            var there = world.google.resource(Self.path)?.objectValue ?? [:]
            there["resourceLabels"] = ["team": "chain"]
            world.google.put(Self.path, there)
            let wanted = Self.cluster.with(["release_channel": "RAPID"])
            let inputs: JSONValue = ["things": [wanted.with(["kind": "cluster"])]]
            let plan = try await world.plan("gcp.adopt", inputs)
            #expect(plan.changes == ["cluster infrastructure: adopted by the pool infrastructure"])
            #expect(plan.notes == ["differs: cluster infrastructure: release_channel: STABLE → RAPID"])
            #expect(try await world.perform("gcp.adopt", inputs)["changed"] == true)
            #expect(
                world.google.resource(Self.path)?["resourceLabels"] == ["team": "chain", "defimon": "infrastructure"])
            #expect(try await world.perform("gcp.adopt", inputs)["changed"] == false)
            #expect(try await world.perform("gcp.cluster-ensure", wanted)["changed"] == true)

            let poolPath = "\(Self.path)/nodePools/cpu"
            var pool = world.google.resource(poolPath)?.objectValue ?? [:]
            var config = pool["config"]?.objectValue ?? [:]
            config["resourceLabels"] = nil
            pool["config"] = .object(config)
            world.google.put(poolPath, pool)
            let poolInputs: JSONValue = [
                "things": [
                    [
                        "kind": "node-pool", "cluster": "infrastructure", "location": "europe-west3", "name": "cpu",
                        "machine_type": "n2-standard-8",
                    ]
                ]
            ]
            #expect(try await world.perform("gcp.adopt", poolInputs)["changed"] == true)
            #expect(
                world.google.resource(poolPath)?.at(path: "config.resourceLabels.defimon") == "infrastructure")
        }
    }

    @Test func `a create whose answer was lost is found again and made once`() async throws {
        try await CloudWorld.run { world in
            try await world.makeNetwork()
            world.google.failures.counts[.resetAfterwards] = .init(
                1, methods: "container.projects.locations.clusters.create")
            let first = await #expect(throws: ActionError.self) {
                try await world.perform("gcp.cluster-ensure", Self.cluster)
            }
            #expect(first?.mayHaveTakenEffect == true)
            let again = try await world.perform("gcp.cluster-ensure", Self.cluster)
            #expect(again["changed"] == false)
            #expect(world.google.resource(Self.path)?["status"] == "RUNNING")
            #expect(containerCalls(world).filter { $0.hasSuffix("clusters.create") }.count == 1)
        }
    }

    @Test func `a pool of GPUs has its accelerators and taints, and is marked`() async throws {
        try await CloudWorld.run { world in
            try await makeCluster(world)
            try await world.perform("gcp.node-pool-ensure", Self.gpu)
            let made = pool(world, "gpu")
            #expect(made?.at(path: "config.accelerators.0.acceleratorType") == "nvidia-l4")
            #expect(
                made?.at(path: "config.taints.0") == [
                    "key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE",
                ])
            #expect(made?.at(path: "config.resourceLabels.defimon") == "infrastructure")
            #expect(made?["autoscaling"]?["maxNodeCount"] == 2)
        }
    }

    @Test func `taints and bounds are changed in place, a machine type is not`() async throws {
        try await CloudWorld.run { world in
            try await makeCluster(world)
            try await world.perform("gcp.node-pool-ensure", Self.gpu)
            let other = Self.gpu.with(["taints": ["dedicated=ml:NoExecute"], "max": 3])
            let plan = try await world.plan("gcp.node-pool-ensure", other)
            #expect(
                plan.changes == [
                    "node pool gpu of cluster infrastructure: taints: nvidia.com/gpu=present:NoSchedule → dedicated=ml:NoExecute",
                    "node pool gpu of cluster infrastructure: autoscaling: 0 to 2 → 0 to 3",
                ])
            try await world.perform("gcp.node-pool-ensure", other)
            #expect(try await world.plan("gcp.node-pool-ensure", other).changes.isEmpty)
            let error = await #expect(throws: ActionError.self) {
                try await world.plan("gcp.node-pool-ensure", other.with(["machine_type": "g2-standard-4"]))
            }
            #expect(error?.message.contains("machine_type: g2-standard-8 → g2-standard-4") == true)
        }
    }

    @Test func `a pool is resized by what its groups say, and once`() async throws {
        try await CloudWorld.run { world in
            try await makeCluster(world)
            let inputs: JSONValue = [
                "cluster": "infrastructure", "location": "europe-west3", "name": "cpu", "size": 3,
            ]
            #expect(
                try await world.plan("gcp.node-pool-resize", inputs).changes == [
                    "node pool cpu of cluster infrastructure: size: 2 → 3"
                ])
            #expect(try await world.perform("gcp.node-pool-resize", inputs)["size"] == 3)
            #expect(try await world.perform("gcp.node-pool-resize", inputs)["changed"] == false)
            #expect(containerCalls(world).filter { $0.hasSuffix("setSize") }.count == 1)
        }
    }

    @Test func `a pool with an autoscaler is not resized beside it`() async throws {
        try await CloudWorld.run { world in
            try await makeCluster(world)
            try await world.perform("gcp.node-pool-ensure", Self.gpu)
            let error = await #expect(throws: ActionError.self) {
                try await world.perform(
                    "gcp.node-pool-resize",
                    ["cluster": "infrastructure", "location": "europe-west3", "name": "gpu", "size": 1])
            }
            #expect(error?.hint?.contains("gcp.node-pool-autoscale") == true)
        }
    }

    @Test func `an autoscaler is set and ended`() async throws {
        try await CloudWorld.run { world in
            try await makeCluster(world)
            let target: JSONValue = ["cluster": "infrastructure", "location": "europe-west3", "name": "cpu"]
            try await world.perform("gcp.node-pool-autoscale", target.with(["min": 1, "max": 4]))
            #expect(pool(world, "cpu")?["autoscaling"]?["maxNodeCount"] == 4)
            try await world.perform("gcp.node-pool-autoscale", target.with(["off": true]))
            #expect(pool(world, "cpu")?["autoscaling"] == nil)
        }
    }

    @Test func `a pool that is not there is not resized, and a plan says so`() async throws {
        try await CloudWorld.run { world in
            try await makeCluster(world)
            let inputs: JSONValue = [
                "cluster": "infrastructure", "location": "europe-west3", "name": "nope", "size": 1,
            ]
            let plan = try await world.plan("gcp.node-pool-resize", inputs)
            #expect(plan.changes.isEmpty)
            #expect(plan.knownLater == ["node pool nope of cluster infrastructure, which is not there yet"])
            let error = await #expect(throws: ActionError.self) {
                try await world.perform("gcp.node-pool-resize", inputs)
            }
            #expect(error?.message == "node pool nope of cluster infrastructure is not there")
        }
    }

    @Test func `what somebody else does with the cluster is waited for`() async throws {
        try await CloudWorld.run { world in
            try await makeCluster(world)
            // Another one's change is under way.
            _ = try await world.cloud.client().send(
                GoogleCall(.container, "POST", "\(Self.path)/nodePools/cpu:setSize", body: ["nodeCount": 3]))
            let made = try await world.perform("gcp.node-pool-ensure", Self.gpu)
            #expect(made["changed"] == true)
            #expect(pool(world, "gpu")?["status"] == "RUNNING")
        }
    }

    @Test func `a zone without machines is told in Google's words, and the broken pool is not touched again`()
        async throws
    {
        try await CloudWorld.run { world in
            try await makeCluster(world)
            world.google.failures.stockout = ["europe-west3-b"]
            let inputs = Self.gpu.with(["size": 1, "min": .null, "max": .null])
            for _ in 0..<2 {
                let error = await #expect(throws: ActionError.self) {
                    try await world.perform("gcp.node-pool-ensure", inputs)
                }
                #expect(error?.message.contains("does not have enough resources") == true)
            }
            #expect(containerCalls(world).filter { $0.hasSuffix("nodePools.create") }.count == 1)
        }
    }

    @Test(
        arguments: [
            (["taints": ["gpu"]], "gpu"), (["min": 1], "belong together"), (["min": 3, "max": 2], "larger than"),
            (["accelerator": .null, "accelerator_count": 2], "accelerator"), (["name": "GPU"], "GPU"),
        ] as [([String: JSONValue], String)])
    func `inputs that cannot be are told`(_ change: [String: JSONValue], _ words: String) async throws {
        try await CloudWorld.run { world in
            var inputs = Self.gpu.with(["min": .null, "max": .null]).with(change)
            inputs = .object((inputs.objectValue ?? [:]).filter { $0.value != .null })
            let problem = #expect(throws: Problem.self) { try world.action("gcp.node-pool-ensure", inputs) }
            #expect(problem?.message.contains(words) == true)
        }
    }

    @Test func `the role's permissions are enough`() async throws {
        try await CloudWorld.run(permissions: Set(ActionPermissions.all)) { world in
            try await makeCluster(world)
            try await world.perform("gcp.node-pool-ensure", Self.gpu)
            try await world.perform(
                "gcp.node-pool-resize",
                ["cluster": "infrastructure", "location": "europe-west3", "name": "cpu", "size": 1])
        }
    }
}
