import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

@testable import App

/// Servers at Hetzner as nodes of the sandbox' cluster.
@Suite struct SandboxServersTests {
    private static func nodes(_ kubernetes: KubernetesStandIn) -> [String] {
        kubernetes.objects(apiVersion: "v1", kind: "Node").compactMap { $0.at(path: "metadata.name")?.stringValue }
            .filter { $0.hasPrefix("analytics-") }
    }

    @Test func `A server that installs k3s is a node from when it runs until it is deleted, another is none`()
        async throws
    {
        let token = Secret("sandbox-token")
        var configuration = HetznerStandIn.Configuration(tokens: [token])
        configuration.seed = .init(name: "analytics", workers: 1, labels: [:])
        let time = VirtualTime()
        let hetzner = HetznerStandIn(configuration, time: time)
        let kubernetes = KubernetesStandIn()
        SandboxServers(hetzner: hetzner, kubernetes: kubernetes).connect()
        #expect(Self.nodes(kubernetes) == ["analytics-control-1", "analytics-worker-1"])
        let control = kubernetes.object(apiVersion: "v1", kind: "Node", namespace: "", name: "analytics-control-1")
        #expect(control?.at(path: "status.addresses.0.address") == "10.40.1.2")
        #expect(control?.at(path: "metadata.labels")?["node-role.kubernetes.io/control-plane"] == "true")

        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await hetzner.run() }
            try await withSession { session in
                func ask(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
                    let answer = try await session.send(
                        HTTPRequest(
                            method: method, url: "\(try await hetzner.url())/\(path)",
                            headers: [("Authorization", "Bearer \(token.reveal())")], body: body?.canonicalBytes))
                    time.advance(by: .seconds(20))
                    _ = hetzner.things("servers")
                    return try JSONValue(parsing: answer.body)
                }
                func order(_ name: String, _ data: String) async throws -> Int {
                    try await ask(
                        "POST", "servers",
                        [
                            "name": .string(name), "server_type": "cx32", "image": "debian-12", "location": "fsn1",
                            "user_data": .string(data),
                        ]
                    ).at(path: "server.id")?.intValue ?? 0
                }
                let worker = try await order("analytics-worker-2", "#cloud-config\nruncmd: [[systemctl, start, k3s]]\n")
                _ = try await order("analytics-mail", "#cloud-config\n")
                #expect(
                    Self.nodes(kubernetes) == ["analytics-control-1", "analytics-worker-1", "analytics-worker-2"])
                _ = try await ask("DELETE", "servers/\(worker)")
                #expect(Self.nodes(kubernetes) == ["analytics-control-1", "analytics-worker-1"])
            }
        }
    }
}
