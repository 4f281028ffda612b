import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import GoogleCloud

/// All things of a pool as its files list them.
@Suite struct PoolTests {
    private static let file = """
        resources:
          - forwarding-rule: {name: rpc, backend: rpc, address: rpc, ports: ["8545"]}
          - backend: {name: rpc, health_check: rpc}
          - network: {name: "{{settings.network}}"}
          - subnetwork: {name: nodes, network: "{{settings.network}}", range: "{{values.range}}"}
          - firewall: {name: p2p, network: "{{settings.network}}", allow: ["tcp:30303"], source_ranges: "{{settings.sources}}"}
          - address: {name: rpc}
          - health-check: {name: rpc, port: 8545}
          - disk: {name: chain, size: 2TiB, type: pd-ssd}
          - instance:
              name: geth-0
              machine_type: n2-standard-8
              image: projects/debian-cloud/global/images/family/debian-12
              boot_size: 50GiB
              subnetwork: nodes
              disks: [chain]
              startup_script: {file: vm/startup.sh}
              metadata: {geth-image: "{{images.geth}}"}
        """

    private func folder(_ text: String = PoolTests.file) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(
            "images: {geth: client-go:1}\nsettings: {network: main, sources: [0.0.0.0/0]}\n",
            to: "pool/deployment/settings.yaml")
        try folder.write(text, to: "pool/deployment/google.yaml")
        try folder.write("#!/bin/sh\n", to: "pool/vm/startup.sh")
        return folder
    }

    private static let inputs: JSONValue = [
        "files": ["pool/deployment/google.yaml"], "values": ["range": "10.10.0.0/20"],
    ]

    private func action(_ name: String, _ folder: TemporaryFolder, _ world: CloudWorld) throws -> any RepeatableAction
        & Plannable
    {
        let made = try world.action(name, Self.inputs, root: folder.url.path)
        return try #require(made as? any RepeatableAction & Plannable)
    }

    @Test func `a pool is made from nothing in the order that it needs, and then each thing is read once`() async throws
    {
        let folder = try folder()
        try await CloudWorld.run { world in
            let apply = try action("gcp.apply", folder, world)
            let plan = try await apply.plan(world.context())
            #expect(plan.changes.count == 9)
            #expect(plan.changes.allSatisfy { $0.contains("create") })
            #expect(world.changes == [])
            let made = try await apply.perform(world.context())
            #expect(made["changed"] == 9)
            #expect(made["summary"] == "9 things, 9 of them made or changed")
            let instance = try await world.cloud.client().find(
                GoogleCall(.compute, "GET", "\(CloudWorld.zone)/instances/geth-0"))
            let items = instance?["metadata"]?["items"]?.arrayValue ?? []
            #expect(items.contains(["key": "startup-script", "value": "#!/bin/sh\n"]))
            #expect(items.contains(["key": "geth-image", "value": "client-go:1"]))

            let before = world.methods.count
            let again = try await apply.perform(world.context("6f1c2d3e-0000-4000-8000-000000000002"))
            #expect(again["summary"] == "9 things, nothing to do")
            let looks = world.methods.dropFirst(before)
            #expect(looks.count == 9)
            #expect(looks.allSatisfy { $0.hasSuffix(".get") })
        }
    }

    @Test func `a plan shows the one rule that was changed, and nothing else is touched`() async throws {
        let folder = try folder()
        try await CloudWorld.run { world in
            _ = try await action("gcp.apply", folder, world).perform(world.context())
            try folder.write(
                PoolTests.file.replacing(#"["tcp:30303"]"#, with: #"["tcp:30303", "udp:30303"]"#),
                to: "pool/deployment/google.yaml")
            let apply = try action("gcp.apply", folder, world)
            #expect(
                try await apply.plan(world.context()).changes == [
                    "firewall rule p2p: allowed: tcp:30303 → tcp:30303, udp:30303"
                ])
            let before = world.changes.count
            let output = try await apply.perform(world.context("6f1c2d3e-0000-4000-8000-000000000002"))
            #expect(output["summary"] == "9 things, 1 of them made or changed")
            #expect(world.changes.dropFirst(before) == ["compute.firewalls.patch"])
        }
    }

    @Test func `what is refused is told before anything is changed, all at once`() async throws {
        let folder = try folder()
        try await CloudWorld.run { world in
            _ = try await action("gcp.apply", folder, world).perform(world.context())
            let before = world.changes.count
            try folder.write(
                PoolTests.file.replacing("n2-standard-8", with: "n2-standard-16").replacing(
                    "pd-ssd", with: "pd-balanced"
                )
                .replacing("tcp:30303", with: "tcp:30304"), to: "pool/deployment/google.yaml")
            let apply = try action("gcp.apply", folder, world)
            let error = await #expect(throws: ActionError.self) { _ = try await apply.perform(world.context("k2")) }
            #expect(error?.message.contains("(and 1 more)") == true)
            #expect(error?.details?.contains("instance geth-0") == true)
            #expect(error?.details?.contains("disk chain") == true)
            #expect(error?.mayHaveTakenEffect == false)
            #expect(world.changes.count == before)
        }
    }

    @Test func `what was there before is only read until it is adopted, which changes nothing of it but its mark`()
        async throws
    {
        let folder = try folder()
        try await CloudWorld.run { world in
            let client = try world.cloud.client()
            for (path, body) in [
                ("\(CloudWorld.global)/networks", ["name": "main", "autoCreateSubnetworks": false] as JSONValue),
                (
                    "\(CloudWorld.zone)/disks",
                    ["name": "chain", "sizeGb": "1024", "type": .string("\(CloudWorld.zone)/diskTypes/pd-ssd")]
                ),
            ] {
                let scope = path.split(separator: "/").dropLast().joined(separator: "/")
                let operation = try await client.startAnew(
                    GoogleCall(.compute, "POST", path, body: body), key: "by-hand", parent: scope)
                _ = try await client.finish(operation, time: world.time)
            }
            let apply = try action("gcp.apply", folder, world)
            let refusal = await #expect(throws: ActionError.self) { _ = try await apply.perform(world.context()) }
            #expect(refusal?.hint?.contains("adopt") == true)
            let adopt = try action("gcp.adopt-pool", folder, world)
            let plan = try await adopt.plan(world.context())
            #expect(
                plan.changes == [
                    "network main: adopted by the pool infrastructure",
                    "disk chain: adopted by the pool infrastructure",
                ])
            #expect(plan.notes.contains { $0.contains("disk chain differs: sizeGb") })
            #expect(plan.notes.contains("firewall rule p2p is not there; a deploy makes it"))
            let output = try await adopt.perform(world.context())
            #expect(output["summary"] == "2 of 9 things were adopted")
            let disk = try await client.find(GoogleCall(.compute, "GET", "\(CloudWorld.zone)/disks/chain"))
            #expect(disk?["sizeGb"] == "1024")
            #expect(try await adopt.perform(world.context("k2"))["adopted"] == 0)
            // Now the deploy may let it grow.
            _ = try await apply.perform(world.context("6f1c2d3e-0000-4000-8000-000000000003"))
            let grown = try await client.find(GoogleCall(.compute, "GET", "\(CloudWorld.zone)/disks/chain"))
            #expect(grown?["sizeGb"] == "2048")
        }
    }

    @Test(arguments: [
        ("things: []", "has no list 'resources'"), ("resources: [network]", "a thing is one kind with its inputs"),
        ("resources: [{net: {name: a}}]", "there is no kind 'net'"),
        ("resources: [{network: {name: A}}]", "network: "),
        ("resources: [{network: {name: '{{settings.nets}}'}}]", "nothing provides {{settings.nets}}"),
        ("resources: [{network: {name: a}}, {network: {name: a}}]", "network a is listed twice"),
        ("resources: [{network: {name: {file: ../../../etc/passwd}}}]", "is outside of the folder"),
    ])
    func `a file that cannot be used says why and where`(_ text: String, _ words: String) async throws {
        let folder = try folder(text)
        try await CloudWorld.run { world in
            let apply = try action("gcp.apply", folder, world)
            let error = await #expect(throws: ActionError.self) { _ = try await apply.plan(world.context()) }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
            #expect(world.methods.isEmpty)
        }
    }
}
