import Domain
import Foundation
import Outbound
import TestSupport

@testable import Kubernetes

/// No secrets at all, or those of a table.
struct TableOfSecrets: SecretSource {
    var values: [String: String] = [:]

    func secret(_ reference: SecretReference) throws(MissingSecret) -> Secret {
        guard case .environment(let name) = reference, let value = values[name] else {
            throw MissingSecret("there is no such secret")
        }
        return Secret(value)
    }
}

func directory(
    port: Int, token: String? = nil, prices: JSONValue? = nil,
    onSecret: @escaping @Sendable (Secret) -> Void = { _ in }
) throws -> ClusterDirectory {
    var cluster: [String: JSONValue] = ["server": .string("http://127.0.0.1:\(port)")]
    if let prices { cluster["prices"] = prices }
    if token != nil { cluster["token"] = ["env": "TOKEN"] }
    var reader = InputReader.reading(LocatedValue(["test": .object(cluster)]))
    let settings = ClusterSettings(&reader)
    return ClusterDirectory(
        settings, base: "/", secrets: TableOfSecrets(values: token.map { ["TOKEN": $0] } ?? [:]), onSecret: onSecret)
}

/// Runs `body` with the clusters of a server, and closes their connections at the end.
func withCluster<Value: Sendable>(
    prices: JSONValue? = nil, _ respond: @escaping @Sendable (Asked) async throws -> Reply,
    _ body: @escaping @Sendable (ClusterDirectory) async throws -> Value
) async throws -> Value {
    try await withServer(respond) { port in
        let clusters = try directory(port: port, prices: prices)
        do {
            let value = try await body(clusters)
            await clusters.shutdown()
            return value
        } catch {
            await clusters.shutdown()
            throw error
        }
    }
}

func context(
    key: String = "11111111-2222-4333-8444-555555555555", time: any TimeSource = SystemTime(),
    kept: any KeptValues = NothingKept(), progress: @escaping @Sendable (String) -> Void = { _ in }
) -> ActionContext {
    ActionContext(jobID: JobID(1), idempotencyKey: key, attempt: 1, time: time, kept: kept, progress: progress)
}

/// An action as a step would make it. Throws the first problem of its inputs.
func action(
    _ name: String, _ inputs: [String: JSONValue], clusters: ClusterDirectory, root: String = "/",
    trees: String? = nil, environment: [String: String] = [:],
    onSecret: @escaping @Sendable (Secret) -> Void = { _ in }
) throws -> any RepeatableAction & Sendable {
    let made = try anyAction(
        name, inputs, clusters: clusters, root: root, trees: trees, environment: environment, onSecret: onSecret)
    guard let repeatable = made as? any RepeatableAction else { throw Problem("not repeatable", at: .none) }
    return repeatable
}

/// An action that waits for something, as a step would make it.
func awaiting(_ name: String, _ inputs: [String: JSONValue], clusters: ClusterDirectory) throws -> any AwaitingAction {
    guard let awaiting = try anyAction(name, inputs, clusters: clusters) as? any AwaitingAction else {
        throw Problem("not awaiting", at: .none)
    }
    return awaiting
}

func anyAction(
    _ name: String, _ inputs: [String: JSONValue], clusters: ClusterDirectory, root: String = "/",
    trees: String? = nil, environment: [String: String] = [:],
    onSecret: @escaping @Sendable (Secret) -> Void = { _ in }
) throws -> any Action {
    let types = KubernetesActions.types(
        clusters: clusters, root: root, trees: trees, environment: environment, onSecret: onSecret)
    guard let type = types.first(where: { $0.name == name }) else { throw Problem("no action \(name)", at: .none) }
    var values = inputs
    values["cluster"] = "test"
    var reader = InputReader.reading(LocatedValue(.object(values)))
    let made = type.make(&reader)
    reader.finish()
    if let problem = reader.problems.first { throw problem }
    return made
}

func plan(_ action: any Action, _ context: ActionContext) async throws -> ActionPlan {
    guard let plannable = action as? any Plannable else { throw Problem("not plannable", at: .none) }
    return try await plannable.plan(context)
}

func wire(_ path: String) throws -> JSONValue { try JSONValue(parsing: WireData.bytes("kubernetes/\(path)")) }

/// The error that `body` throws, as an `ActionError`.
func refusal(_ body: () async throws -> Void) async -> ActionError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? ActionError
    }
}
