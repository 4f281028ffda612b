import Domain
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

struct SecretEnsureTests {
    private static let path = "/api/v1/namespaces/n/secrets/db"
    private static let inputs: [String: JSONValue] = [
        "namespace": "n", "name": "db", "generate": ["password"], "literals": ["username": "postgres-admin"],
    ]

    private func store() -> ObjectStore {
        let store = ObjectStore()
        store.put(["kind": "Namespace", "metadata": ["name": "n"]], at: "/api/v1/namespaces/n")
        return store
    }

    private func value(_ store: ObjectStore, _ key: String) -> String? {
        store[SecretEnsureTests.path]?["data"]?[key]?.stringValue.flatMap { Data(base64Encoded: $0) }
            .map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func aMissingSecretIsMadeAndItsValuesAreTold() async throws {
        let store = store()
        let told = Recorder<String>()
        let output = try await withCluster({ store.answer($0) }) { clusters in
            let made = try action("kubernetes.secret-ensure", SecretEnsureTests.inputs, clusters: clusters) {
                told.add($0.reveal())
            }
            let planned = try await plan(made, context())
            #expect(planned.changes == ["Secret n/db: new, with password (generated), username"])
            return try await made.perform(context())
        }
        let password = try #require(value(store, "password"))
        #expect(password.count == 32)
        #expect(password.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
        #expect(password.first?.isLetter == true)
        #expect(value(store, "username") == "postgres-admin")
        #expect(told.all == [password])
        #expect(output["created"] == true)
        #expect(output["added"] == ["password", "username"])
        #expect(!output.canonicalText.contains(password))
        #expect(!output.canonicalText.contains("postgres-admin"))
        #expect(store[SecretEnsureTests.path]?["metadata"]?["labels"]?["app.kubernetes.io/managed-by"] == "defimon")
    }

    @Test func aKeyThatIsThereIsNeverTouched() async throws {
        let store = store()
        store.put(
            ["kind": "Secret", "metadata": ["name": "db"], "data": ["username": "b2xk", "other": "eA=="]],
            at: SecretEnsureTests.path)
        try await withCluster({ store.answer($0) }) { clusters in
            let made = try action("kubernetes.secret-ensure", SecretEnsureTests.inputs, clusters: clusters)
            #expect(try await plan(made, context()).changes == ["Secret n/db: adds password (generated)"])
            let output = try await made.perform(context())
            #expect(output["created"] == false)
            #expect(output["added"] == ["password"])
            let password = value(store, "password")
            #expect(value(store, "username") == "old")
            #expect(value(store, "other") == "x")
            let again = try await made.perform(context())
            #expect(again["added"] == [])
            #expect(value(store, "password") == password)
            #expect(try await plan(made, context()).changes.isEmpty)
        }
        #expect(store.changes.count == 1)
    }

    @Test func `a copy of a secret of the bot follows it, and what was made stays`() async throws {
        let store = store()
        let inputs: [String: JSONValue] = [
            "namespace": "n", "name": "db", "generate": ["password"], "secrets": ["token": ["env": "TOKEN"]],
        ]
        func run(_ token: String, planned: [String], added: JSONValue) async throws {
            try await withServer({ store.answer($0) }) { port in
                let clusters = try directory(port: port, token: token)
                let told = Recorder<String>()
                let made = try action("kubernetes.secret-ensure", inputs, clusters: clusters) { told.add($0.reveal()) }
                let plan = try await plan(made, context())
                #expect(plan.changes == planned)
                let output = try await made.perform(context())
                #expect(output["added"] == added)
                #expect(!"\(plan) \(output.canonicalText)".contains(token))
                #expect(told.all.contains(token))
                #expect(value(store, "token") == token)
                await clusters.shutdown()
            }
        }
        try await run(
            "first-token", planned: ["Secret n/db: new, with password (generated), token (the bot's)"],
            added: ["password", "token"])
        let password = value(store, "password")
        try await run("second-token", planned: ["Secret n/db: changes token (the bot's)"], added: ["token"])
        try await run("second-token", planned: [], added: [])
        #expect(value(store, "password") == password)
    }

    @Test func `a secret of the bot that is not there is told, and so is one that is not named`() async throws {
        try await withCluster({ store().answer($0) }) { clusters in
            var inputs = SecretEnsureTests.inputs
            inputs["secrets"] = ["token": ["env": "NONE"]]
            let made = try action("kubernetes.secret-ensure", inputs, clusters: clusters)
            let error = await refusal { _ = try await made.perform(context()) }
            #expect(error?.message == "the bot's secret cannot be read: there is no such secret")
            inputs["secrets"] = ["token": "the token itself"]
            let problem = #expect(throws: Problem.self) {
                try action("kubernetes.secret-ensure", inputs, clusters: clusters)
            }
            #expect(problem?.message == "'token' does not say where a secret is kept")
        }
    }

    @Test func anotherWriterBetweenTheLookAndTheChangeWins() async throws {
        let path = SecretEnsureTests.path
        let store = store()
        let isFirst = Recorder<Int>()
        try await withCluster({ asked in
            let reply = store.answer(asked)
            if asked.method == "GET", asked.path == path, isFirst.add(1) == 0 {
                store.put(["kind": "Secret", "metadata": ["name": "db"], "data": ["password": "b2xk"]], at: path)
            }
            return reply
        }) { clusters in
            let made = try action("kubernetes.secret-ensure", SecretEnsureTests.inputs, clusters: clusters)
            let output = try await made.perform(context())
            #expect(output["created"] == false)
            #expect(output["added"] == ["username"])
        }
        #expect(value(store, "password") == "old")
    }

    @Test func aRefusalOfTheServerNeverQuotesAValue() async throws {
        let store = ObjectStore { asked in
            asked.method == "POST"
                ? .failure(422, "Invalid", "bad: " + (asked.json["data"]?.canonicalText ?? "")) : nil
        }
        let error = try await withCluster({ store.answer($0) }) { clusters in
            let made = try action("kubernetes.secret-ensure", SecretEnsureTests.inputs, clusters: clusters)
            return await refusal { _ = try await made.perform(context()) }
        }
        #expect(error?.message.contains("Secret n/db cannot be ensured") == true)
        #expect("\(String(describing: error))".contains(Data("postgres-admin".utf8).base64EncodedString()) == false)
    }

    @Test func aKeyCannotBeBothGeneratedAndGiven() {
        #expect(throws: Problem.self) {
            try action(
                "kubernetes.secret-ensure",
                ["namespace": "n", "name": "db", "generate": ["a"], "literals": ["a": "b"]],
                clusters: ClusterDirectory())
        }
    }
}
