import Domain
import Foundation

extension HetznerStandIn {
    /// A pool of servers as an earlier deploy left it: network, firewall, placement group, key, control plane with its
    /// address, workers, load balancer.
    package struct Seed: Sendable {
        /// Marks of the deploy: `defimon-pool`, `defimon-job` and so on. Empty: as a person made it.
        package var labels: [String: String]
        /// What names begin with: `analytics-control-1`, `analytics-worker-1`.
        package var name: String
        package var workers: Int
        package var controlType = "cx32"
        package var workerType = "cx42"
        package var image = "debian-12"
        package var location = "fsn1"
        package var range = "10.40.0.0/16"
        package var nodeRange = "10.40.1.0/24"
        /// A public key (OpenSSH); empty: no key is there.
        package var publicKey = ""
        package var userData = "#cloud-config\nruncmd:\n  - [systemctl, start, k3s]\n"

        package init(name: String, workers: Int, labels: [String: String]) {
            self.name = name
            self.workers = workers
            self.labels = labels
        }
    }
}

extension HetznerStandIn.Seed {
    /// Orders everything as a client does, and lets it come at once.
    func plant(_ api: HetznerAPI) throws {
        func order(_ kind: String, _ body: [String: JSONValue]) throws -> JSONValue {
            let labels = JSONValue.object(labels.mapValues { .string($0) })
            let answer = try api.order("create_\(kind)", .object(body.merging(["labels": labels]) { one, _ in one }))
            try api.world.change { state, _ in state.finishAll() }
            return answer[kind]?["id"] ?? .null
        }
        let network = try order(
            "network",
            [
                "name": .string(name), "ip_range": .string(range),
                "subnets": [["type": "cloud", "network_zone": "eu-central", "ip_range": .string(nodeRange)]],
            ])
        let rules: [JSONValue] = [("22", "SSH"), ("6443", "Kubernetes API")].map { port, what in
            [
                "direction": "in", "protocol": "tcp", "port": .string(port), "source_ips": ["198.51.100.0/24"],
                "description": .string(what),
            ]
        }
        let firewall = try order("firewall", ["name": .string("\(name)-nodes"), "rules": .array(rules)])
        let group = try order("placement_group", ["name": .string(name), "type": "spread"])
        if !publicKey.isEmpty {
            _ = try order("ssh_key", ["name": .string(name), "public_key": .string(publicKey)])
        }
        let address = try order(
            "primary_ip",
            [
                "name": .string("\(name)-control"), "type": "ipv4", "assignee_type": "server",
                "location": .string(location),
            ])
        var server: [String: JSONValue] = [
            "image": .string(image), "location": .string(location), "placement_group": group, "networks": [network],
            "firewalls": [["firewall": firewall]], "user_data": .string(userData),
            "ssh_keys": publicKey.isEmpty ? [] : [.string(name)],
        ]
        server["name"] = .string("\(name)-control-1")
        server["server_type"] = .string(controlType)
        server["public_net"] = ["ipv4": address]
        _ = try order("server", server)
        server["public_net"] = nil
        server["server_type"] = .string(workerType)
        for number in 0..<workers {
            server["name"] = .string("\(name)-worker-\(number + 1)")
            _ = try order("server", server)
        }
        _ = try order(
            "load_balancer",
            [
                "name": .string(name), "load_balancer_type": "lb11", "location": .string(location), "network": network,
            ])
    }
}

extension HetznerAPI {
    /// Makes a request of the sandbox itself. Throws what it is refused with.
    fileprivate func order(_ id: String, _ body: JSONValue) throws -> JSONValue {
        guard let method = methods.first(where: { $0.id == id }) else { throw HetznerError.noMethod }
        let call = try HetznerCall(SandboxRequest(method.verb, "/v1/", body: body), [:])
        return try JSONValue(parsing: method.handle(call).body)
    }
}
