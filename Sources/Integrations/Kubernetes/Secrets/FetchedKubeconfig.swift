import Domain
import YAML

/// A kubeconfig that a host gave, as it is kept: of what stood in it only the certificates, keys and tokens in place. A
/// host that is not what it should be can thus name no program and no file of the bot's.
struct FetchedKubeconfig: Sendable {
    /// JSON, which is YAML too.
    let text: Secret
    /// Values in it that leave nowhere.
    let secrets: [Secret]

    /// What is wrong with it; nothing of its text is in it.
    struct Complaint: Error, Sendable, Hashable, CustomStringConvertible {
        var description: String
    }

    /// Takes the user and the cluster of the current context; the cluster is reached at `server`, or where
    /// it says itself when that is empty. Throws `Complaint`.
    init(_ written: String, server: String) throws(Complaint) {
        let root: JSONValue
        do { root = try KubernetesYAML.value(written, file: "") } catch {
            throw Complaint(description: "its line \(error.location.line) is no YAML")
        }
        func entry(_ list: String, _ member: String, _ name: String?) throws(Complaint) -> JSONValue {
            let found = root[list]?.arrayValue?.first { $0["name"]?.stringValue == name && name != nil }
            guard let found = found?[member] else {
                throw Complaint(description: "its current context has no \(member)")
            }
            return found
        }
        let context = try entry("contexts", "context", root["current-context"]?.stringValue)
        let cluster = try entry("clusters", "cluster", context["cluster"]?.stringValue)
        let user = try entry("users", "user", context["user"]?.stringValue)
        func kept(_ section: JSONValue, _ keys: [String]) -> [String: JSONValue] {
            (section.objectValue ?? [:]).filter { keys.contains($0.key) && $0.value.stringValue?.isEmpty == false }
        }
        let credential = kept(user, ["client-certificate-data", "client-key-data", "token"])
        guard credential["token"] != nil || credential.count == 2 else {
            throw Complaint(description: "its user has no token and no certificate with a key in place")
        }
        var place = kept(cluster, ["certificate-authority-data", "tls-server-name", "server"])
        if !server.isEmpty { place["server"] = .string(server) }
        let name: JSONValue = "default"
        let whole: JSONValue = [
            "apiVersion": "v1", "kind": "Config", "current-context": name,
            "clusters": [["name": name, "cluster": .object(place)]],
            "users": [["name": name, "user": .object(credential)]],
            "contexts": [["name": name, "context": ["cluster": name, "user": name]]],
        ]
        text = Secret(whole.canonicalText)
        do throws(ClusterAccessError) {
            let kubeconfig = try Kubeconfig(text, source: "it", folder: "/")
            secrets = kubeconfig.secrets + [text]
            _ = try kubeconfig.access(context: nil)
        } catch { throw Complaint(description: error.message) }
    }
}
