import Domain
import Foundation
import Outbound
import Sandbox
import Synchronization
import TestSupport
import Testing

@testable import Kubernetes

/// The order in which objects are applied, and how many at once.
struct WaveTests {
    private static func config(_ name: String, wave: String? = nil) -> String {
        let annotations = wave.map { ", annotations: {defimon/wave: \($0)}" } ?? ""
        return "{apiVersion: v1, kind: ConfigMap, metadata: {name: \(name), namespace: shop\(annotations)}}"
    }

    private static func read(_ text: String) throws -> [Manifest] {
        let scope = try ManifestScope(files: [], environment: [:], variables: [:])
        return try Manifest.read([.init(path: "pool/m.yaml", text: text)], scope: scope)
    }

    @Test func wavesGoBeforeKindsAndNamespacesAndDefinitionsBeforeAll() throws {
        let sorted = try WaveTests.read(
            [
                WaveTests.config("late", wave: "'1'"), WaveTests.config("usual"),
                "{apiVersion: apps/v1, kind: Deployment, metadata: {name: first, namespace: shop, annotations: {defimon/wave: '-1'}}}",
                "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: w, annotations: {defimon/wave: '5'}}}",
                "{apiVersion: v1, kind: Namespace, metadata: {name: shop, annotations: {defimon/wave: '9'}}}",
                WaveTests.config("also"),
            ].joined(separator: "\n---\n"))
        #expect(sorted.map(\.object.name) == ["shop", "w", "first", "usual", "also", "late"])
        #expect(ApplyOrder.turns(sorted) == [0..<1, 1..<2, 2..<3, 3..<5, 5..<6])
    }

    @Test(arguments: ["'-100'", "'100'", "'0'"]) func aWaveReachesToItsBounds(wave: String) throws {
        #expect(try WaveTests.read(WaveTests.config("a", wave: wave)).count == 1)
    }

