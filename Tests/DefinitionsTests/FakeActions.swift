import Domain

/// The actions that the shipped definitions use, by name and inputs; they do nothing.
enum FakeActions {
    private struct Nothing: RepeatableAction, Plannable {
        func perform(_ context: ActionContext) async throws -> JSONValue { [:] }
        func plan(_ context: ActionContext) async throws -> ActionPlan { ActionPlan(changes: []) }
    }

    private struct Wait: AwaitingAction {
        func look(_ context: ActionContext) async throws -> Awaited { .ready([:]) }
    }

    private enum Kind: String, CaseIterable {
        case deployment = "Deployment"
        case statefulSet = "StatefulSet"
        case daemonSet = "DaemonSet"
    }

    private static func type(
        _ name: String, _ effect: ActionType.Effect, _ outputs: [(String, ValueType)] = [],
        _ read: @escaping @Sendable (inout InputReader) -> Void
    ) -> ActionType {
        ActionType(
            name, "Does nothing, as \(name)", effect: effect,
            outputs: outputs.map { ActionType.Output($0.0, $0.1, "The \($0.0)") }
        ) {
            read(&$0)
            return Nothing()
        }
    }

    private static func target(_ input: inout InputReader) {
        _ = input.text("cluster", "The cluster")
        _ = input.text("namespace", "The namespace")
    }

    static let catalogue = ActionCatalogue([
        type("kubernetes.namespace-ensure", .changes) { target(&$0) },
        type("kubernetes.secret-ensure", .changes) {
            target(&$0)
            _ = $0.text("name", "The secret's name")
            _ = $0.texts("generate", "Keys to generate")
            _ = $0.textMap("literals", "Keys with given values")
        },
        type("kubernetes.apply", .changes, [("applied", .integer(nil)), ("changed", .integer(nil))]) {
            _ = $0.text("cluster", "The cluster")
            _ = $0.text("folder", "The folder")
            _ = $0.optionalText("settings", "A settings file")
            _ = $0.textMap("variables", "Overrides")
            _ = $0.flag("force", "Takes fields over")
        },
        type("gcp.ensure", .changes, [("changed", .flag), ("things", .map(.any))]) {
            _ = $0.list("things", "What is wanted")
        },
        type("kubernetes.rollout-wait", .reads, [("ready", .integer(nil))]) {
            target(&$0)
            _ = $0.texts("workloads", "Which; all when it is empty")
        },
        type("kubernetes.rollout-restart", .changes) {
            target(&$0)
            _ = $0.choice("kind", "The kind", of: Kind.self)
            _ = $0.text("name", "The name")
        },
        type("kubernetes.run-job", .changes, [("output", .text(nil))]) {
            target(&$0)
            _ = $0.optionalText("image", "The image")
            _ = $0.optionalText("script", "The script")
        },
        type("kubernetes.namespace-delete", .changes) { target(&$0) },
        type(
            "kubernetes.pod-report", .reads,
            [("workload_kind", .text(nil)), ("workload_name", .text(nil)), ("reason", .text(nil))]
        ) {
            target(&$0)
            _ = $0.text("pod", "The pod")
        },
        type("kubernetes.preview-list", .reads, [("previews", .list(.any)), ("cost", .any)]) {
            _ = $0.text("cluster", "The cluster")
        },
        ActionType("registry.image", "Waits for an image", effect: .reads) {
            _ = $0.text("image", "The image")
            return Wait()
        },
        type(JobStart.action, .changes, [("started", .list(.integer(nil)))]) {
            _ = $0.text("command", "The command")
            _ = $0.list("each", "The things", isRequired: true)
            _ = $0.texts("arguments", "The names", isRequired: true)
            _ = $0.any("note", "Anything")
        },
        type("ethereum.others-in-sync", .reads) {
            _ = $0.text("except", "The node that is left out")
            _ = $0.duration("max_head_age", "The oldest head", default: .seconds(60))
        },
        type("ethereum.wait-in-sync", .reads) {
            _ = $0.text("node", "The node")
            _ = $0.duration("max_head_age", "The oldest head", default: .seconds(60))
            _ = $0.integer("min_peers", "Peers", in: 0...1000, default: 1)
        },
        type("http.check", .reads, [("certificate_days", .integer(nil))]) {
            _ = $0.text("url", "The address")
            _ = $0.integer("status", "The status", in: 100...599, default: 200)
            _ = $0.optionalText("body_matches", "A pattern")
            _ = $0.optionalInteger("certificate_days_left", "Days", in: 0...3650)
            _ = $0.duration("within", "The time", default: .seconds(60))
        },
    ])
}
