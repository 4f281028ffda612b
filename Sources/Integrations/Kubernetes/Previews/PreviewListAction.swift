import Domain
import Foundation

/// Lists the previews of a cluster, with what they ask for and cost.
struct PreviewListAction: RepeatableAction {
    /// Rows of the table; what is beyond is counted and not looked into.
    static let mostRows = 50
    /// How many namespaces are looked into at once.
    static let width = 6

    private let target: ClusterTarget

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.preview-list", "Lists the previews of a cluster, with what they ask for and when they expire",
            effect: .reads,
            outputs: [
                .init(
                    "previews", .list(.any),
                    "Each with namespace, repository, number, commit, owner, url, created, expires, expired, deleting"),
                .init("live", .list(.any), "Those of them that are not being deleted"),
                .init("expired", .list(.any), "Those of them whose time is over and that are not being deleted"),
                .init("count", .integer(nil), "How many there are"),
            ]
        ) { PreviewListAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) { target = ClusterTarget(&input, clusters) }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let now = context.time.now
        let rows: [PreviewBoard.Row]
        do {
            rows = try await target.attempt("the previews cannot be listed") { client in
                let previews = try await PreviewNamespaces(client: client).all()
                // The first ones first: where many are live, those that end next are asked about most.
                let sorted = previews.sorted { ($0.expires ?? .distantFuture) < ($1.expires ?? .distantFuture) }
                return try await PreviewListAction.rows(sorted, client)
            }
        } catch let error as ActionError where error.missing != nil {
            rows = []  // a cluster that is still to be made has none
        }
        let board = PreviewBoard(rows: rows, prices: target.prices, now: now)
        let previews = rows.map { $0.preview.json(at: now) }
        let live = previews.filter { $0["deleting"] != true }
        return [
            "previews": .array(previews), "live": .array(live), "count": .int(Int64(rows.count)),
            "expired": .array(previews.filter { $0["expired"] == true }),
            "summary": .string(board.summary), "table": .string(board.details),
        ]
    }

    private static func rows(_ previews: [Preview], _ client: KubernetesClient) async throws -> [PreviewBoard.Row] {
        var rows = previews.map { PreviewBoard.Row(preview: $0, requests: nil) }
        let shown = rows.indices.prefix(mostRows)
        try await withThrowingTaskGroup(of: (Int, ResourceRequests).self) { group in
            for (count, index) in shown.enumerated() {
                if count >= width, let (done, requests) = try await group.next() { rows[done].requests = requests }
                let namespace = rows[index].preview.namespace
                group.addTask { (index, try await requests(namespace, client)) }
            }
            for try await (done, requests) in group { rows[done].requests = requests }
        }
        return rows
    }

    private static func requests(_ namespace: String, _ client: KubernetesClient) async throws -> ResourceRequests {
        ResourceRequests(
            pods: try await client.list(.pods, namespace: namespace).objects,
            claims: try await client.list(.volumeClaims, namespace: namespace).objects)
    }
}
