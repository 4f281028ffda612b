import Domain

/// A public address that a server is made with, and that outlives it.
struct HetznerPrimaryIP: HetznerResource {
    static let kind = HetznerKind.primaryIP
    static let summary = "Reserves a public address for a server"
    static let outputs: [ActionType.Output] = [.init("ip", .text(nil), "The address")]

    let identity: ThingIdentity
    private let type: IPVersion
    private let location: String?
    private let isDeletedWithServer: Bool

    init(_ input: inout InputReader) {
        identity = ThingIdentity(&input, Self.kind)
        type = input.choice("type", "Which kind of address", of: IPVersion.self, default: .ipv4) ?? .ipv4
        location = input.location()
        isDeletedWithServer = input.flag("auto_delete", "Whether it goes with its server")
    }

    func body(_ names: HetznerNames) async throws -> [String: JSONValue] {
        [
            "type": .string(type.rawValue), "assignee_type": "server", "auto_delete": .bool(isDeletedWithServer),
            "location": .string(try names.client.location(location)),
        ]
    }

    func fields(_ names: HetznerNames) async throws -> [WantedField] {
        let isDeletedWithServer = isDeletedWithServer
        return [
            WantedField(
                name: "type", wanted: .string(type.rawValue), present: Field.value("type"), change: .replacement()),
            HetznerPlace.field(try names.client.location(location)),
            WantedField(
                name: "auto_delete", wanted: .bool(isDeletedWithServer), present: Field.value("auto_delete"),
                change: .call { _, path in HetznerCall("PUT", path, body: ["auto_delete": .bool(isDeletedWithServer)]) }
            ),
        ]
    }

    func outputs(of thing: JSONValue) -> [String: JSONValue] { ["ip": thing["ip"] ?? ""] }

    func price(_ prices: HetznerPrices) -> String? {
        type == .ipv4 ? prices.words { prices.addPrimaryIPv4(to: &$0) } : nil
    }
}
