import Domain
import Outbound

/// Takes over things that are there already: marks them as the pool's, and changes nothing else of them. From then on
/// their ensure actions may change them. What is not there is left to be made.
struct AdoptAction: RepeatableAction, Plannable {
    private let cloud: CloudConnection
    private let list: ThingList

    static func type(_ cloud: CloudConnection) -> ActionType {
        ActionType(
            "gcp.adopt", "Takes over things that are there already, by marking them; shows how each differs",
            effect: .changes,
            outputs: [
                .init("changed", .flag, "False when all that are there were the pool's already"),
                .init("adopted", .list(.text(nil)), "What is the pool's now, and was not"),
                .init("differs", .list(.text(nil)), "How things differ from what is wanted"),
                .init("missing", .list(.text(nil)), "What is not there"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { AdoptAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: CloudConnection) {
        self.cloud = cloud
        list = ThingList(&input, kinds: AdoptionKind.allCases)
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await cloud.attempt("nothing can be adopted") { client in
            let found = try await findings(client, context)
            return ActionPlan(
                changes: found.filter(\.isToBeMarked).map { "\($0.title): adopted by the pool \($0.wanted)" },
                notes: found.filter { !$0.isThere }.map { "\($0.title) is not there" }
                    + found.flatMap(\.differences).map { "differs: \($0)" })
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await cloud.attempt("not all is adopted", changes: true) { client in
            let found = try await findings(client, context)
            let marked = found.filter(\.isToBeMarked)
            for (index, finding) in marked.enumerated() {
                context.progress("\(index + 1) of \(marked.count): \(finding.title)")
                try await finding.mark()
            }
            let missing = found.filter { !$0.isThere }.map(\.title)
            let differences = found.flatMap(\.differences)
            let there = found.count - missing.count
            return [
                "changed": .bool(!marked.isEmpty), "adopted": Field.strings(marked.map(\.title)),
                "differs": Field.strings(differences), "missing": Field.strings(missing),
                "summary": .string(
                    "\(marked.count) adopted of \(there) that are there, \(differences.count) differences, "
                        + "\(missing.count) not there"),
                "details": .string((differences + missing.map { "not there: \($0)" }).joined(separator: "\n")),
            ]
        }
    }

    /// Looks at all, some at once. Throws when one of them is another pool's, before anything is marked.
    private func findings(_ client: GoogleCloudClient, _ context: ActionContext) async throws -> [AdoptionFinding] {
        let defaults = client.defaults
        return try await Parallel.values(list.things, atOnce: ThingList.atOnce) { thing in
            let finding =
                switch thing {
                case .compute(let resource, _):
                    try await ComputeAdoption(wish: try resource.wish(defaults), client: client, context: context)
                        .finding()
                case .container(let resource):
                    try await ContainerAdoption(wish: try resource.wish(defaults), client: client, context: context)
                        .finding()
                }
            return try finding.checked()
        }
    }
}
