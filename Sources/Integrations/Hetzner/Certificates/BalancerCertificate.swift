import Domain

/// A certificate of one port of a load balancer. Each certificate is a thing of its own at Hetzner: a new one is uploaded,
/// then the port takes it in the place of the older one of the same name.
struct BalancerCertificate: CertificateDestination {
    private let cloud: HetznerConnection
    private let balancer: String
    private let port: Int
    private let adopt: Bool

    init(_ input: inout InputReader, _ cloud: HetznerConnection) {
        self.cloud = cloud
        balancer = input.text("load_balancer", "Name of the load balancer", pattern: HetznerName.thing)
        port = input.integer("port", "The port that speaks https", in: 1...65_535, default: 443)
        adopt = input.flag("adopt", "Also where the load balancer does not belong to a pool of the bot")
    }

    var title: String { "port \(port) of load balancer \(balancer) at Hetzner Cloud" }

    func present(of name: String, _ context: ActionContext) async throws(ActionError) -> String? {
        let doing = "the certificate of \(title) cannot be read"
        return try await ActionError.telling(doing) {
            try await cloud.attempt(doing) { client in
                let used = try await look(client).ids
                return try await ours(name, client).first { $0["id"]?.intValue.map(used.contains) == true }?[
                    "certificate"]?.stringValue
            }
        }
    }

    func install(_ bundle: CertificateBundle, _ context: ActionContext) async throws(ActionError) {
        let doing = "the certificate cannot be given to \(title)"
        try await ActionError.telling(doing) {
            try await cloud.attempt(doing, changes: true) { client in
                let service = try await look(client)
                let new = try await uploaded(bundle, client)
                let older = try await ours(bundle.name, client).compactMap { $0["id"]?.intValue }.filter { $0 != new }
                let wanted = BalancerCertificate.replaced(older, by: new, in: service.ids)
                guard wanted != service.ids else { return }
                let call = HetznerCall.action(
                    "update_service", of: service.path,
                    [
                        "listen_port": .int(Int64(port)),
                        "http": ["certificates": .array(wanted.map { .int(Int64($0)) })],
                    ])
                let operations = HetznerOperation.all(in: try await client.send(call))
                try await client.finish(operations, time: context.time)
            }
        }
    }

    func forgetOthers(than bundle: CertificateBundle, _ context: ActionContext) async throws(ActionError) {
        let doing = "older certificates of \(bundle.name) cannot be deleted at Hetzner Cloud"
        try await ActionError.telling(doing) {
            try await cloud.attempt(doing, changes: true) { client in
                for old in try await ours(bundle.name, client) {
                    guard let id = old["id"]?.intValue, old["name"]?.stringValue != HetznerCertificates.name(bundle),
                        old["used_by"]?.arrayValue?.isEmpty == true
                    else { continue }
                    do {
                        _ = try await client.send(HetznerCall("DELETE", "certificates/\(id)"))
                    } catch let failure as HetznerFailure where failure.isNotFound || failure.code == "resource_in_use"
                    {
                        // Gone meanwhile, or taken by another load balancer since the look.
                    }
                }
            }
        }
    }

    /// The list with the new one where the first of the older ones stood, or at its end; others stay as they are.
    static func replaced(_ older: [Int], by new: Int, in ids: [Int]) -> [Int] {
        let rest = ids.filter { $0 != new && !older.contains($0) }
        guard let place = ids.firstIndex(where: { $0 == new || older.contains($0) }) else { return rest + [new] }
        let before = ids[..<place].count { $0 != new && !older.contains($0) }
        return Array(rest[..<before]) + [new] + rest[before...]
    }

    /// The load balancer's path, and the certificates of the port, in their order.
    private func look(_ client: HetznerClient) async throws -> (path: String, ids: [Int]) {
        guard let thing = try await client.named(balancer, in: "load_balancers"), let id = thing["id"]?.intValue else {
            throw ActionError("there is no load balancer \(balancer) at Hetzner Cloud", hint: "check its name")
        }
        guard adopt || HetznerMark.pool(of: thing) != nil else {
            throw ActionError(
                "load balancer \(balancer) was not made by the bot, so it is not changed",
                hint: "say 'adopt: true' at this destination when the bot may give it certificates")
        }
        guard let service = thing["services"]?.arrayValue?.first(where: { $0["listen_port"]?.intValue == port }) else {
            throw ActionError("load balancer \(balancer) does not listen on port \(port)", hint: "add that port to it")
        }
        let transport = service["protocol"]?.stringValue ?? "nothing"
        guard transport == "https" else {
            throw ActionError(
                "load balancer \(balancer) speaks \(transport) on port \(port), which takes no certificate",
                hint: "change that port's protocol to https")
        }
        let ids = service.at(path: "http.certificates")?.arrayValue ?? []
        return ("load_balancers/\(id)", ids.compactMap(\.intValue))
    }

    /// All that the bot has uploaded for a certificate of the settings.
    private func ours(_ name: String, _ client: HetznerClient) async throws -> [JSONValue] {
        try await client.list("certificates", [.init("label_selector", "\(HetznerCertificates.label)=\(name)")])
    }

    /// The id of the certificate at Hetzner, which is uploaded where it is missing.
    private func uploaded(_ bundle: CertificateBundle, _ client: HetznerClient) async throws -> Int {
        let name = HetznerCertificates.name(bundle)
        if let id = try await known(name, bundle, client) { return id }
        let body: JSONValue = [
            "name": .string(name), "type": "uploaded", "certificate": .string(bundle.chain),
            "private_key": .string(bundle.key.reveal()),
            "labels": [HetznerCertificates.label: .string(bundle.name)],
        ]
        do {
            let answer = try await client.send(HetznerCall("POST", "certificates", body: body))
            if let id = answer.at(path: "certificate.id")?.intValue { return id }
        } catch let failure as HetznerFailure where failure.isAlreadyThere {
            // A request whose answer was lost has made it.
        }
        guard let id = try await known(name, bundle, client) else {
            throw ActionError(
                "Hetzner does not show the certificate \(name) that was uploaded",
                retry: .later(afterMilliseconds: nil), mayHaveTakenEffect: true)
        }
        return id
    }

    private func known(_ name: String, _ bundle: CertificateBundle, _ client: HetznerClient) async throws -> Int? {
        guard let found = try await client.named(name, in: "certificates") else { return nil }
        guard found["labels"]?[HetznerCertificates.label]?.stringValue == bundle.name,
            BalancerCertificate.plain(found["certificate"]?.stringValue) == BalancerCertificate.plain(bundle.chain)
        else {
            throw ActionError(
                "there is another certificate \(name) at Hetzner Cloud, which is not the bot's", hint: "rename it")
        }
        return found["id"]?.intValue
    }

    private static func plain(_ pem: String?) -> String? { pem?.filter { !$0.isWhitespace } }
}
