import Domain
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

struct SecretRotateTests {
    private static let path = "/api/v1/namespaces/n/secrets/keys"
    private static let key = "99999999-2222-4333-8444-555555555555"

    /// A Secret of the bot with one key of each kind, and three workloads, two of which read it.
    private func store(isManaged: Bool = true) -> ObjectStore {
        let store = ObjectStore()
        let pem = KeyMaking.signingKey()
        store.put(
            [
                "apiVersion": "v1", "kind": "Secret",
                "metadata": [
                    "name": "keys", "namespace": "n",
                    "labels": isManaged ? ["app.kubernetes.io/managed-by": "defimon"] : [:],
                ],
                "data": [
                    "hmac": SecretValue.encode("old-hmac"), "password": SecretValue.encode("old-password"),
                    "jwt.pem": SecretValue.encode(pem),
                    "jwt.jwks.json": SecretValue.encode(KeyMaking.publicKeys(of: pem) ?? ""),
                ],
            ], at: SecretRotateTests.path)
        let sources: [(String, String, JSONValue)] = [
            ("deployments", "api", ["containers": [["name": "c", "envFrom": [["secretRef": ["name": "keys"]]]]]]),
            ("statefulsets", "db", ["volumes": [["name": "v", "secret": ["secretName": "keys"]]]]),
            ("deployments", "other", ["containers": [["name": "c", "envFrom": [["secretRef": ["name": "else"]]]]]]),
        ]
        for (plural, name, spec) in sources {
            store.put(
                [
                    "apiVersion": "apps/v1", "metadata": ["name": .string(name), "namespace": "n"],
                    "spec": ["template": ["spec": spec]],
                ], at: "/apis/apps/v1/namespaces/n/\(plural)/\(name)")
        }
        return store
    }

    private func value(_ store: ObjectStore, _ key: String) -> String? {
        SecretValue.decode(store[SecretRotateTests.path]?["data"]?[key])?.reveal()
    }

