import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import GoogleCloud

/// Things of a pool as files list them.
@Suite struct ThingFileTests {
    private static let file = """
        things:
          - {kind: forwarding-rule, name: rpc, backend: rpc, address: rpc, ports: ["8545"]}
          - {kind: backend, name: rpc, health_check: rpc}
          - {kind: network, name: "{{settings.network}}"}
          - {kind: subnetwork, name: nodes, network: "{{settings.network}}", range: "{{values.range}}"}
          - kind: firewall
            name: p2p
            network: "{{settings.network}}"
            allow: ["tcp:30303"]
            source_ranges: "{{settings.sources}}"
          - {kind: address, name: rpc}
          - {kind: health-check, name: rpc, port: 8545}
          - {kind: disk, name: chain, size: 2TiB, type: pd-ssd}
          - kind: instance
            name: geth-0
            machine_type: n2-standard-8
            image: projects/debian-cloud/global/images/family/debian-12
            boot_size: 50GiB
            subnetwork: nodes
            disks: [chain]
            startup_script: {file: vm/startup.sh}
            metadata: {geth-image: "{{images.geth}}"}
          - kind: cluster
            name: infra
            network: "{{settings.network}}"
            subnetwork: nodes
            node_pool: {name: system, machine_type: e2-standard-4}
          - {kind: node-pool, cluster: infra, name: ethereum, machine_type: n2-highmem-8}
        """

