import Crypto
import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

/// Load balancers, keys and certificates of Hetzner's stand-in.
@Suite struct HetznerBalancingTests {
    private typealias Fixture = HetznerFixture

    private static let service: JSONValue = [
        "protocol": "tcp", "listen_port": 443, "destination_port": 30443, "proxyprotocol": false,
        "health_check": ["protocol": "tcp", "port": 30443, "interval": 15, "timeout": 10, "retries": 3],
    ]

    private func make(_ hetzner: HetznerFixture) async throws -> Int {
        try await hetzner.make(
            "load_balancers",
            [
                "name": "analytics", "load_balancer_type": "lb11", "location": "fsn1",
                "algorithm": ["type": "round_robin"],
            ])
    }

    @Test func `Targets by a selector are the servers in its network, and each has its health`() async throws {
        try await Fixture().run { hetzner in
            let network = try await hetzner.makeNetwork()
            let balancer = try await make(hetzner)
            let path = "load_balancers/\(balancer)/actions"
            let target: JSONValue = [
                "type": "label_selector", "label_selector": ["selector": "defimon-pool=analytics"],
                "use_private_ip": true,
            ]
            #expect(
                try await hetzner.refusal("POST", "\(path)/add_target", target)
                    == "422 load_balancer_not_attached_to_network")
            try await hetzner.done(
                "POST", "\(path)/attach_to_network", ["network": .int(Int64(network)), "ip": "10.40.1.250"])
            try await hetzner.done("POST", "\(path)/add_target", target)
            try await hetzner.done("POST", "\(path)/add_service", HetznerBalancingTests.service)
            #expect(try await hetzner.refusal("POST", "\(path)/add_target", target) == "422 target_already_defined")
            let one = try await hetzner.makeServer("one", ["networks": [.int(Int64(network))]])
            _ = try await hetzner.makeServer("outside")
            let shown = try await hetzner.get("load_balancers/\(balancer)")
            #expect(shown.at(path: "load_balancer.private_net.0.ip") == "10.40.1.250")
            let targets = shown.at(path: "load_balancer.targets.0.targets")
            #expect(targets?.arrayValue?.map { $0.at(path: "server.id") } == [.int(Int64(one))])
            #expect(targets?.at(path: "0.health_status.0") == ["listen_port": 443, "status": "healthy"])
            #expect(try await hetzner.server(one, "load_balancers.0") == .int(Int64(balancer)))
            hetzner.hetzner.setHealth("one", isWell: false)
            let sick = hetzner.hetzner.thing("load_balancers", "analytics")
            #expect(sick?.at(path: "targets.0.targets.0.health_status.0.status") == "unhealthy")
            hetzner.hetzner.setHealth("one", isWell: true)
            try await hetzner.done("POST", "servers/\(one)/actions/poweroff")
            let off = hetzner.hetzner.thing("load_balancers", "analytics")
            #expect(off?.at(path: "targets.0.targets.0.health_status.0.status") == "unhealthy")
            try await hetzner.done(
                "POST", "\(path)/remove_target",
                .object((target.objectValue ?? [:]).filter { $0.key != "use_private_ip" }))
            try await hetzner.done("DELETE", "load_balancers/\(balancer)")
        }
    }

    @Test func `A service has its port alone, is changed in parts, and a type takes only so many`() async throws {
        try await Fixture().run { hetzner in
            let path = "load_balancers/\(try await make(hetzner))/actions"
            let http: JSONValue = [
                "protocol": "http", "listen_port": 80, "destination_port": 8002, "proxyprotocol": false,
                "http": [
                    "cookie_name": "HCLBSTICKY", "cookie_lifetime": 300, "timeout_idle": 50, "sticky_sessions": false,
                ],
                "health_check": [
                    "protocol": "http", "port": 8002, "interval": 15, "timeout": 10, "retries": 3,
                    "http": ["path": "/docs", "domain": "", "status_codes": ["2??"]],
                ],
            ]
            try await hetzner.done("POST", "\(path)/add_service", http)
            #expect(try await hetzner.refusal("POST", "\(path)/add_service", http) == "412 source_port_already_used")
            try await hetzner.done("POST", "\(path)/update_service", ["listen_port": 80, "destination_port": 8003])
            let shown = hetzner.hetzner.thing("load_balancers", "analytics")
            #expect(shown?.at(path: "services.0.destination_port") == 8003)
            #expect(shown?.at(path: "services.0.health_check.http.path") == "/docs")
            for port in [81, 82, 83, 84] as [Int64] {
                var service = http.objectValue ?? [:]
                service["listen_port"] = .int(port)
                try await hetzner.done("POST", "\(path)/add_service", .object(service))
            }
            #expect(
                try await hetzner.refusal("POST", "\(path)/add_service", HetznerBalancingTests.service)
                    == "403 resource_limit_exceeded")
            try await hetzner.done("POST", "\(path)/change_type", ["load_balancer_type": "lb21"])
            try await hetzner.done("POST", "\(path)/add_service", HetznerBalancingTests.service)
            #expect(
                try await hetzner.refusal("POST", "\(path)/change_type", ["load_balancer_type": "lb11"])
                    == "422 invalid_load_balancer_type")
            try await hetzner.done("POST", "\(path)/delete_service", ["listen_port": 443])
            try await hetzner.done("POST", "\(path)/change_algorithm", ["type": "least_connections"])
        }
    }

    @Test func `A certificate is uploaded with its key, and stays while a service has it`() async throws {
        try await Fixture().run { hetzner in
            let pair = try TestCertificate.make("analytics.example.com")
            let other = try TestCertificate.make("ml.example.com")
            func order(_ key: String) -> JSONValue {
                [
                    "name": "analytics", "type": "uploaded", "certificate": .string(pair.chain),
                    "private_key": .string(key),
                ]
            }
            #expect(try await hetzner.refusal("POST", "certificates", order(other.key)) == "422 invalid_input")
            let id = try await hetzner.make("certificates", order(pair.key))
            let shown = try await hetzner.get("certificates/\(id)")
            #expect(shown.at(path: "certificate.domain_names") == ["analytics.example.com"])
            let path = "load_balancers/\(try await make(hetzner))/actions"
            try await hetzner.done(
                "POST", "\(path)/add_service",
                [
                    "protocol": "https", "listen_port": 443, "destination_port": 8002, "proxyprotocol": false,
                    "http": [
                        "certificates": [.int(Int64(id))], "cookie_name": "HCLBSTICKY", "cookie_lifetime": 300,
                        "timeout_idle": 50, "redirect_http": false, "sticky_sessions": false,
                    ],
                    "health_check": ["protocol": "tcp", "port": 8002, "interval": 15, "timeout": 10, "retries": 3],
                ])
            #expect(try await hetzner.refusal("DELETE", "certificates/\(id)") == "422 resource_in_use")
            try await hetzner.done("POST", "\(path)/delete_service", ["listen_port": 443])
            try await hetzner.done("DELETE", "certificates/\(id)")
        }
    }

    @Test func `A key is there once, by its fingerprint`() async throws {
        try await Fixture().run { hetzner in
            func key(_ name: String, _ text: String) -> JSONValue {
                ["name": .string(name), "public_key": .string(text)]
            }
            let id = try await hetzner.make("ssh_keys", key("a", Fixture.publicKey))
            #expect(
                try await hetzner.refusal("POST", "ssh_keys", key("b", Fixture.publicKey)) == "409 uniqueness_error")
            #expect(try await hetzner.refusal("POST", "ssh_keys", key("b", "ssh-ed25519 x")) == "422 invalid_input")
            let shown = try await hetzner.get("ssh_keys/\(id)").at(path: "ssh_key.fingerprint")?.stringValue ?? ""
            #expect(shown.split(separator: ":").count == 16)
            #expect(
                try await hetzner.get("ssh_keys?fingerprint=\(shown)").at(path: "ssh_keys.0.id") == .int(Int64(id)))
        }
    }
}
