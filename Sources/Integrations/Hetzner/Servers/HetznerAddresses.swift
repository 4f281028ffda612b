package import Domain

/// Where servers at Hetzner are reached.
package struct HetznerAddresses: HostAddresses {
    private let cloud: HetznerConnection

    package init(_ cloud: HetznerConnection) { self.cloud = cloud }

    package func address(of server: String, inside isInside: Bool) async throws(ActionError) -> String {
        let found: JSONValue?
        do {
            found = try await cloud.attempt("the address of server \(server) is not known") { client in
                try await client.named(server, in: HetznerKind.server.collection)
            }
        } catch let error as ActionError { throw error } catch {
            throw ActionError(
                "the address of server \(server) is not known: \(error)", retry: .later(afterMilliseconds: nil))
        }
        guard let found else {
            throw ActionError("there is no server \(server) at Hetzner", hint: "deploy the pool that it belongs to")
        }
        let path = isInside ? "private_net.0.ip" : "public_net.ipv4.ip"
        guard let address = found.at(path: path)?.stringValue, !address.isEmpty else {
            throw ActionError(
                "server \(server) has no \(isInside ? "private" : "public IPv4") address yet",
                retry: .later(afterMilliseconds: 5000))
        }
        return address
    }
}
