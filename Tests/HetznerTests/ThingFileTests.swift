import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Hetzner

/// Things of a pool as files list them.
@Suite struct ThingFileTests {
    private func folder(_ things: String) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("settings: {type: cx22, sources: [203.0.113.0/24]}\n", to: "pool/deployment/settings.yaml")
        try folder.write(things, to: "pool/deployment/hetzner.yaml")
        try folder.write("#!/bin/sh\necho {{values.name}} {{secrets.join}}\n", to: "pool/init/start.sh")
        try folder.write("#!/bin/sh\necho plain\n", to: "pool/init/plain.sh")
        try folder.write(
            """
            hostname: "{{values.name}}"
            write_files:
              - {path: /token, content: "{{secrets.join}}"}
              - {path: /start, content: {file: init/plain.sh}}
            """, to: "pool/init/document.yaml")
        return folder
    }

    private static let inputs: JSONValue = [
        "files": ["pool/deployment/hetzner.yaml"], "values": ["name": "web-1", "sources": "198.51.100.7, 2001:db8::1"],
    ]

    private static func server(_ userData: String) -> String {
        """
        things:
          - kind: server
            name: "{{values.name}}"
            type: "{{settings.type}}"
            image: debian-12
            user_data: \(userData)
            secrets: {join: {stored: join}}
        """
    }

    @Test(arguments: [
        (
            "{file: init/start.sh}", "#!/bin/sh\necho web-1 join-\"token\"\nof two lines\n"
        ),
        (
            "{yaml: init/document.yaml}",
            #"""
            #cloud-config
            {"hostname":"web-1","write_files":[{"content":"join-\"token\"\nof two lines","path":"/token"},{"content":"#!/bin/sh\necho plain\n","path":"/start"}]}

            """#
        ),
        ("\"{{values.name}} {{secrets.join}}\"", "web-1 join-\"token\"\nof two lines"),
    ])
    func `user data is a text, a file or a document, with its templates and the bot's secrets filled in`(
        _ written: String, _ text: String
    ) async throws {
        let folder = try folder(Self.server(written))
        try await CloudWorld.run { world in
            try await world.perform("hetzner.ensure", Self.inputs, root: folder.url.path)
            #expect(world.hetzner.userData("web-1") == text)
        }
    }

    @Test func `sources may be a list or a text with commas, and an address is a range of one`() async throws {
        let folder = try folder(
            """
            things:
              - kind: firewall
                name: nodes
                rules:
                  - {protocol: tcp, port: "22", sources: "{{settings.sources}}"}
                  - {protocol: tcp, port: "6443", sources: "{{values.sources}}"}
            """)
        try await CloudWorld.run { world in
            try await world.perform("hetzner.ensure", Self.inputs, root: folder.url.path)
            let rules = world.hetzner.thing("firewalls", "nodes")?["rules"]
            #expect(rules?.at(path: "0.source_ips") == ["203.0.113.0/24"])
            #expect(rules?.at(path: "1.source_ips") == ["198.51.100.7/32", "2001:db8::1/128"])
        }
    }

    @Test(arguments: [
        (
            "things: [{kind: server, name: '{{secrets.join}}', type: cx22, image: debian-12}]",
            "nothing provides {{secrets.join}}"
        ),
        ("things: [{kind: machine, name: a}]", "has no kind that is known"),
        (server("{file: init/none.sh}"), "there is no file pool/init/none.sh"),
        (server("{yaml: init/start.sh}"), "pool/init/start.sh holds no map"),
        (server("{file: ../../../etc/passwd}"), "is outside of the folder"),
    ])
    func `a file that cannot be used says why and where`(_ text: String, _ words: String) async throws {
        let folder = try folder(text)
        try await CloudWorld.run { world in
            let error = await #expect(throws: ActionError.self) {
                try await world.plan("hetzner.ensure", Self.inputs, root: folder.url.path)
            }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
            #expect(error?.message.contains("pool/") == true)
            #expect(world.exchangesSeen.isEmpty)
        }
    }
}
