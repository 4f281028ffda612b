package import Domain
import Outbound

/// One call of Hetzner's Cloud API (docs.hetzner.cloud/reference/cloud).
package struct HetznerCall: Sendable, Hashable {
    /// One member of the query.
    package struct Parameter: Sendable, Hashable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package var method: String
    /// Behind the version: `servers/42/actions/poweron`.
    package var path: String
    package var query: [Parameter]
    package var body: JSONValue?

    package init(_ method: String = "GET", _ path: String, query: [Parameter] = [], body: JSONValue? = nil) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
    }

    /// Asks for an action of a thing: `servers/42`, `poweron`.
    static func action(_ name: String, of path: String, _ body: JSONValue? = nil) -> HetznerCall {
        HetznerCall("POST", "\(path)/actions/\(name)", body: body)
    }

    func url(_ endpoint: String) -> String {
        let pairs = query.map { "\(FormText.encoded($0.name))=\(FormText.encoded($0.value))" }
        return "\(endpoint)/" + FormText.encoded(path, keeping: "/")
            + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
    }
}