    @Test(arguments: ["'-101'", "'101'", "'1.5'", "soon", "''", "7", "'+1'", "99999999999999999999"])
    func whatIsNoWaveIsAnErrorWithItsPlace(wave: String) throws {
        let error = #expect(throws: ActionError.self) {
            try WaveTests.read("\n---\n" + WaveTests.config("fine") + "\n---\n" + WaveTests.config("a", wave: wave))
        }
        #expect(error?.message.hasPrefix("pool/m.yaml:5: ConfigMap shop/a has defimon/wave: ") == true)
        #expect(error?.message.hasSuffix("it must be a whole number from -100 to 100 in quotes") == true)
    }

    /// How many requests are held at once, and how many were at most.
    private final class Holder: Sendable {
        private let state = Mutex((now: 0, most: 0, hasBeenFull: false))
        let atOnce: Int

        init(atOnce: Int) { self.atOnce = atOnce }

        var most: Int { state.withLock { $0.most } }

        func hold() async {
            state.withLock { state in
                state.now += 1
                state.most = max(state.most, state.now)
                if state.now >= atOnce { state.hasBeenFull = true }
            }
            _ = await eventually { self.state.withLock { $0.hasBeenFull } ? true : nil }
            state.withLock { $0.now -= 1 }
        }
    }

    private static func folder(_ count: Int) throws -> TemporaryFolder {
        let root = try TemporaryFolder()
        let all = (0..<count).map { config("c\($0)") } + [config("last", wave: "'1'")]
        try root.write(all.joined(separator: "\n---\n"), to: "pool/all.yaml")
        return root
    }

    @Test func eightAreAppliedAtOnceAndTheNextWaveWaitsForAllOfThem() async throws {
        let store = ObjectStore()
        let holder = Holder(atOnce: ApplyRun.atOnce)
        let root = try WaveTests.folder(20)
        try await withCluster({ asked in
            if asked.method == "PATCH", !asked.path.hasSuffix("/last") { await holder.hold() }
            return store.answer(asked)
        }) { clusters in
            let made = try action("kubernetes.apply", ["folder": "pool"], clusters: clusters, root: root.url.path)
            #expect(try await made.perform(context())["summary"] == "21 objects, 21 changed")
        }
        #expect(holder.most == 8)
        #expect(store.changes.last?.path.hasSuffix("/last") == true)
    }

    // By itself, for the client has no more connections either.
    @Test(arguments: [1, 3, 8]) func noMoreThanTheBoundRunAtOnceAndAllComeBackInOrder(bound: Int) async throws {
        let holder = Holder(atOnce: bound)
        let items = Array(0..<40)
        let values = try await Parallel.values(items, atOnce: bound) { item in
            await holder.hold()
            return item * 2
        }
        #expect(values == items.map { $0 * 2 })
        #expect(holder.most == bound)
        #expect(ApplyRun.atOnce == 8)
    }

    @Test func afterAFailureNothingMoreBeginsAndItIsSaidHowFarItCame() async throws {
        let store = ObjectStore { asked in
            asked.method == "PATCH" && asked.path.hasSuffix("/c0") ? .failure(422, "Invalid", "no good") : nil
        }
        let root = try WaveTests.folder(100)
        let error = try await withCluster({ store.answer($0) }) { clusters in
            let made = try action("kubernetes.apply", ["folder": "pool"], clusters: clusters, root: root.url.path)
            return await refusal { _ = try await made.perform(context()) }
        }
        #expect(error?.message.contains("ConfigMap shop/c0 of pool/all.yaml:1 cannot be applied") == true)
        let applied = store.changes.count - 1
        #expect(applied < 100)
        #expect(
            error?.details?.contains("\(applied) of 101 objects were applied before, \(applied) of them changed")
                == true)
        #expect(!store.changes.contains { $0.path.hasSuffix("/last") })
    }

    @Test func hundredObjectsTakeOneRequestEachAndAFewForAllOfThem() async throws {
        let root = try TemporaryFolder()
        let config = (0..<50).map { WaveTests.config("c\($0)") }
        let deployments = (0..<50).map {
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d\($0), namespace: shop}, spec: {replicas: 0, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: 'r.test/a:1'}]}}}}"
        }
        try root.write((config + deployments).joined(separator: "\n---\n"), to: "pool/all.yaml")
        try await withStandIn { standIn, clusters in
            let namespace = try action("kubernetes.namespace-ensure", ["namespace": "shop"], clusters: clusters)
            _ = try await namespace.perform(context())
            let made = try action("kubernetes.apply", ["folder": "pool"], clusters: clusters, root: root.url.path)
            standIn.resetRequestCounts()
            #expect(try await made.perform(context())["summary"] == "100 objects, 100 changed")
            // Two questions about kinds, two lists, and one of autoscalers beside the objects themselves.
            #expect(standIn.requestCounts.values.reduce(0, +) == 105)
            standIn.resetRequestCounts()
            #expect(try await plan(made, context()) == ActionPlan(changes: []))
            #expect(standIn.requestCounts.values.reduce(0, +) == 103)
            #expect(
                standIn.requestCounts.filter { $0.key.hasPrefix("PATCH") }.allSatisfy { $0.key.hasSuffix("dryRun=All") }
            )
            standIn.resetRequestCounts()
            #expect(try await made.perform(context())["summary"] == "100 objects, 0 changed")
            #expect(standIn.requestCounts.values.reduce(0, +) == 103)
        }
    }

    @Test func whoeverMayNotListLooksAtEach() async throws {
        let store = ObjectStore { asked in
            asked.method == "GET" && asked.path.hasSuffix("/configmaps") ? .failure(403, "Forbidden", "no list") : nil
        }
        let root = try WaveTests.folder(3)
        try await withCluster({ store.answer($0) }) { clusters in
            let made = try action("kubernetes.apply", ["folder": "pool"], clusters: clusters, root: root.url.path)
            #expect(try await made.perform(context())["summary"] == "4 objects, 4 changed")
            #expect(try await made.perform(context())["summary"] == "4 objects, 0 changed")
        }
    }
}
