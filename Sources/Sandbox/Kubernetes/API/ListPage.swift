import Domain
import Foundation

/// One page of a list: `limit` and `continue`, every page as of the version of the first.
struct ListPage: Sendable {
    var items: [KubernetesObject]
    var version: Int
    var continuing: String?
    var remaining: Int?

    private struct Token: Codable {
        var v = "meta.k8s.io/v1"
        var rv: Int
        var start: String
    }

    /// Throws 400 for a token that is none, 410 for one that is too old, 504 for a version that is not reached yet.
    init(_ state: borrowing ClusterState, _ filter: ObjectFilter, _ request: KubernetesRequest) throws {
        version = state.version
        var start: String?
        var all = state.list(filter.kind)
        if let text = request.query["continue"], !text.isEmpty {
            guard let data = Data(base64Encoded: text),
                // Whatever does not decode is not a token of ours.
                let token = try? JSONDecoder().decode(Token.self, from: data)
            else { throw KubernetesStatus.badRequest("continue key is not valid: \(text.prefix(40))") }
            guard let past = state.list(filter.kind, at: token.rv) else {
                throw KubernetesStatus.expired(
                    "The provided continue parameter is too old to display a consistent list result. You can start a "
                        + "new list without the continue parameter, or use the continue token in this response to "
                        + "retrieve the remainder of the results. Continuing with the provided token results in an "
                        + "inconsistent list - objects that were created, modified, or deleted between the time the "
                        + "first chunk was returned and now may show up in the list.",
                    continuing: ListPage.text(Token(rv: state.version, start: token.start)))
            }
            (all, version, start) = (past, token.rv, token.start)
        } else if let wanted = request.query["resourceVersion"], !wanted.isEmpty, wanted != "0" {
            guard let number = Int(wanted) else {
                throw KubernetesStatus.badRequest(
                    "resourceVersion: Invalid value: \"\(wanted)\": strconv.ParseUint: "
                        + "parsing \"\(wanted)\": invalid syntax")
            }
            guard number <= state.version else { throw KubernetesStatus.tooLargeVersion(number, state.version) }
            if request.query["resourceVersionMatch"] == "Exact" {
                guard let past = state.list(filter.kind, at: number) else {
                    throw KubernetesStatus.expired("The resourceVersion for the provided list is too old.")
                }
                (all, version) = (past, number)
            }
        }
        if let start { all = all.filter { $0.key >= start } }
        items = all.filter(filter.matches)
        if let text = request.query["limit"], let limit = Int(text), limit > 0, items.count > limit {
            let next = items[limit]
            remaining = items.count - limit
            items = Array(items.prefix(limit))
            continuing = ListPage.text(Token(rv: version, start: next.key))
        }
        let isSelected =
            !(request.query["labelSelector"] ?? "").isEmpty || !(request.query["fieldSelector"] ?? "").isEmpty
        if isSelected { remaining = nil }
    }

    private static func text(_ token: Token) -> String? {
        // A struct of a number and texts always encodes.
        (try? JSONEncoder().encode(token))?.base64EncodedString()
    }

    /// The list's own metadata.
    var metadata: JSONValue {
        var members: [String: JSONValue] = ["resourceVersion": .string(String(version))]
        if let continuing { members["continue"] = .string(continuing) }
        if let remaining { members["remainingItemCount"] = .int(Int64(remaining)) }
        return .object(members)
    }

    func json(_ kind: ResourceKind) -> JSONValue {
        [
            "kind": .string(kind.kind + "List"), "apiVersion": .string(kind.apiVersion), "metadata": metadata,
            "items": .array(items.map(\.json)),
        ]
    }
}
