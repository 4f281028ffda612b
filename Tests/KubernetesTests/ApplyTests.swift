import Domain
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

struct ApplyTests {
    private static let deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: api, namespace: analytics}
        spec:
          replicas: "{{settings.replicas}}"
          template: {spec: {containers: [{name: api, image: "{{images.api}}"}]}}
        """
    private static let config = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: conf, namespace: analytics}
        data: {url: "http://{{env.DOMAIN}}"}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: sec, namespace: analytics}
        stringData: {password: correct-horse}
        """
    private static let path = "/apis/apps/v1/namespaces/analytics/deployments/api"

    private func folder() throws -> TemporaryFolder {
        let root = try TemporaryFolder()
        try root.write(ApplyTests.deployment, to: "pool/services/api.yaml")
        try root.write(ApplyTests.config, to: "pool/config.yaml")
        try root.write(
            "images: {api: 'r/api:1'}\nsettings: {replicas: 2}\n", to: "pool/deployment/settings.yaml")
        return root
    }

    private func apply(
        _ clusters: ClusterDirectory, _ root: TemporaryFolder, _ more: [String: JSONValue] = [:]
    ) throws -> any RepeatableAction {
        try action(
            "kubernetes.apply", ["folder": "pool"].merging(more) { $1 }, clusters: clusters, root: root.url.path,
            environment: ["DOMAIN": "a.test"])
    }

    private static func storeWithNamespace(_ overrides: @escaping @Sendable (Asked) -> Reply? = { _ in nil })
        -> ObjectStore
    {
        let store = ObjectStore(overrides)
        store.put(["kind": "Namespace", "metadata": ["name": "analytics"]], at: "/api/v1/namespaces/analytics")
        return store
    }

    @Test func allIsAppliedOnceAndTheSecondTimeNothingChanges() async throws {
        let store = ApplyTests.storeWithNamespace()
        let root = try folder()
        try await withCluster({ store.answer($0) }) { clusters in
            let first = try await apply(clusters, root).perform(context())
            #expect(first["summary"] == "3 objects, 3 changed")
            #expect(first["applied"] == 3)
            let again = try await apply(clusters, root).perform(context())
            #expect(again["summary"] == "3 objects, 0 changed")
            #expect(again["details"]?.stringValue?.contains("Deployment analytics/api: unchanged") == true)
        }
        let sent = store.changes
        #expect(sent.map { $0.path.split(separator: "/").last } == ["sec", "conf", "api", "sec", "conf", "api"])
        for request in sent {
            #expect(request.method == "PATCH")
            #expect(request.headers["content-type"] == "application/apply-patch+yaml")
            #expect(request.query == ["fieldManager": "defimon", "force": "false", "fieldValidation": "Strict"])
            #expect(request.json["metadata"]?["labels"]?["app.kubernetes.io/managed-by"] == "defimon")
        }
        #expect(store[ApplyTests.path]?["spec"]?["replicas"] == 2)
        #expect(store["/api/v1/namespaces/analytics/configmaps/conf"]?["data"]?["url"] == "http://a.test")
    }

    @Test func aPlanShowsEachFieldAndChangesNothing() async throws {
        let store = ApplyTests.storeWithNamespace()
        let root = try folder()
        try await withCluster({ store.answer($0) }) { clusters in
            let new = try await plan(try apply(clusters, root), context())
            #expect(new.changes.count == 3)
            #expect(new.changes.contains { $0.hasPrefix("Deployment analytics/api: new with r/api:1") })
            #expect(store.changes.isEmpty)
            _ = try await apply(clusters, root).perform(context())
            let count = store.changes.count
            #expect(try await plan(try apply(clusters, root), context()).changes.isEmpty)
            try root.write("images: {api: 'r/api:2'}\nsettings: {replicas: 4}\n", to: "pool/deployment/settings.yaml")
            try root.write(ApplyTests.config.replacing("correct-horse", with: "battery-staple"), to: "pool/config.yaml")
            let changed = try await plan(try apply(clusters, root), context())
            #expect(
                changed.changes == [
                    "Secret analytics/sec: stringData.password: changed (<secret>)",
                    "Deployment analytics/api: spec.replicas: 2 → 4",
                    "Deployment analytics/api: spec.template.spec.containers[api].image: r/api:1 → r/api:2",
                ])
            #expect(store.changes.count == count)
        }
        #expect(store.asked.all.filter { $0.method == "PATCH" }.contains { $0.query["dryRun"] == "All" })
    }

    @Test func whatNeedsANamespaceThatIsNotThereIsKnownLater() async throws {
        let store = ObjectStore()
        let root = try folder()
        let planned = try await withCluster({ store.answer($0) }) { clusters in
            try await plan(try apply(clusters, root), context())
        }
        #expect(planned.changes.isEmpty)
        #expect(planned.knownLater.count == 3)
        #expect(
            planned.knownLater[2].hasPrefix("Deployment analytics/api: when namespace analytics is there (content "))
        #expect(!planned.knownLater.contains { $0.contains("correct-horse") })
    }

    @Test func whatSomebodyElseMadeIsNotChangedUnlessForced() async throws {
        let store = ApplyTests.storeWithNamespace()
        store.put(["kind": "Deployment", "metadata": ["name": "api"], "spec": ["replicas": 9]], at: ApplyTests.path)
        let root = try folder()
        try await withCluster({ store.answer($0) }) { clusters in
            let error = await refusal { _ = try await apply(clusters, root).perform(context()) }
            #expect(error?.message.contains("was not made by the bot") == true)
            #expect(error?.hint?.contains("kubectl label deployments api -n analytics") == true)
            #expect(error?.mayHaveTakenEffect == false)
            #expect(store.changes.isEmpty)
            #expect(store[ApplyTests.path]?["spec"]?["replicas"] == 9)
            _ = try await apply(clusters, root, ["force": true]).perform(context())
            #expect(store[ApplyTests.path]?["spec"]?["replicas"] == 2)
        }
        #expect(store.changes.last?.query["force"] == "true")
    }

    @Test func aConflictIsShownByManagerAndField() async throws {
        let cause: JSONValue = [
            "reason": "FieldManagerConflict", "message": "conflict with \"kubectl-edit\" using apps/v1",
            "field": ".spec.replicas",
        ]
        let store = ApplyTests.storeWithNamespace { asked in
            asked.method == "PATCH" && asked.path == ApplyTests.path
                ? .failure(409, "Conflict", "Apply failed with 1 conflict", causes: [cause]) : nil
        }
        let root = try folder()
        try await withCluster({ store.answer($0) }) { clusters in
            for isPlan in [true, false] {
                let error = await refusal {
                    let made = try apply(clusters, root)
                    if isPlan { _ = try await plan(made, context()) } else { _ = try await made.perform(context()) }
                }
                #expect(error?.message.contains(".spec.replicas belongs to kubectl-edit") == true)
                #expect(error?.message.contains("pool/services/api.yaml") == true)
                #expect(error?.retry == .never)
                #expect(error?.hint?.contains("force: true") == true)
            }
        }
    }

    @Test func anInvalidSecretIsRefusedWithoutItsValue() async throws {
        let store = ApplyTests.storeWithNamespace { asked in
            asked.method == "PATCH" && asked.path.hasSuffix("/sec")
                ? .failure(422, "Invalid", "data[password]: Invalid value: correct-horse") : nil
        }
        let root = try folder()
        let error = try await withCluster({ store.answer($0) }) { clusters in
            await refusal { _ = try await apply(clusters, root).perform(context()) }
        }
        #expect(error?.message.contains("Secret analytics/sec of pool/config.yaml:6 cannot be applied") == true)
        #expect("\(String(describing: error))".contains("correct-horse") == false)
    }

    @Test func anOverloadedServerIsTriedAgainWhenItSaid() async throws {
        let store = ApplyTests.storeWithNamespace { asked in
            asked.method == "PATCH" ? .text("too many", status: 429, headers: ["Retry-After": "11"]) : nil
        }
        let root = try folder()
        let error = try await withCluster({ store.answer($0) }) { clusters in
            await refusal { _ = try await apply(clusters, root).perform(context()) }
        }
        #expect(error?.retry == .later(afterMilliseconds: 11_000))
        #expect(error?.mayHaveTakenEffect == false)
    }

    @Test func anUnknownKindAndAMissingNamespaceAreNamed() async throws {
        let store = ApplyTests.storeWithNamespace()
        for (manifest, words) in [
            (
                "apiVersion: acme.test/v1\nkind: Widget\nmetadata: {name: w, namespace: analytics}",
                "does not know Widget"
            ),
            ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}", "has no namespace"),
        ] {
            let root = try TemporaryFolder()
            try root.write(manifest, to: "pool/x.yaml")
            let error = try await withCluster({ store.answer($0) }) { clusters in
                await refusal { _ = try await apply(clusters, root).perform(context()) }
            }
            #expect(error?.message.contains(words) == true)
            #expect(error?.message.contains("pool/x.yaml") == true)
        }
    }

    @Test func aServerThatIsNotThereCannotHaveDoneAnything() async throws {
        let root = try folder()
        let clusters = try directory(port: 1)
        let error = await refusal { _ = try await apply(clusters, root).perform(context()) }
        await clusters.shutdown()
        #expect(error?.retry == .later(afterMilliseconds: nil))
        #expect(error?.mayHaveTakenEffect == false)
        #expect(error?.message.contains("connection refused") == true)
    }
}