    private func ids(_ store: ObjectStore) throws -> [String] {
        let set = try JSONValue(parsing: Array(try #require(value(store, "jwt.jwks.json")).utf8))
        return (set["keys"]?.arrayValue ?? []).compactMap { $0["kid"]?.stringValue }
    }

    private func rotate(
        _ store: ObjectStore, _ inputs: [String: JSONValue], key: String = SecretRotateTests.key,
        told: Recorder<String> = Recorder()
    ) async throws -> (plan: ActionPlan, output: JSONValue) {
        try await withCluster({ store.answer($0) }) { clusters in
            let all = inputs.merging(["namespace": "n", "name": "keys"]) { $1 }
            let made = try action("kubernetes.secret-rotate", all, clusters: clusters) { told.add($0.reveal()) }
            let planned = try await plan(made, context(key: key))
            return (planned, try await made.perform(context(key: key)))
        }
    }

    @Test func anHMACKeyIsNewAndTheOldOneStaysBesideIt() async throws {
        let store = store()
        let told = Recorder<String>()
        let (plan, output) = try await rotate(store, ["hmac": ["hmac"]], told: told)
        #expect(
            plan.changes == [
                "Secret n/keys: new values for hmac (HMAC key)",
                "Deployment n/api: reads it, so its pods are replaced",
                "StatefulSet n/db: reads it, so its pods are replaced",
            ])
        let new = try #require(value(store, "hmac"))
        #expect(new != "old-hmac")
        #expect(value(store, "hmac.previous") == "old-hmac")
        #expect(value(store, "password") == "old-password")
        #expect(told.all.contains(new) && told.all.contains("old-hmac"))
        #expect(output["restarted"] == ["Deployment/api", "StatefulSet/db"])
        #expect(!output.canonicalText.contains(new))
        for (path, isRestarted) in [("deployments/api", true), ("statefulsets/db", true), ("deployments/other", false)]
        {
            let workload = ClusterObject(store["/apis/apps/v1/namespaces/n/\(path)"] ?? .null)
            let mark = workload.text("spec", "template", "metadata", "annotations", "defimon/restart")
            #expect((mark == SecretRotateTests.key) == isRestarted)
        }
    }

    @Test func aRepetitionOfTheSameStepRotatesNothing() async throws {
        let store = store()
        _ = try await rotate(store, ["hmac": ["hmac"]])
        let new = value(store, "hmac")
        let changes = store.changes.count
        let (plan, output) = try await rotate(store, ["hmac": ["hmac"]])
        #expect(plan.changes.isEmpty)
        #expect(output["rotated"] == ["hmac"])
        #expect(value(store, "hmac") == new)
        #expect(value(store, "hmac.previous") == "old-hmac")
        #expect(store.changes.count == changes)
        _ = try await rotate(store, ["hmac": ["hmac"]], key: "another")
        #expect(value(store, "hmac.previous") == new)
    }

    @Test func oldPublicKeysStayUntilThereAreThree() async throws {
        let store = store()
        var known = try ids(store)
        #expect(known.count == 1)
        for round in 1...3 {
            _ = try await rotate(store, ["jwt": ["jwt"]], key: "round \(round)")
            let now = try ids(store)
            #expect(now.count == min(round + 1, KeyMaking.mostPublicKeys))
            #expect(Array(now.dropFirst()) == Array(known.prefix(KeyMaking.mostPublicKeys - 1)))
            #expect(!known.contains(now[0]))
            known = now
        }
    }

    @Test(arguments: ["nothing", "{}", #"{"keys": 1}"#])
    func aSetOfPublicKeysThatCannotBeReadIsNotReplaced(_ set: String) async throws {
        let store = store()
        var secret = try #require(store[SecretRotateTests.path]?.objectValue)
        var data = secret["data"]?.objectValue ?? [:]
        data["jwt.jwks.json"] = SecretValue.encode(set)
        secret["data"] = .object(data)
        store.put(.object(secret), at: SecretRotateTests.path)
        let error = await #expect(throws: ActionError.self) { _ = try await rotate(store, ["jwt": ["jwt"]]) }
        #expect(
            error?.message
                == "'jwt.jwks.json' of Secret n/keys is no set of public keys, and older keys that it named would be lost"
        )
        #expect(store.changes.isEmpty)
    }

    @Test func aSetOfPublicKeysThatIsMissingIsMadeWithTheKeyInUse() async throws {
        let store = store()
        let before = try ids(store)
        var secret = try #require(store[SecretRotateTests.path]?.objectValue)
        var data = secret["data"]?.objectValue ?? [:]
        data["jwt.jwks.json"] = nil
        secret["data"] = .object(data)
        store.put(.object(secret), at: SecretRotateTests.path)
        _ = try await rotate(store, ["jwt": ["jwt"]])
        let now = try ids(store)
        #expect(now.count == 2)
        #expect(now.last == before[0])
    }

    @Test func aPasswordIsOnlyRotatedWhenTheCommandSaysThatItChangesTheUser() async throws {
        let store = store()
        let problem = await #expect(throws: Problem.self) {
            try await rotate(store, ["generate": ["password"]])
        }
        #expect(problem?.message.contains("no old value that stays accepted") == true)
        let error = await refusal { _ = try await rotate(store, ["generate": ["password"], "anyway": false]) }
        #expect(error?.message.contains("no old value that stays accepted") == true)
        #expect(store.changes.isEmpty)
        _ = try await rotate(store, ["generate": ["password"], "anyway": true, "restart": false])
        #expect(value(store, "password")?.count == 32)
        #expect(store.changes.count == 1)
    }

    @Test func whatCannotBeRotatedIsLeftAloneAndSaid() async throws {
        let foreign = await refusal { _ = try await rotate(self.store(isManaged: false), ["hmac": ["hmac"]]) }
        #expect(foreign?.message.contains("was not made by the bot") == true)
        let store = store()
        let missing = await refusal { _ = try await rotate(store, ["hmac": ["nothing"]]) }
        #expect(missing?.message.contains("has no key 'nothing'") == true)
        let wrong = await refusal { _ = try await rotate(store, ["jwt": ["none"]]) }
        #expect(wrong?.message.contains("has no key 'none.pem'") == true)
        #expect(store.changes.isEmpty)
    }

    @Test func aWorkloadThatIsPausedIsSaidAndNotRestarted() async throws {
        let store = store()
        let path = "/apis/apps/v1/namespaces/n/deployments/api"
        store.put(ObjectStore.merged(store[path] ?? .null, ["spec": ["paused": true]]), at: path)
        let (plan, output) = try await rotate(store, ["hmac": ["hmac"]])
        #expect(plan.changes.contains { $0.contains("Deployment n/api: reads it, is paused") })
        #expect(output["restarted"] == ["StatefulSet/db"])
        #expect(output["summary"]?.stringValue?.contains("paused, with the old value: Deployment/api") == true)
    }
}
