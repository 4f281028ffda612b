import Domain
import Foundation

extension HetznerState {
    /// An address that nobody has: of 203.0.113.0/24 and what follows, or a network of 2001:db8::/32.
    mutating func newAddress(_ type: String) -> String {
        let number = newID() - 10_000
        if type == "ipv4" { return IPv4Range.text(0xCB00_7100 &+ UInt32(truncatingIfNeeded: number)) }
        return "2001:db8:0:\(String(number, radix: 16))::/64"
    }

    /// Gives a server an address: one that there is, or a new one that goes with it.
    mutating func give(
        _ known: HetznerResource?, _ type: String, to server: HetznerReference, at location: Int, _ now: Date
    ) {
        if let known {
            update(known.reference) { $0.body["assignee_id"] = .int(Int64(server.id)) }
            return
        }
        let name = "primary_ip-\(server.id)-\(type)"
        _ = makeAddress(type, name: name, labels: [:], deleted: true, for: server, at: location, now)
    }

    mutating func makeAddress(
        _ type: String, name: String, labels: JSONValue, deleted: Bool, for server: HetznerReference?, at location: Int,
        _ now: Date
    ) -> HetznerReference {
        let address = newAddress(type)
        return add(
            .primaryIPs,
            [
                "name": .string(name), "labels": labels, "type": .string(type), "ip": .string(address),
                "blocked": false, "dns_ptr": HetznerState.pointers(address), "protection": ["delete": false],
                "auto_delete": .bool(deleted), "assignee_type": "server",
                "assignee_id": server.map { .int(Int64($0.id)) } ?? .null,
            ], links: ["location": location], now)
    }

    /// Hetzner's own names of an address; an IPv6 network has none.
    static func pointers(_ address: String) -> JSONValue {
        guard !address.contains(":") else { return [] }
        let name = "static." + address.split(separator: ".").reversed().joined(separator: ".")
        return [["ip": .string(address), "dns_ptr": .string("\(name).clients.your-server.de")]]
    }

    /// Sets the name of an address, or takes it back.
    mutating func setPointer(of reference: HetznerReference, _ address: String, _ name: String?) {
        update(reference) { resource in
            let others = resource.list("dns_ptr").filter { $0["ip"]?.stringValue != address }
            let own: [JSONValue] =
                name.map { [["ip": .string(address), "dns_ptr": .string($0)]] }
                ?? HetznerState.pointers(address).arrayValue ?? []
            resource.body["dns_ptr"] = .array(others + own)
        }
    }
}
