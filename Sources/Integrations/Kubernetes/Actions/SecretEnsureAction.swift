import Domain
import Foundation

/// Makes a Secret when it is missing, and adds the keys that it lacks. A key that is there is never touched. Values are
/// in no output, plan, log or error.
struct SecretEnsureAction: RepeatableAction, Plannable {
    /// Characters of a generated value.
    static let length = 32

    private let target: ClusterTarget
    private let namespace: String
    private let name: String
    private let generate: [String]
    private let literals: [String: String]
    private let onSecret: @Sendable (Secret) -> Void

    static func type(_ clusters: ClusterDirectory, onSecret: @escaping @Sendable (Secret) -> Void) -> ActionType {
        ActionType(
            "kubernetes.secret-ensure",
            "Makes a Secret with generated values when it is missing, and adds keys that it lacks; never changes one",
            effect: .changes,
            outputs: [
                .init("created", .flag, "Whether the Secret was missing"),
                .init("added", .list(.text(nil)), "Names of the keys that were added"),
            ]
        ) { SecretEnsureAction(&$0, clusters, onSecret) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory, _ onSecret: @escaping @Sendable (Secret) -> Void) {
        target = ClusterTarget(&input, clusters)
        namespace = input.text("namespace", "Namespace of the Secret", pattern: NamePattern.label)
        name = input.text("name", "Name of the Secret", pattern: NamePattern.subdomain)
        generate = input.texts("generate", "Keys whose values are made: \(SecretEnsureAction.length) random characters")
        literals = input.textMap("literals", "Keys whose values are given, such as a user name")
        self.onSecret = onSecret
        for key in generate where literals[key] != nil {
            input.report(
                "the key '\(key)' is both generated and given", field: "generate", fix: "leave one of them out")
        }
        for key in Set(generate).union(literals.keys).sorted() where NamePattern.secretKey?.matches(key) == false {
            input.report("'\(key)' cannot be a key", field: "generate", fix: "use letters, digits, '-', '_' and '.'")
        }
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await target.attempt(doing) { client in
            guard let found = try await client.find(.secrets, namespace: namespace, name: name) else {
                guard try await client.find(.namespaces, name: namespace) != nil else {
                    return ActionPlan(
                        changes: [], knownLater: ["\(title): which keys it lacks, when namespace \(namespace) is there"]
                    )
                }
                return ActionPlan(changes: ["\(title): new, with \(listed(keys))"])
            }
            let missing = lacking(found)
            return ActionPlan(changes: missing.isEmpty ? [] : ["\(title): adds \(listed(missing))"])
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt(doing, changes: true) { client in
            // Another writer may come between the look and the change; the server then refuses, and we look again.
            for _ in 0..<5 {
                if let result = try await step(client) { return result }
            }
            throw ActionError(
                "\(title) is changed by somebody else all the time", retry: .later(afterMilliseconds: nil))
        }
    }

    /// Nil when somebody else was faster.
    private func step(_ client: KubernetesClient) async throws -> JSONValue? {
        guard let found = try await client.find(.secrets, namespace: namespace, name: name) else {
            return try await guarded { values in
                _ = try await client.create(.secrets, namespace: namespace, newSecret(values))
                return result(created: true, added: keys)
            }(keys)
        }
        for key in generate { tellKnown(found, key) }
        let missing = lacking(found)
        guard !missing.isEmpty else { return result(created: false, added: []) }
        return try await guarded { values in
            let change: JSONValue = [
                "metadata": ["resourceVersion": .string(found.resourceVersion ?? "")], "data": values,
            ]
            _ = try await client.patch(.secrets, namespace: namespace, name: name, .merge, change)
            return result(created: false, added: missing)
        }(missing)
    }

    /// Calls `body` with new values for keys; an error of the server is thrown without its words, which may quote them.
    private func guarded(
        _ body: @escaping (JSONValue) async throws -> JSONValue
    ) -> ([String]) async throws -> JSONValue? {
        { keys in
            do {
                return try await body(.object(values(for: keys)))
            } catch let error as KubernetesError
                where error.isAlreadyExists || (error.status == 409 && error.isTransient)
            {
                return nil
            } catch var error as KubernetesError where [400, 422].contains(error.status) {
                error.message = "the cluster calls it invalid (\(error.reason))"
                error.causes = []
                throw error
            }
        }
    }

    private func values(for keys: [String]) -> [String: JSONValue] {
        Dictionary(
            keys.map { key in
                let value = literals[key] ?? generated()
                return (key, .string(Data(value.utf8).base64EncodedString()))
            }, uniquingKeysWith: { first, _ in first })
    }

    /// Letters, digits, `-` and `_`: safe in URLs, shells and connection strings. The first is a letter, for a leading
    /// `-` would be an option somewhere. From the system's secure generator.
    private func generated() -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        let all = letters + Array("0123456789-_")
        var generator = SystemRandomNumberGenerator()
        var text = ""
        for index in 0..<SecretEnsureAction.length {
            let choices = index == 0 ? letters : all
            text.append(choices[Int.random(in: 0..<choices.count, using: &generator)])
        }
        onSecret(Secret(text))
        return text
    }

    /// A value that an earlier run made may show up in a pod's log, so the redactor must know it.
    private func tellKnown(_ secret: ClusterObject, _ key: String) {
        guard let encoded = secret.text("data", key), let value = Data(base64Encoded: encoded) else { return }
        onSecret(Secret(String(decoding: value, as: UTF8.self)))
    }

    private func newSecret(_ data: JSONValue) -> JSONValue {
        ClusterObject([
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": data,
            "metadata": ["name": .string(name), "namespace": .string(namespace)],
        ]).labelled().json
    }

    private func lacking(_ secret: ClusterObject) -> [String] {
        let there = secret["data"]?.objectValue ?? [:]
        return keys.filter { there[$0] == nil }
    }

    private var keys: [String] { Set(generate).union(literals.keys).sorted() }
    private var title: String { "Secret \(namespace)/\(name)" }
    private var doing: String { "\(title) cannot be ensured" }

    private func listed(_ keys: [String]) -> String {
        keys.map { literals[$0] == nil ? "\($0) (generated)" : $0 }.joined(separator: ", ")
    }

    private func result(created: Bool, added: [String]) -> JSONValue {
        let what = created ? "made with" : added.isEmpty ? "is complete" : "got"
        let names = added.isEmpty ? "" : " " + added.joined(separator: ", ")
        return [
            "created": .bool(created), "added": .array(added.map(JSONValue.string)),
            "summary": .string("\(title) \(what)\(names)"),
        ]
    }
}
