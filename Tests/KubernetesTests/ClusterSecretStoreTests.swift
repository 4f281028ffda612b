import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Kubernetes

struct ClusterSecretStoreTests {
    private static let path = "/api/v1/namespaces/n/secrets/bot"

    private func store(_ clusters: ClusterDirectory, _ told: Recorder<String> = Recorder()) -> ClusterSecretStore {
        ClusterSecretStore(
            clusters: clusters, cluster: "test", namespace: "n", name: "bot", onSecret: { told.add($0.reveal()) })
    }

    private func encoded(_ text: String) -> JSONValue { .string(Data(text.utf8).base64EncodedString()) }

    private func secret(_ data: [String: JSONValue], isOurs: Bool = true) -> JSONValue {
        let labels: JSONValue = isOurs ? ["app.kubernetes.io/managed-by": "defimon"] : [:]
        return [
            "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "bot", "namespace": "n", "labels": labels],
            "data": .object(data),
        ]
    }

    @Test func `what is saved can be read, beside what is there, and is told to the redactor`() async throws {
        try await withStandIn { standIn, clusters in
            let client = try clusters.client("test")
            _ = try await client.create(
                .namespaces, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "n"]])
            let told = Recorder<String>()
            let store = store(clusters, told)
            let none = try await store.all()
            #expect(none.isEmpty)
            try await store.save("join-token", Secret("first-token"))
            try await store.save("ml.kubeconfig", Secret("a: b\nc: d\n"))
            try await store.save("join-token", Secret("second-token"))
            let all = try await store.all()
            #expect(all.mapValues { $0.reveal() } == ["join-token": "second-token", "ml.kubeconfig": "a: b\nc: d"])
            #expect(Set(told.all).isSuperset(of: ["first-token", "second-token", "a: b\nc: d\n"]))
            let object = try await client.get(.secrets, namespace: "n", name: "bot")
            #expect(object.isManaged)
            let same = object.resourceVersion
            try await store.save("join-token", Secret("second-token"))
            #expect(try await client.get(.secrets, namespace: "n", name: "bot").resourceVersion == same)
        }
    }

    @Test func `what is added never takes the place of another`() async throws {
        try await withStandIn { standIn, clusters in
            _ = try await clusters.client("test").create(
                .namespaces, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "n"]])
            let store = store(clusters)
            var isNew = try await store.add("join-token", Secret("first-token"))
            #expect(isNew)
            isNew = try await store.add("join-token", Secret("second-token"))
            #expect(!isNew)
            let all = try await store.all()
            #expect(all["join-token"] == Secret("first-token"))
        }
    }

    @Test func `a Secret of other tools is read and never changed`() async throws {
        let store = ObjectStore()
        store.put(secret(["token": encoded("theirs\n"), "EMPTY": ""], isOurs: false), at: ClusterSecretStoreTests.path)
        try await withCluster({ store.answer($0) }) { clusters in
            let secrets = self.store(clusters)
            let all = try await secrets.all()
            #expect(all.mapValues { $0.reveal() } == ["token": "theirs"])
            let error = await #expect(throws: SecretStoreError.self) { try await secrets.save("other", Secret("mine")) }
            #expect(error?.description.contains("app.kubernetes.io/managed-by: defimon") == true)
        }
        #expect(store.changes.isEmpty)
    }

    /// `value` is what the other writer puts between the look and the change.
    @Test(arguments: [("other-key", true), ("join-token", false)])
    func `another writer's change is kept, and said where it is the same secret`(key: String, isSaved: Bool)
        async throws
    {
        let path = ClusterSecretStoreTests.path
        let store = ObjectStore()
        store.put(secret(["join-token": encoded("old")]), at: path)
        let looks = Recorder<Int>()
        try await withCluster({ asked in
            let reply = store.answer(asked)
            if asked.method == "GET", asked.path == path, looks.add(1) == 0 {
                var data = ["join-token": encoded("old")]
                data[key] = encoded("theirs")
                store.put(secret(data), at: path)
            }
            return reply
        }) { clusters in
            let secrets = self.store(clusters)
            if isSaved {
                try await secrets.save("join-token", Secret("mine"))
            } else {
                let error = await #expect(throws: SecretStoreError.self) {
                    try await secrets.save("join-token", Secret("mine"))
                }
                #expect(error?.description.contains("changed by somebody else") == true)
            }
        }
        #expect(store[path]?["data"]?[key] == encoded("theirs"))
        #expect(store[path]?["data"]?["join-token"] == encoded(isSaved ? "mine" : "theirs"))
    }

    @Test func `a Secret that is made by another at the same time is looked at again`() async throws {
        let path = ClusterSecretStoreTests.path
        let store = ObjectStore()
        let looks = Recorder<Int>()
        try await withCluster({ asked in
            let reply = store.answer(asked)
            if asked.method == "GET", asked.path == path, looks.add(1) == 0 {
                store.put(secret(["other": encoded("theirs")]), at: path)
            }
            return reply
        }) { clusters in
            try await self.store(clusters).save("join-token", Secret("mine"))
        }
        #expect(store[path]?["data"]?["other"] == encoded("theirs"))
        #expect(store[path]?["data"]?["join-token"] == encoded("mine"))
    }

    @Test func `all secrets of a store together have a bound`() async throws {
        let path = ClusterSecretStoreTests.path
        let store = ObjectStore()
        let most = StoredSecret.largestStore - 6
        store.put(secret(["big": encoded(String(repeating: "x", count: most))]), at: path)
        try await withCluster({ store.answer($0) }) { clusters in
            let secrets = self.store(clusters)
            let error = await #expect(throws: SecretStoreError.self) {
                try await secrets.save("small", Secret("1234567890"))
            }
            #expect(error?.description.contains("1048576 bytes") == true)
            try await secrets.save("small", Secret("123"))
        }
        #expect(store.changes.count == 1)
    }

    @Test func `a refusal of the server never quotes a value`() async throws {
        let store = ObjectStore { asked in
            asked.method == "POST"
                ? .failure(422, "Invalid", "bad: " + (asked.json["data"]?.canonicalText ?? "")) : nil
        }
        try await withCluster({ store.answer($0) }) { clusters in
            let error = await #expect(throws: SecretStoreError.self) {
                try await self.store(clusters).save("join-token", Secret("first-token"))
            }
            #expect(error?.description.contains("Secret n/bot of cluster test") == true)
            #expect(error?.description.contains(Data("first-token".utf8).base64EncodedString()) == false)
        }
    }
}
