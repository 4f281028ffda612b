import Domain

/// The volume that an action is about.
struct VolumeTarget: Sendable {
    let name: String
    let pool: String

    init(_ input: inout InputReader) {
        name = input.text("volume", "Name of the volume", pattern: HetznerName.thing)
        pool = input.pool()
    }

    var title: String { "volume \(name)" }

    /// The volume as it is. Throws `HetznerFailure`, or `ActionError` when it is not there.
    func read(_ client: HetznerClient) async throws -> JSONValue {
        guard let found = try await client.named(name, in: HetznerKind.volume.collection) else {
            throw ActionError("there is no volume \(name)", hint: "correct its name")
        }
        return found
    }

    /// As `read`; throws `ActionError` also when it is not the pool's, or is the CSI driver's.
    func owned(_ client: HetznerClient) async throws -> JSONValue {
        let found = try await read(client)
        if let refusal = VolumeTarget.refusal(found, title) { throw refusal }
        try HetznerMark.check(found, pool, title)
        return found
    }

    static func path(of thing: JSONValue) -> String { "volumes/\(thing["id"]?.intValue ?? 0)" }

    static func attach(_ path: String, to server: Int) -> HetznerCall {
        .action("attach", of: path, ["server": .int(Int64(server)), "automount": false])
    }

    /// Why it is not touched: the CSI driver made it for a claim, by whose labels it is known
    /// (github.com/hetznercloud/csi-driver).
    static func refusal(_ thing: JSONValue, _ title: String) -> ActionError? {
        let labels = thing["labels"]?.objectValue ?? [:]
        guard labels["managed-by"] == "csi-driver" || labels["pvc-name"] != nil else { return nil }
        let claim = labels["pvc-name"]?.stringValue.map { name in
            [labels["pvc-namespace"]?.stringValue, name].compactMap { $0 }.joined(separator: "/")
        }
        return ActionError(
            "\(title) belongs to the CSI driver" + (claim.map { ", for PersistentVolumeClaim \($0)" } ?? ""),
            hint: "kubernetes.volume-resize makes the claim larger, and its volume and filesystem with it")
    }
}