    private func folder(_ text: String = ThingFileTests.file) throws -> TemporaryFolder {
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

    /// What `defimon check` finds of a step with these inputs.
    private func checked(_ folder: TemporaryFolder, _ inputs: JSONValue = Self.inputs) -> [String] {
        var reader = InputReader.checking(LocatedValue(inputs), typeOf: { _ in nil })
        _ = EnsureThingsAction(&reader, CloudConnection(), root: folder.url.path)
        reader.finish()
        return reader.problems.map(\.description)
    }

    @Test func `a check finds nothing in a file that fits, also where values are not known yet`() throws {
        let values: JSONValue = ["range": "{{pools.infrastructure.range}}"]
        #expect(checked(try folder()) == [])
        #expect(checked(try folder(), Self.inputs.with(["values": values])) == [])
    }

    @Test func `a check finds every mistake of a file, each at its place`() throws {
        let folder = try folder(
            """
            things:
              - {kind: moon, name: a}
              - {kind: network, name: "{{settings.netwrk}}"}
              - {kind: subnetwork, name: nodes, network: main, range: "{{values.rage}}"}
              - {kind: disk, name: chain, size: many}
              - {kind: address, name: rpc, adress: x}
              - kind: instance
                name: geth-0
                machine_type: n2-standard-8
                image: projects/debian-cloud/global/images/family/debian-12
                boot_size: 50GiB
                subnetwork: nodes
                startup_script: {file: vm/start.sh}
            """)
        let found = checked(folder)
        let file = "pool/deployment/google.yaml"
        for (place, words) in [
            ("2:12", "has no kind that is known"), ("3:27", "nothing provides {{settings.netwrk}}"),
            ("4:59", "nothing provides {{values.rage}}"), ("5:37", "input 'size' is 'many'"),
            ("6:32", "unknown input 'adress'"), ("13:21", "there is no file pool/vm/start.sh"),
        ] {
            #expect(found.contains { $0.hasPrefix("\(file):\(place): error: \(words)") }, "\(place) \(words): \(found)")
        }
        #expect(found.count == 6)
    }

    @Test func `a check tells a file that is not there, or holds no list, at the step`() throws {
        let missing = checked(try folder(), ["files": ["pool/deployment/gogle.yaml"]])
        #expect(missing.count == 1 && missing[0].contains("there is no file pool/deployment/gogle.yaml"), "\(missing)")
        let empty = checked(try folder("other: []\n"))
        #expect(empty.count == 1 && empty[0].contains("has no list 'things'"), "\(empty)")
    }

    @Test func `a pool is made from nothing in the order that it needs, and then each thing is read once`() async throws
    {
        let folder = try folder()
        try await CloudWorld.run { world in
            let apply = try action("gcp.ensure", folder, world)
            let plan = try await apply.plan(world.context())
            #expect(plan.changes.count == 11)
            #expect(plan.changes.allSatisfy { $0.contains("create") })
            #expect(world.changes == [])
            let made = try await apply.perform(world.context())
            #expect(made["changes"] == 11)
            #expect(made["summary"] == "11 changes of 11 things")
            let instance = try await world.cloud.client().find(
                GoogleCall(.compute, "GET", "\(CloudWorld.zone)/instances/geth-0"))
            let items = instance?["metadata"]?["items"]?.arrayValue ?? []
            #expect(items.contains(["key": "startup-script", "value": "#!/bin/sh\n"]))
            #expect(items.contains(["key": "geth-image", "value": "client-go:1"]))

            let before = world.exchangesSeen.count
            let again = try await apply.perform(world.context("6f1c2d3e-0000-4000-8000-000000000002"))
            #expect(again["summary"] == "nothing to do: all 11 are as wanted")
            let looks = world.exchangesSeen.dropFirst(before).map(\.path)
            #expect(Set(looks).count == looks.count)
            #expect(world.exchangesSeen.dropFirst(before).allSatisfy { $0.verb == "GET" })
        }
    }

    @Test func `a plan shows the one rule that was changed, and nothing else is touched`() async throws {
        let folder = try folder()
        try await CloudWorld.run { world in
            _ = try await action("gcp.ensure", folder, world).perform(world.context())
            try folder.write(
                ThingFileTests.file.replacing(#"["tcp:30303"]"#, with: #"["tcp:30303", "udp:30303"]"#),
                to: "pool/deployment/google.yaml")
            let apply = try action("gcp.ensure", folder, world)
            #expect(
                try await apply.plan(world.context()).changes == [
                    "firewall rule p2p: allowed: tcp:30303 → tcp:30303, udp:30303"
                ])
            let before = world.changes.count
            let output = try await apply.perform(world.context("6f1c2d3e-0000-4000-8000-000000000002"))
            #expect(output["summary"] == "1 change of 11 things")
            #expect(world.changes.dropFirst(before) == ["compute.firewalls.patch"])
        }
    }

    @Test func `what is refused is told before anything is changed, all at once`() async throws {
        let folder = try folder()
        try await CloudWorld.run { world in
            _ = try await action("gcp.ensure", folder, world).perform(world.context())
            let before = world.changes.count
            try folder.write(
                ThingFileTests.file.replacing("n2-standard-8", with: "n2-standard-16").replacing(
                    "pd-ssd", with: "pd-balanced"
                )
                .replacing("tcp:30303", with: "tcp:30304"), to: "pool/deployment/google.yaml")
            let apply = try action("gcp.ensure", folder, world)
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
            let apply = try action("gcp.ensure", folder, world)
            let refusal = await #expect(throws: ActionError.self) { _ = try await apply.perform(world.context()) }
            #expect(refusal?.hint?.contains("adopt") == true)
            let adopt = try action("gcp.adopt", folder, world)
            let plan = try await adopt.plan(world.context())
            #expect(
                plan.changes == [
                    "network main: adopted by the pool infrastructure",
                    "disk chain: adopted by the pool infrastructure",
                ])
            #expect(plan.notes.contains { $0.contains("differs: disk chain: sizeGb") })
            #expect(plan.notes.contains("firewall rule p2p is not there"))
            let output = try await adopt.perform(world.context())
            #expect(output["adopted"] == ["network main", "disk chain"])
            let disk = try await client.find(GoogleCall(.compute, "GET", "\(CloudWorld.zone)/disks/chain"))
            #expect(disk?["sizeGb"] == "1024")
            #expect(try await adopt.perform(world.context("k2"))["changed"] == false)
            // Now the deploy may let it grow.
            _ = try await apply.perform(world.context("6f1c2d3e-0000-4000-8000-000000000003"))
            let grown = try await client.find(GoogleCall(.compute, "GET", "\(CloudWorld.zone)/disks/chain"))
            #expect(grown?["sizeGb"] == "2048")
        }
    }

    @Test(arguments: [
        ("resources: []", "has no list 'things'"), ("things: [network]", "has no kind that is known"),
        ("things: [{kind: net, name: a}]", "has no kind that is known"),
        ("things: [{kind: network, name: A}]", "network: "),
        ("things: [{kind: network, name: '{{settings.nets}}'}]", "nothing provides {{settings.nets}}"),
        ("things: [{kind: network, name: a}, {kind: network, name: a}]", "network a is listed twice"),
        ("things: [{kind: network, name: {file: ../../../etc/passwd}}]", "is outside of the folder"),
    ])
    func `a file that cannot be used says why and where`(_ text: String, _ words: String) async throws {
        let folder = try folder(text)
        try await CloudWorld.run { world in
            let apply = try action("gcp.ensure", folder, world)
            let error = await #expect(throws: ActionError.self) { _ = try await apply.plan(world.context()) }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
            #expect(world.methods.isEmpty)
        }
    }
}
