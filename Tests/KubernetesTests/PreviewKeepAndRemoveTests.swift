import Domain
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

struct PreviewKeepAndRemoveTests {
    private let time = VirtualTime(now: PreviewFixtures.now)

    private func run(_ name: String, _ store: ObjectStore, _ inputs: [String: JSONValue] = [:]) async throws
        -> JSONValue
    {
        let time = time
        return try await withCluster({ store.answer($0) }) { clusters in
            try await action(
                "kubernetes.preview-\(name)", ["namespace": "pr-12-api"].merging(inputs) { $1 }, clusters: clusters
            ).perform(context(time: time))
        }
    }

    private func planned(_ name: String, _ store: ObjectStore, _ inputs: [String: JSONValue] = [:]) async throws
        -> ActionPlan
    {
        let time = time
        return try await withCluster({ store.answer($0) }) { clusters in
            try await plan(
                action(
                    "kubernetes.preview-\(name)", ["namespace": "pr-12-api"].merging(inputs) { $1 },
                    clusters: clusters), context(time: time))
        }
    }

    private static func store(_ namespace: JSONValue = PreviewFixtures.namespace("pr-12-api")) -> ObjectStore {
        let store = ObjectStore()
        PreviewFixtures.put(namespace, store)
        return store
    }

    // MARK: Keep

    @Test(arguments: [("7d", "2026-09-28T14:13:20Z", "in 7 d"), ("1m", "2026-09-21T15:13:20Z", "in 1 h")])
    func aPreviewIsKeptFromNowOnAndNeverForLessThanItHad(life: String, expires: String, words: String) async throws {
        let store = PreviewKeepAndRemoveTests.store()
        let found = try await run("keep", store, ["for": .string(life)])
        #expect(found["expires"] == .string(expires))
        #expect(found["summary"] == .string("preview pr-12-api of acme/api#12 expires \(expires), \(words)"))
        let annotations = store[PreviewFixtures.path("pr-12-api")]?["metadata"]?["annotations"]
        #expect(annotations?["defimon.io/expires"] == .string(expires))
        #expect(annotations?["defimon.io/owner"] == "ann")
    }

    @Test(arguments: [("30d", true), ("30d1s", false), ("0", false), ("1s", true)])
    func itIsKeptForAtMostThirtyDays(life: String, isAllowed: Bool) {
        let made = Result {
            try action(
                "kubernetes.preview-keep", ["namespace": "pr-12-api", "for": .string(life)],
                clusters: ClusterDirectory())
        }
        #expect(((try? made.get()) != nil) == isAllowed)
    }

    @Test func whatIsNotThereOrGoesAlreadyIsNotKept() async throws {
        let none = await refusal { _ = try await run("keep", ObjectStore()) }
        #expect(none?.message == "there is no preview pr-12-api in cluster test")
        let ending = PreviewKeepAndRemoveTests.store(PreviewFixtures.namespace("pr-12-api", isBeingDeleted: true))
        let error = await refusal { _ = try await run("keep", ending) }
        #expect(error?.message.contains("is being deleted already") == true)
        #expect(ending.changes.isEmpty)
    }

    @Test func keepingIsPlanned() async throws {
        let store = PreviewKeepAndRemoveTests.store()
        #expect(
            try await planned("keep", store, ["for": "7d"]).changes
                == ["Namespace pr-12-api: expires 7 d from then on, or later"])
        #expect(store.changes.isEmpty)
    }

    // MARK: Both

    @Test(
        arguments: ["keep", "remove"],
        [
            ["kind": "Namespace", "metadata": ["name": "pr-12-api"]],
            [
                "kind": "Namespace",
                "metadata": ["name": "pr-12-api", "labels": ["app.kubernetes.io/managed-by": "defimon"]],
            ],
            ["kind": "Namespace", "metadata": ["name": "pr-12-api", "labels": ["defimon.io/preview": "true"]]],
        ] as [JSONValue])
    func aNamespaceThatIsNoPreviewIsNotTouched(name: String, namespace: JSONValue) async throws {
        let store = PreviewKeepAndRemoveTests.store(namespace)
        let error = await refusal { _ = try await run(name, store) }
        #expect(
            error?.message
                == "namespace pr-12-api in cluster test is no preview that the bot made, so it is not touched")
        let forAPlan = await refusal { _ = try await planned(name, store) }
        #expect(forAPlan == error)
        #expect(store.changes.isEmpty)
    }

    // MARK: Remove

    @Test func onlyThatVeryNamespaceIsDeleted() async throws {
        let store = PreviewKeepAndRemoveTests.store()
        let planned = try await planned("remove", store)
        #expect(planned.changes == ["Namespace pr-12-api: deleted"])
        let found = try await run("remove", store)
        #expect(found["deleted"] == true)
        #expect(found["summary"] == "preview pr-12-api of acme/api#12 is gone")
        #expect(store.changes.map(\.method) == ["DELETE"])
        #expect(store.changes.first?.json["preconditions"]?["uid"] == "uid-/api/v1/namespaces/pr-12-api")
        #expect(try await run("remove", store)["deleted"] == false)
        #expect(try await self.planned("remove", store).changes.isEmpty)
    }

    @Test func onlyAnExpiredOneIsSweptAway() async throws {
        let kept = PreviewKeepAndRemoveTests.store()
        let found = try await run("remove", kept, ["only_expired": true])
        #expect(found["deleted"] == false)
        #expect(found["summary"] == "preview pr-12-api stays: it expires 2026-09-21T15:13:20Z, in 1 h")
        #expect(try await planned("remove", kept, ["only_expired": true]).changes.isEmpty)
        let unknown = PreviewKeepAndRemoveTests.store(PreviewFixtures.namespace("pr-12-api", expiresIn: nil))
        #expect(try await run("remove", unknown, ["only_expired": true])["deleted"] == false)
        #expect(kept.changes.isEmpty && unknown.changes.isEmpty)
        // At that very second its time is over.
        let expired = PreviewKeepAndRemoveTests.store(PreviewFixtures.namespace("pr-12-api", expiresIn: .zero))
        #expect(try await run("remove", expired, ["only_expired": true])["deleted"] == true)
    }
}
