import Domain

/// A certificate of a target HTTPS proxy. Each certificate is a resource of its own at Google and is never changed: a new
/// one is made, then the proxy takes it in the place of the older one of the same name.
struct ProxyCertificate: CertificateDestination {
    /// Certificates of one proxy (cloud.google.com/load-balancing/docs/quotas).
    static let most = 15

    private let cloud: CloudConnection
    private let proxy: String
    private let region: String?
    private let adopt: Bool

    init(_ input: inout InputReader, _ cloud: CloudConnection) {
        self.cloud = cloud
        proxy = input.text("target_proxy", "Name of the target HTTPS proxy", pattern: CloudName.resource)
        region = input.optionalText(
            "region", "Region of a regional proxy; a global one when left out", pattern: CloudName.region)
        adopt = input.flag("adopt", "Also where the proxy has certificates of others alone until now")
    }

    var title: String {
        "target HTTPS proxy \(proxy)" + (region.map { " in \($0)" } ?? "") + " at Google Cloud"
    }

    func present(of name: String, _ context: ActionContext) async throws(ActionError) -> String? {
        let doing = "the certificate of \(title) cannot be read"
        return try await ActionError.telling(doing) {
            try await cloud.attempt(doing) { client in
                let there = ProxyCertificates(client: client, place: place(client))
                let used = try await used(client, there)
                let ours = try await there.ours(name)
                return used.lazy.compactMap { ours[$0] }.first?["certificate"]?.stringValue
            }
        }
    }

    func install(_ bundle: CertificateBundle, _ context: ActionContext) async throws(ActionError) {
        let doing = "the certificate cannot be given to \(title)"
        try await ActionError.telling(doing) {
            try await cloud.attempt(doing, changes: true) { client in
                let there = ProxyCertificates(client: client, place: place(client))
                let used = try await used(client, there)
                let older = try await there.ours(bundle.name)
                let new = there.path(GoogleCertificates.name(bundle))
                let wanted = ProxyCertificate.replaced(Set(older.keys), by: new, in: used)
                guard wanted.count <= ProxyCertificate.most else {
                    throw ActionError(
                        "\(title) has \(used.count) certificates, and Google takes no more than \(ProxyCertificate.most)",
                        hint: "take one away that is not used any more")
                }
                try await there.make(bundle, context)
                guard wanted != used else { return }
                let call = GoogleCall(
                    .compute, "POST", setting(client),
                    body: ["sslCertificates": .array(wanted.map(JSONValue.string))])
                try await there.carryOut(call, context)
            }
        }
    }

    func forgetOthers(than bundle: CertificateBundle, _ context: ActionContext) async throws(ActionError) {
        let doing = "older certificates of \(bundle.name) cannot be deleted at Google Cloud"
        try await ActionError.telling(doing) {
            try await cloud.attempt(doing, changes: true) { client in
                let there = ProxyCertificates(client: client, place: place(client))
                let used = try await used(client, there)
                let new = there.path(GoogleCertificates.name(bundle))
                for old in try await there.ours(bundle.name).keys.sorted() where old != new && !used.contains(old) {
                    try await there.delete(old, context)
                }
            }
        }
    }

    /// The list with the new one where the first of the older ones stood, or at its end; others stay as they are.
    static func replaced(_ older: Set<String>, by new: String, in used: [String]) -> [String] {
        var wanted: [String] = []
        for path in used {
            let isOurs = path == new || older.contains(path)
            if !isOurs { wanted.append(path) } else if !wanted.contains(new) { wanted.append(new) }
        }
        return wanted.contains(new) ? wanted : wanted + [new]
    }

    private func place(_ client: GoogleCloudClient) -> String {
        "projects/\(client.project)/\((region.map(CloudPlace.region) ?? .global).path)"
    }

    /// Google's path for a global proxy has no `global` here.
    private func setting(_ client: GoogleCloudClient) -> String {
        let start = region == nil ? "projects/\(client.project)" : place(client)
        return "\(start)/targetHttpsProxies/\(proxy)/setSslCertificates"
    }

    /// Paths of the proxy's certificates, in its order: the first is shown to whoever asks for no name.
    private func used(_ client: GoogleCloudClient, _ there: ProxyCertificates) async throws -> [String] {
        let call = GoogleCall(.compute, "GET", "\(place(client))/targetHttpsProxies/\(proxy)")
        guard let found = try await client.find(call) else {
            throw ActionError("there is no \(title)", hint: "check its name and its region")
        }
        guard found["certificateMap"]?.stringValue?.isEmpty ?? true else {
            throw ActionError(
                "\(title) takes its certificates from a map of Certificate Manager",
                hint: "take the map away, or keep the certificate there")
        }
        let used = (found["sslCertificates"]?.arrayValue ?? []).compactMap(\.stringValue).map(ResourcePath.relative)
        if adopt || used.isEmpty { return used }
        guard try await there.all().contains(where: { used.contains($0.key) && GoogleCertificates.isOurs($0.value) })
        else {
            throw ActionError(
                "\(title) has certificates of others alone, so it is not changed",
                hint: "say 'adopt: true' at this destination when the bot may add its own")
        }
        return used
    }
}
