import Domain
import Foundation
import YAML

/// A kubeconfig file (kubernetes.io/docs/reference/config-api/kubeconfig.v1), as far as the bot uses it: what it cannot
/// honour it refuses, so that nobody believes that a setting holds.
struct Kubeconfig {
    private let root: JSONValue
    /// What it is called in errors: its path, or where it is kept.
    private let source: String
    /// Relative paths in it start here.
    private let folder: String

    init(path: String) throws(ClusterAccessError) {
        let text = String(decoding: try ClusterFile.read(path), as: UTF8.self)
        source = path
        folder = URL(filePath: path).deletingLastPathComponent().path
        do {
            root = try KubernetesYAML.value(text, file: path)
        } catch {
            throw ClusterAccessError("\(path) is not a kubeconfig file: \(error)")
        }
    }

    /// One that is kept as a secret; nothing of its text is in an error.
    init(_ text: Secret, source: String, folder: String) throws(ClusterAccessError) {
        self.source = source
        self.folder = folder
        do {
            root = try KubernetesYAML.value(text.reveal(), file: source)
        } catch {
            throw ClusterAccessError("\(source) is not the text of a kubeconfig file: its line \(error.location.line)")
        }
    }

    /// Its tokens and private keys, as they stand in it.
    var secrets: [Secret] {
        let users = root["users"]?.arrayValue?.compactMap { $0["user"] } ?? []
        return users.flatMap { user in
            let key = text(user["client-key-data"])
            // What is no base64 is told by who uses it.
            let pem = key.flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) }
            return [key, pem, text(user["token"]), text(user["password"])].compactMap { $0.map { Secret($0) } }
        }
    }

    /// How the context's cluster is reached as the context's user.
    func access(context name: String?) throws(ClusterAccessError) -> ClusterAccess {
        guard let chosen = name ?? text(root["current-context"]) else {
            throw ClusterAccessError(
                "\(source) has no current context", hint: "name one with 'context': \(names("contexts"))")
        }
        let context = try entry("contexts", "context", chosen)
        guard let clusterName = text(context["cluster"]) else {
            throw ClusterAccessError("\(source): context '\(chosen)' names no cluster")
        }
        let cluster = try entry("clusters", "cluster", clusterName)
        let user = try text(context["user"]).map { (name) throws(ClusterAccessError) in try entry("users", "user", name)
        }
        try refuseUnsupported(cluster: cluster, user: user ?? .null)
        guard let server = text(cluster["server"]) else {
            throw ClusterAccessError("\(source): cluster '\(clusterName)' has no server")
        }
        return try ClusterAccess(
            server: server, tlsServerName: text(cluster["tls-server-name"]),
            trustedCertificates: try bytes(cluster, "certificate-authority"),
            clientCertificate: try bytes(user ?? .null, "client-certificate"),
            clientKey: try bytes(user ?? .null, "client-key"), credential: try credential(user ?? .null, cluster))
    }

    private func credential(_ user: JSONValue, _ cluster: JSONValue) throws(ClusterAccessError)
        -> ClusterAccess.Credential
    {
        // A file has precedence over a token in place, as kubeconfig's reference says.
        if let file = text(user["tokenFile"]) { return .tokenFile(resolved(file)) }
        if let token = text(user["token"]) { return .token(Secret(token)) }
        guard let section = user["exec"], section != .null else { return .none }
        do {
            return .plugin(
                try ExecPlugin(
                    section, folder: folder,
                    cluster: try told(cluster)))
        } catch { throw ClusterAccessError("\(source): \(error.message)", hint: error.hint) }
    }

    /// What a credential plugin may know of a cluster.
    private func told(_ cluster: JSONValue) throws(ClusterAccessError) -> JSONValue {
        var members: [String: JSONValue] = ["server": cluster["server"] ?? .null]
        members["tls-server-name"] = cluster["tls-server-name"]
        if let authority = try bytes(cluster, "certificate-authority") {
            members["certificate-authority-data"] = .string(Data(authority).base64EncodedString())
        }
        let extensions = cluster["extensions"]?.arrayValue ?? []
        members["config"] =
            extensions.first { $0["name"]?.stringValue == "client.authentication.k8s.io/exec" }?["extension"]
        return .object(members)
    }

    private func refuseUnsupported(cluster: JSONValue, user: JSONValue) throws(ClusterAccessError) {
        if cluster["insecure-skip-tls-verify"]?.boolValue == true {
            throw ClusterAccessError(
                "\(source) asks to skip the check of the server's certificate, which the bot never does",
                hint: "put the cluster's CA into certificate-authority-data and remove insecure-skip-tls-verify")
        }
        let instead = "give the bot a service account and its token: kubectl create token, or a token file"
        let refused: [(JSONValue, String, String)] = [
            (cluster, "proxy-url", "reach the cluster without a proxy"),
            (user, "auth-provider", instead), (user, "username", instead),
            (user, "as", "use a user that needs no impersonation"),
        ]
        for (section, key, hint) in refused where section[key] != nil && section[key] != .null {
            throw ClusterAccessError("\(source) uses '\(key)', which the bot does not support", hint: hint)
        }
    }

    /// `<key>-data` (base64) or the file named by `<key>`; the data has precedence.
    private func bytes(_ section: JSONValue, _ key: String) throws(ClusterAccessError) -> [UInt8]? {
        if let data = text(section["\(key)-data"]) {
            guard let decoded = Data(base64Encoded: data, options: .ignoreUnknownCharacters), !decoded.isEmpty else {
                throw ClusterAccessError("\(source): \(key)-data is not base64")
            }
            return Array(decoded)
        }
        guard let file = text(section[key]) else { return nil }
        return try ClusterFile.read(resolved(file))
    }

    private func entry(_ list: String, _ member: String, _ name: String) throws(ClusterAccessError) -> JSONValue {
        guard let found = root[list]?.arrayValue?.first(where: { $0["name"]?.stringValue == name }) else {
            throw ClusterAccessError("\(source) has no \(member) '\(name)'", hint: "it has: \(names(list))")
        }
        return found[member] ?? .null
    }

    private func names(_ list: String) -> String {
        let names = root[list]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
        return names.isEmpty ? "none" : names.sorted().joined(separator: ", ")
    }

    private func resolved(_ file: String) -> String {
        file.hasPrefix("/") ? file : URL(filePath: folder).appending(path: file).path
    }

    private func text(_ value: JSONValue?) -> String? {
        value?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    }
}
