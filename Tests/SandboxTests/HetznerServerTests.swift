import Domain
import Foundation
import Outbound
import Sandbox
import Synchronization
import TestSupport
import Testing

/// Servers of Hetzner's stand-in.
@Suite struct HetznerServerTests {
    private typealias Fixture = HetznerFixture

    @Test func `A server that is ordered is made, then started`() async throws {
        try await Fixture().run { hetzner in
            let answer = try await hetzner.call("POST", "servers", Fixture.server())
            #expect(answer.status == 201)
            let json = try answer.json
            #expect(json.at(path: "server.status") == "initializing")
            #expect(json.at(path: "action.command") == "create_server")
            #expect(json.at(path: "next_actions.0.command") == "start_server")
            let id = try #require(json.at(path: "server.id")?.intValue)
            hetzner.time.advance(by: .milliseconds(3999))
            #expect(try await hetzner.server(id, "locked") == true)
            hetzner.time.advance(by: .milliseconds(1))
            #expect(try await hetzner.server(id, "status") == "starting")
            hetzner.time.advance(by: .milliseconds(800))
            #expect(try await hetzner.server(id, "status") == "running")
            #expect(try await hetzner.server(id, "locked") == false)
        }
    }

    @Test func `A root password is made only for a server without keys, and user data is kept`() async throws {
        try await Fixture().run { hetzner in
            let key = try await hetzner.make(
                "ssh_keys", ["name": "analytics", "public_key": .string(Fixture.publicKey)])
            #expect(key > 0)
            let without = try await hetzner.call("POST", "servers", Fixture.server("one")).json
            #expect(without["root_password"]?.stringValue?.isEmpty == false)
            let with = try await hetzner.call(
                "POST", "servers", Fixture.server("two", ["ssh_keys": ["analytics"], "user_data": "#cloud-config\n"])
            ).json
            #expect(with["root_password"] == .null)
            #expect(hetzner.hetzner.userData("two") == "#cloud-config\n")
            let long = String(repeating: "x", count: 32 * 1024)
            _ = try await hetzner.makeServer("three", ["user_data": .string(long)])
            #expect(
                try await hetzner.refusal("POST", "servers", Fixture.server("four", ["user_data": .string(long + "x")]))
                    == "422 invalid_input")
        }
    }

    @Test func `A name is unique, and a hostname`() async throws {
        try await Fixture().run { hetzner in
            _ = try await hetzner.makeServer()
            let again = try await hetzner.call("POST", "servers", Fixture.server())
            #expect(again.status == 409)
            #expect(try again.json.at(path: "error.details.fields.0.name") == "name")
            #expect(try await hetzner.refusal("POST", "servers", Fixture.server("a_b")) == "422 invalid_input")
        }
    }

    @Test(
        arguments: [
            (["server_type": "cx9"], "422 invalid_input"), (["image": "plan9"], "422 invalid_input"),
            (["location": "mars1"], "422 invalid_input"), (["networks": [1]], "404 not_found"),
            (["placement_group": 1], "404 not_found"), (["ssh_keys": ["nobody"]], "422 invalid_input"),
            (["server_type": "cax11", "image": 1000], "422 service_error"),
            (["public_net": ["enable_ipv4": false, "enable_ipv6": false]], "422 invalid_input"),
            (["labels": ["hetzner.cloud/x": "y"]], "422 invalid_input"),
            (["labels": ["a": "b c"]], "422 invalid_input"),
        ] as [([String: JSONValue], String)])
    func `What an order names must be there`(_ more: [String: JSONValue], _ refusal: String) async throws {
        try await Fixture().run { hetzner in
            let told = try await hetzner.refusal("POST", "servers", Fixture.server("one", more))
            #expect(told == refusal)
            #expect(hetzner.hetzner.things("servers").isEmpty)
        }
    }

    @Test func `A server is powered off and on, shut down after a while, and not locked by another's action`()
        async throws
    {
        try await Fixture().run { hetzner in
            let id = try await hetzner.makeServer()
            let other = try await hetzner.makeServer("other")
            _ = try await hetzner.call("POST", "servers/\(id)/actions/poweroff")
            #expect(try await hetzner.server(id, "status") == "stopping")
            #expect(try await hetzner.refusal("POST", "servers/\(id)/actions/poweron") == "423 locked")
            #expect(try await hetzner.refusal("DELETE", "servers/\(id)") == "423 locked")
            try await hetzner.done("POST", "servers/\(other)/actions/reboot")
            #expect(try await hetzner.server(id, "status") == "off")
            #expect(try await hetzner.refusal("POST", "servers/\(id)/actions/reset") == "422 service_error")
            try await hetzner.done("POST", "servers/\(id)/actions/poweron")
            #expect(try await hetzner.server(id, "status") == "running")

            _ = try await hetzner.call("POST", "servers/\(id)/actions/shutdown")
            hetzner.time.advance(by: .milliseconds(800))
            #expect(try await hetzner.server(id, "status") == "running")
            hetzner.time.advance(by: .seconds(2))
            #expect(try await hetzner.server(id, "status") == "off")
            hetzner.hetzner.failures.deaf = ["other"]
            try await hetzner.done("POST", "servers/\(other)/actions/shutdown")
            #expect(try await hetzner.server(other, "status") == "running")
        }
    }

    @Test func `A type is changed while the server is off, and its disk never shrinks`() async throws {
        try await Fixture().run { hetzner in
            let id = try await hetzner.makeServer()
            let path = "servers/\(id)/actions/change_type"
            let bigger: JSONValue = ["server_type": "cx42", "upgrade_disk": false]
            #expect(try await hetzner.refusal("POST", path, bigger) == "422 server_not_stopped")
            try await hetzner.done("POST", "servers/\(id)/actions/poweroff")
            try await hetzner.done("POST", path, bigger)
            #expect(try await hetzner.server(id, "server_type.name") == "cx42")
            #expect(try await hetzner.server(id, "primary_disk_size") == 80)
            try await hetzner.done("POST", path, ["server_type": "cx32", "upgrade_disk": false])
            try await hetzner.done("POST", path, ["server_type": "cx42", "upgrade_disk": true])
            #expect(try await hetzner.server(id, "primary_disk_size") == 160)
            for type in ["cx32", "cax31", "cx42"] {
                #expect(
                    try await hetzner.refusal("POST", path, ["server_type": .string(type), "upgrade_disk": false])
                        == "422 invalid_server_type", "\(type)")
            }
            #expect(try await hetzner.server(id, "status") == "off")
        }
    }

    @Test func `A server is built anew with its address, and protection keeps it from that and from deletion`()
        async throws
    {
        try await Fixture().run { hetzner in
            let id = try await hetzner.makeServer()
            let address = try await hetzner.server(id, "public_net.ipv4.ip")
            try await hetzner.done(
                "POST", "servers/\(id)/actions/rebuild", ["image": "ubuntu-24.04", "user_data": "#cloud-config\n"])
            #expect(try await hetzner.server(id, "image.name") == "ubuntu-24.04")
            #expect(try await hetzner.server(id, "status") == "running")
            #expect(try await hetzner.server(id, "public_net.ipv4.ip") == address)
            #expect(hetzner.hetzner.userData("analytics-worker-1") == "#cloud-config\n")
            try await hetzner.done(
                "POST", "servers/\(id)/actions/change_protection", ["delete": true, "rebuild": true])
            #expect(try await hetzner.refusal("DELETE", "servers/\(id)") == "423 protected")
            #expect(
                try await hetzner.refusal("POST", "servers/\(id)/actions/rebuild", ["image": "debian-12"])
                    == "423 protected")
            #expect(
                try await hetzner.refusal("POST", "servers/\(id)/actions/change_protection", ["delete": false])
                    == "422 invalid_input")
        }
    }

    @Test func `A snapshot is an image of its own, from which a server is made`() async throws {
        try await Fixture().run { hetzner in
            let id = try await hetzner.makeServer()
            let answer = try await hetzner.done(
                "POST", "servers/\(id)/actions/create_image",
                ["type": "snapshot", "description": "before", "labels": ["defimon-pool": "analytics"]])
            let image = try #require(answer.at(path: "image.id"))
            #expect(answer.at(path: "image.status") == "creating")
            try await hetzner.done("DELETE", "servers/\(id)")
            let found = try await hetzner.get("images?type=snapshot&label_selector=defimon-pool%3Danalytics")
            #expect(found.at(path: "images.0.status") == "available")
            #expect(found.at(path: "images.0.created_from.name") == "analytics-worker-1")
            let again = try await hetzner.makeServer("again", ["image": image])
            #expect(try await hetzner.server(again, "image.id") == image)
            try await hetzner.done("DELETE", "images/\(image.plainText)")
            #expect(try await hetzner.refusal("DELETE", "images/1000") == "403 forbidden")
        }
    }

    @Test func `A deleted server leaves what is not its own, and takes its own addresses along`() async throws {
        try await Fixture().run { hetzner in
            let kept = try await hetzner.make(
                "primary_ips",
                ["name": "analytics-control", "type": "ipv4", "assignee_type": "server", "location": "fsn1"])
            let id = try await hetzner.makeServer("one", ["public_net": ["ipv4": .int(Int64(kept))]])
            let volume = try await hetzner.make("volumes", ["name": "data", "size": 10, "server": .int(Int64(id))])
            #expect(try await hetzner.server(id, "volumes") == [.int(Int64(volume))])
            #expect(hetzner.hetzner.things("primary_ips").count == 2)
            try await hetzner.done("DELETE", "servers/\(id)")
            #expect(try await hetzner.refusal("GET", "servers/\(id)") == "404 not_found")
            #expect(hetzner.hetzner.things("primary_ips").map { $0["name"] } == ["analytics-control"])
            #expect(try await hetzner.get("primary_ips/\(kept)").at(path: "primary_ip.assignee_id") == .null)
            #expect(try await hetzner.get("volumes/\(volume)").at(path: "volume.server") == .null)
        }
    }

    @Test func `A placement group holds ten servers and is not deleted with any in it`() async throws {
        try await Fixture().run { hetzner in
            let group = try await hetzner.make("placement_groups", ["name": "analytics", "type": "spread"])
            let more: [String: JSONValue] = ["placement_group": .int(Int64(group))]
            for number in 1...10 { _ = try await hetzner.makeServer("w-\(number)", more) }
            #expect(
                try await hetzner.refusal("POST", "servers", Fixture.server("w-11", more)) == "422 placement_error")
            #expect(try await hetzner.get("placement_groups/\(group)").at(path: "placement_group.servers.9") != nil)
            #expect(try await hetzner.refusal("DELETE", "placement_groups/\(group)") == "422 resource_in_use")
        }
    }

    @Test func `Those who watch servers are told when one runs and when one is gone`() async throws {
        let told = Mutex<[String]>([])
        try await Fixture().run { hetzner in
            let early = try await hetzner.makeServer("early")
            hetzner.hetzner.onServerRunning { server in
                told.withLock { $0.append("+\(server["name"]?.plainText ?? "")") }
            }
            hetzner.hetzner.onServerGone { server in told.withLock { $0.append("-\(server["name"]?.plainText ?? "")") }
            }
            let id = try await hetzner.makeServer("one")
            try await hetzner.done("POST", "servers/\(id)/actions/poweroff")
            try await hetzner.done("POST", "servers/\(id)/actions/poweron")
            try await hetzner.done("DELETE", "servers/\(early)")
        }
        #expect(told.withLock { $0 } == ["+early", "+one", "+one", "-early"])
    }
}
