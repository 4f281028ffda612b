import Domain

/// A thing that exists at Hetzner.
struct HetznerResource: Sendable {
    let reference: HetznerReference
    /// What it has by itself, as the API shows it. What it has by others (a server's volumes) is put to it when it is
    /// shown.
    var body: [String: JSONValue]
    /// What it names of others, each by the member that shows it: a server's `server_type`.
    var links: [String: Int] = [:]

    var id: Int { reference.id }
    var kind: HetznerKind { reference.kind }
    var name: String { text("name") }
    var status: String { text("status") }

    func text(_ member: String) -> String { body[member]?.stringValue ?? "" }
    func number(_ member: String) -> Int { body[member]?.intValue ?? 0 }
    func list(_ member: String) -> [JSONValue] { body[member]?.arrayValue ?? [] }
    func isProtected(_ what: String = "delete") -> Bool { body["protection"]?[what] == true }

    var labels: [String: String] { (body["labels"]?.objectValue ?? [:]).compactMapValues(\.stringValue) }
}
