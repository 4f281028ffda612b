import Domain
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

/// `kubernetes.apply` with `namespace`, `only` and `tree`.
struct ApplyIntoNamespaceTests {
    private static let config = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: analytics}}"
    private static let path = "/api/v1/namespaces/pr-1-api/configmaps/c"

    private static func store() -> ObjectStore {
        let store = ObjectStore()
        for name in ["analytics", "pr-1-api"] {
            store.put(["kind": "Namespace", "metadata": ["name": .string(name)]], at: "/api/v1/namespaces/\(name)")
        }
        return store
    }

    @discardableResult
    private func apply(
        _ store: ObjectStore, _ inputs: [String: JSONValue], root: String = "/", trees: String? = nil
    ) async throws -> JSONValue {
        try await withCluster({ store.answer($0) }) { clusters in
            let all: [String: JSONValue] = ["folder": "pool", "namespace": "pr-1-api"]
            let made = try action(
                "kubernetes.apply", all.merging(inputs) { $1 }, clusters: clusters, root: root, trees: trees)
            return try await made.perform(context())
        }
    }

    @Test func whatTheOldNamespaceHoldsIsNotTouched() async throws {
        let store = ApplyIntoNamespaceTests.store()
        let root = try TemporaryFolder()
        try root.write(ApplyIntoNamespaceTests.config, to: "pool/c.yaml")
        let result = try await apply(store, [:], root: root.url.path)
        #expect(result["details"] == "ConfigMap pr-1-api/c: made")
        #expect(store.changes.map(\.path) == [ApplyIntoNamespaceTests.path])
        #expect(store[ApplyIntoNamespaceTests.path]?["metadata"]?["namespace"] == "pr-1-api")
    }

    @Test func whatBelongsToNoNamespaceStopsItBeforeTheFirstChange() async throws {
        let store = ApplyIntoNamespaceTests.store()
        let root = try TemporaryFolder()
        try root.write(ApplyIntoNamespaceTests.config, to: "pool/c.yaml")
        try root.write(
            "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: all}}", to: "pool/role.yaml"
        )
        let error = await refusal { try await apply(store, [:], root: root.url.path) }
        #expect(
            error?.message
                == "pool/role.yaml:1: ClusterRole all is cluster-wide, so it cannot go into namespace pr-1-api")
        #expect(error?.hint?.contains("'only'") == true)
        #expect(store.changes.isEmpty)
    }

    @Test func onlyTheNamedPartsAreApplied() async throws {
        let store = ApplyIntoNamespaceTests.store()
        let root = try TemporaryFolder()
        for name in ["a/x", "a/w", "b/z", "top"] {
            let text = ApplyIntoNamespaceTests.config.replacing("name: c", with: "name: \(name.suffix(1))")
            try root.write(text, to: "pool/\(name).yaml")
        }
        let result = try await apply(store, ["only": ["a", "top.yaml", "a/x.yaml"]], root: root.url.path)
        #expect(
            result["details"]
                == "ConfigMap pr-1-api/w: made\nConfigMap pr-1-api/x: made\nConfigMap pr-1-api/p: made")
    }

    @Test(
        arguments: [
            ("aa", "pool has no 'aa'", "did you mean 'a'?"), ("zzzzzz", "pool has no 'zzzzzz'", "it has: a, note.txt"),
            ("../pool/a", "is no file or subfolder of pool", "as it stands"), ("/etc", "is no file", "as it stands"),
            ("", "is no file", "as it stands"), ("a/../../x", "is no file", "as it stands"),
            ("deployment", "pool/deployment holds settings", "leave it out"), ("note.txt", "is no manifest", ".yaml"),
        ])
    func aPartThatIsNoneIsAnError(part: String, words: String, hint: String) async throws {
        let root = try TemporaryFolder()
        try root.write(ApplyIntoNamespaceTests.config, to: "pool/a/c.yaml")
        try root.write("settings: {}", to: "pool/deployment/settings.yaml")
        try root.write("x", to: "pool/note.txt")
        let store = ApplyIntoNamespaceTests.store()
        let error = await refusal { try await apply(store, ["only": [.string(part)]], root: root.url.path) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "none")")
        #expect(error?.hint?.contains(hint) == true, "\(error?.hint ?? "none")")
    }

    // MARK: Trees

    @Test func folderAndSettingsAreTakenOutOfTheTree() async throws {
        let store = ApplyIntoNamespaceTests.store()
        let root = try TemporaryFolder()
        try root.write("{apiVersion: v1, kind: ConfigMap, metadata: {name: ours}}", to: "defs/pool/c.yaml")
        try root.write(
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {size: '{{settings.size}}'}}",
            to: "trees/acme-api-1a2b3c4/pool/c.yaml")
        try root.write("settings: {size: big}", to: "trees/acme-api-1a2b3c4/pool/deployment/settings.yaml")
        try root.write("settings: {size: small}", to: "trees/acme-api-1a2b3c4/preview.yaml")
        try await apply(
            store, ["tree": "acme-api-1a2b3c4", "settings": "preview.yaml"], root: root.path("defs"),
            trees: root.path("trees"))
        #expect(store.changes.map(\.path) == [ApplyIntoNamespaceTests.path])
        #expect(store[ApplyIntoNamespaceTests.path]?["data"]?["size"] == "small")
    }

    @Test(arguments: ["..", ".", "a/b", "../defs", "", ".git", "-x", String(repeating: "a", count: 201)])
    func aTreesIdIsOneFoldersName(id: String) async throws {
        #expect(throws: Problem.self) {
            try action(
                "kubernetes.apply", ["folder": "pool", "tree": .string(id)], clusters: ClusterDirectory(), trees: "/t")
        }
    }

    @Test func aTreeThatIsGoneIsSaidSoAndNothingElseIsRead() async throws {
        let root = try TemporaryFolder()
        try root.write(ApplyIntoNamespaceTests.config, to: "defs/pool/c.yaml")
        let store = ApplyIntoNamespaceTests.store()
        let error = await refusal {
            try await apply(store, ["tree": "gone"], root: root.path("defs"), trees: root.path("trees"))
        }
        #expect(error?.message == "the tree gone is not here, or not any more")
        let none = await refusal { try await apply(store, ["tree": "gone"], root: root.path("defs")) }
        #expect(none?.message.contains("not kept here") == true)
        #expect(store.changes.isEmpty)
    }

    @Test func aLinkInATreeLeadsNowhere() async throws {
        let root = try TemporaryFolder()
        try root.write(ApplyIntoNamespaceTests.config, to: "defs/pool/c.yaml")
        try root.write("x", to: "trees/t/readme")
        try FileManager.default.createSymbolicLink(
            atPath: root.path("trees/t/pool"), withDestinationPath: root.path("defs/pool"))
        let error = await refusal {
            try await apply(ApplyIntoNamespaceTests.store(), ["tree": "t"], trees: root.path("trees"))
        }
        #expect(error?.message == "'pool' is outside of the top of the tree t")
    }

    @Test func aTreeCannotChangeWhatGuardsItsNamespace() async throws {
        let root = try TemporaryFolder()
        try root.write(ApplyIntoNamespaceTests.config, to: "trees/t/pool/c.yaml")
        try root.write(ApplyIntoNamespaceTests.config, to: "defs/pool/c.yaml")
        let store = ApplyIntoNamespaceTests.store()
        let labels: JSONValue = ["app.kubernetes.io/managed-by": "defimon", "defimon.io/guard": "true"]
        store.put(
            ["kind": "ConfigMap", "metadata": ["name": "c", "labels": labels]], at: ApplyIntoNamespaceTests.path)
        for force in [false, true] {
            let error = await refusal {
                try await apply(store, ["tree": "t", "force": .bool(force)], trees: root.path("trees"))
            }
            #expect(error?.message.contains("ConfigMap pr-1-api/c guards this namespace") == true)
        }
        #expect(store.changes.isEmpty)
        // What the team itself has written may.
        try await apply(store, [:], root: root.path("defs"))
        #expect(store.changes.count == 1)
    }
}
