import Domain

/// Deletes a pool's images of servers whose time is over, and no others.
struct SnapshotsPruneAction: RepeatableAction, Plannable {
    /// Images that one run deletes.
    static let most = 50

    private let cloud: HetznerConnection
    private let pool: String

    static func type(_ cloud: HetznerConnection) -> ActionType {
        ActionType(
            "hetzner.snapshots-prune", "Deletes a pool's images of servers whose time is over", effect: .changes,
            outputs: [
                .init("deleted", .list(.text(nil)), "Numbers of the images that were deleted"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { SnapshotsPruneAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: HetznerConnection) {
        self.cloud = cloud
        pool = input.pool()
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await cloud.attempt("old images cannot be looked for") { client in
            let images = try await over(client, context)
            return ActionPlan(
                changes: images.map { "image \($0.number) (\($0.description)): delete" }, deletions: images.count)
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await cloud.attempt("old images are not deleted", changes: true) { client in
            let images = try await over(client, context)
            for (index, image) in images.enumerated() {
                context.progress("image \(index + 1) of \(images.count)")
                // Not there any more: somebody else was faster.
                _ = try await client.find(HetznerCall("DELETE", "images/\(image.number)"))
            }
            let count = images.count == 1 ? "1 old image" : "\(images.count) old images"
            return [
                "deleted": Field.strings(images.map { String($0.number) }), "summary": .string("\(count) deleted"),
                "details": .string(images.map { "\($0.number): \($0.description)" }.joined(separator: "\n")),
            ]
        }
    }

    /// Those whose last day is before today. One without a day that can be read is kept.
    private func over(_ client: HetznerClient, _ context: ActionContext) async throws
        -> [(number: Int, description: String)]
    {
        let today = String(context.time.now.rfc3339.prefix(10))
        let found = try await client.list(
            "images",
            [
                .init("type", "snapshot"),
                .init("label_selector", "\(HetznerMark.pool)=\(pool),\(ServerSnapshotAction.keepLabel)"),
            ])
        let over = found.compactMap { image -> (number: Int, description: String)? in
            guard HetznerMark.pool(of: image) == pool, let number = image["id"]?.intValue,
                let day = image["labels"]?[ServerSnapshotAction.keepLabel]?.stringValue,
                day.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/) != nil, day < today
            else { return nil }
            return (number, OneLine.of(image["description"]?.stringValue ?? "", atMost: 80))
        }
        return Array(over.sorted { $0.number < $1.number }.prefix(Self.most))
    }
}
