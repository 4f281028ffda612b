import Domain
import Foundation

/// Deletes snapshots of a pool whose time is over, and no others.
struct SnapshotsPruneAction: RepeatableAction, Plannable {
    /// Snapshots that one run deletes.
    static let most = 50

    private let cloud: CloudConnection
    private let pool: String

    static func type(_ cloud: CloudConnection) -> ActionType {
        ActionType(
            "gcp.snapshots-prune", "Deletes a pool's snapshots whose time is over", effect: .changes,
            outputs: [
                .init("deleted", .list(.text(nil)), "Names of the snapshots that were deleted"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { SnapshotsPruneAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: CloudConnection) {
        self.cloud = cloud
        pool = input.pool()
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await cloud.attempt("old snapshots cannot be looked for") { client in
            let names = try await over(client, context)
            return ActionPlan(changes: names.map { "snapshot \($0): delete" }, deletions: names.count)
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await cloud.attempt("old snapshots are not deleted", changes: true) { client in
            let names = try await over(client, context)
            for (index, name) in names.enumerated() {
                context.progress("snapshot \(index + 1) of \(names.count)")
                try await delete(name, client, context)
            }
            let count = names.count == 1 ? "1 old snapshot" : "\(names.count) old snapshots"
            return [
                "deleted": Field.strings(names), "summary": .string("\(count) deleted"),
                "details": .string(names.joined(separator: "\n")),
            ]
        }
    }

    private func delete(_ name: String, _ client: GoogleCloudClient, _ context: ActionContext) async throws {
        let scope = "projects/\(client.project)/global"
        do {
            let operation = try await client.startAnew(
                GoogleCall(.compute, "DELETE", "\(scope)/snapshots/\(name)"), key: context.idempotencyKey,
                parent: scope)
            _ = try await client.finish(operation, time: context.time)
        } catch let failure as GoogleFailure where failure.isNotFound {
            return  // somebody else was faster
        }
    }

    /// Names of those whose last day is before today. One without a day that can be read is kept.
    private func over(_ client: GoogleCloudClient, _ context: ActionContext) async throws -> [String] {
        let today = String(context.time.now.rfc3339.prefix(10))
        let call = GoogleCall(
            .compute, "GET", "projects/\(client.project)/global/snapshots",
            query: [
                .init("filter", "labels.\(PoolMark.word) = \"\(pool)\""),
                .init("fields", "nextPageToken,items(name,labels)"),
            ])
        let found = try await client.list(call).filter { snapshot in
            guard PoolMark.pool(of: snapshot, .snapshot) == pool,
                let day = snapshot["labels"]?[DiskSnapshotAction.keepLabel]?.stringValue
            else { return false }
            return day.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/) != nil && day < today
        }
        return found.compactMap { $0["name"]?.stringValue }.sorted().prefix(SnapshotsPruneAction.most).map { $0 }
    }
}