/// What a plan shows of two states of an object.
struct FieldDifferenceTests {
    private static func secret(_ value: String, isDecoded: Bool = false) -> ClusterObject {
        let applied = "{\"data\":{\"password\":\"\(value)\"}}"
        return ClusterObject([
            "apiVersion": "v1", "kind": "Secret",
            "metadata": [
                "name": "s", "resourceVersion": .string(value), "uid": .string(value),
                "managedFields": [["manager": .string(value)]],
                "annotations": [
                    "kubectl.kubernetes.io/last-applied-configuration": .string(applied),
                    "deployment.kubernetes.io/revision": .string(value),
                ],
            ],
            isDecoded ? "stringData" : "data": ["password": .string(value)],
        ])
    }

    @Test(arguments: [false, true]) func aSecretsValuesAreNowhere(isDecoded: Bool) {
        let lines = FieldDifference.lines(
            from: Self.secret("aHVudGVyMQ", isDecoded: isDecoded), to: Self.secret("aHVudGVyMg", isDecoded: isDecoded))
        #expect(lines == ["\(isDecoded ? "stringData" : "data").password: changed (<secret>)"])
    }

    @Test func aWholeMapOfASecretIsNotShownEither() {
        let bare = ClusterObject(["apiVersion": "v1", "kind": "Secret", "metadata": ["name": "s"]])
        #expect(FieldDifference.lines(from: bare, to: Self.secret("aHVudGVyMQ")) == ["data: added (<secret>)"])
        #expect(FieldDifference.lines(from: Self.secret("aHVudGVyMQ"), to: bare) == ["data: removed (<secret>)"])
    }

    @Test func whatTheServerWritesByItselfIsNoChange() {
        var other = Self.secret("aHVudGVyMQ").json
        for path in ["resourceVersion", "uid"] {
            other = ObjectStore.merged(other, ["metadata": .object([path: "another"])])
        }
        other = ObjectStore.merged(
            other,
            [
                "status": ["x": 1],
                "metadata": [
                    "managedFields": [], "generation": 7,
                    "annotations": ["kubectl.kubernetes.io/last-applied-configuration": "{}"],
                ],
            ])
        #expect(FieldDifference.lines(from: Self.secret("aHVudGVyMQ"), to: ClusterObject(other)).isEmpty)
    }
}
