import Domain

/// A public address that can go from one server to another.
struct HetznerFloatingIP: HetznerResource {
    static let kind = HetznerKind.floatingIP
    static let summary = "Reserves a floating address, and assigns it to a server"
    static let outputs: [ActionType.Output] = [.init("ip", .text(nil), "The address")]

    let identity: ThingIdentity
    private let type: IPVersion
    private let location: String?
    private let server: String?

    init(_ input: inout InputReader) {
        identity = ThingIdentity(&input, Self.kind)
        type = input.choice("type", "Which kind of address", of: IPVersion.self, default: .ipv4) ?? .ipv4
        location = input.location()
        server = input.reference("server", "Name of the server that it leads to; when left out, that stays as it is")
    }

    func body(_ names: HetznerNames) async throws -> [String: JSONValue] {
        ["type": .string(type.rawValue), "home_location": .string(try names.client.location(location))]
    }

    func fields(_ names: HetznerNames) async throws -> [WantedField] {
        let location = try names.client.location(location)
        var fields = [
            WantedField(
                name: "type", wanted: .string(type.rawValue), present: Field.value("type"), change: .replacement()),
            WantedField(
                name: "location", wanted: .string(location), present: Field.value("home_location.name"),
                change: .replacement()),
        ]
        if let server {
            let id = try await names.known(.server, server)
            fields.append(
                WantedField(
                    name: "server", wanted: .string(server),
                    present: { HetznerReference.shown($0["server"], server, id) },
                    change: .call { _, path in
                        .action("assign", of: path, ["server": id.map { .int(Int64($0)) } ?? .null])
                    }))
        }
        return fields
    }

    func outputs(of thing: JSONValue) -> [String: JSONValue] { ["ip": thing["ip"] ?? ""] }
}
