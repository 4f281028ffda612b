import Domain
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

struct PreviewEnsureTests {
    private let time = VirtualTime(now: PreviewFixtures.now)

    private func look(_ store: ObjectStore, _ more: [String: JSONValue] = [:]) async throws -> Awaited {
        let time = time
        return try await withCluster({ store.answer($0) }) { clusters in
            let inputs = PreviewFixtures.wish.merging(more) { $1 }
            return try await awaiting("kubernetes.preview-ensure", inputs, clusters: clusters)
                .look(context(time: time))
        }
    }

    private func planned(_ store: ObjectStore, _ more: [String: JSONValue] = [:]) async throws -> ActionPlan {
        let time = time
        return try await withCluster({ store.answer($0) }) { clusters in
            let inputs = PreviewFixtures.wish.merging(more) { $1 }
            return try await plan(
                awaiting("kubernetes.preview-ensure", inputs, clusters: clusters), context(time: time))
        }
    }

    private func outputs(_ awaited: Awaited) -> JSONValue? {
        if case .ready(let outputs) = awaited { outputs } else { nil }
    }

    private func metadata(_ store: ObjectStore) -> JSONValue? { store[PreviewFixtures.path("pr-12-api")]?["metadata"] }

    private func expires(_ store: ObjectStore) -> String? {
        metadata(store)?["annotations"]?["defimon.io/expires"]?.stringValue
    }

    @Test func theNamespaceSaysWhatItIs() async throws {
        let store = ObjectStore()
        let found = outputs(try await look(store))
        #expect(found?["namespace"] == "pr-12-api")
        #expect(found?["created"] == true)
        #expect(found?["expires"] == "2026-09-24T14:13:20Z")
        #expect(
            found?["summary"]
                == "namespace pr-12-api made for acme/api#12, expires 2026-09-24T14:13:20Z, in 3 d")
        #expect(
            metadata(store)?["labels"] == [
                "app.kubernetes.io/managed-by": "defimon", "defimon.io/preview": "true",
                "defimon.io/pull-request": "12", "pod-security.kubernetes.io/enforce": "restricted",
                "pod-security.kubernetes.io/warn": "restricted",
            ])
        #expect(
            metadata(store)?["annotations"] == [
                "defimon.io/repository": "acme/api", "defimon.io/commit": .string(PreviewFixtures.commit),
                "defimon.io/owner": "ann", "defimon.io/url": "https://pr-12-api.preview.example.com",
                "defimon.io/expires": "2026-09-24T14:13:20Z",
            ])
    }

    @Test func theNextCommitRenewsItAndOnlyEverExtendsItsTime() async throws {
        let store = ObjectStore()
        _ = try await look(store)
        time.advance(by: .seconds(3600))
        let commit = "ffffffffffffffffffffffffffffffffffffffff"
        let again = outputs(try await look(store, ["commit": .string(commit), "expires_after": "1h"]))
        #expect(again?["created"] == false)
        #expect(again?["expires"] == "2026-09-24T14:13:20Z")
        #expect(metadata(store)?["annotations"]?["defimon.io/commit"] == .string(commit))
        let extended = outputs(try await look(store))
        #expect(extended?["expires"] == "2026-09-24T15:13:20Z")
        #expect(expires(store) == "2026-09-24T15:13:20Z")
    }

    @Test func aTimeThatNobodyCanReadIsSetAnew() async throws {
        let store = ObjectStore()
        PreviewFixtures.put(PreviewFixtures.namespace("pr-12-api", expiresIn: nil), store)
        _ = try await look(store)
        #expect(expires(store) == "2026-09-24T14:13:20Z")
    }

    @Test(
        arguments: [
            (PreviewFixtures.namespace("pr-12-api", repository: "other/api"), "is the preview of other/api#12"),
            (PreviewFixtures.namespace("pr-12-api", number: 13), "is the preview of acme/api#13"),
            (["kind": "Namespace", "metadata": ["name": "pr-12-api"]], "is no preview that the bot made"),
            (
                [
                    "kind": "Namespace",
                    "metadata": ["name": "pr-12-api", "labels": ["defimon.io/preview": "true"]],
                ], "is no preview that the bot made"
            ),
        ] as [(JSONValue, String)])
    func aNamespaceOfSomethingElseIsNotTouched(namespace: JSONValue, words: String) async throws {
        let store = ObjectStore()
        PreviewFixtures.put(namespace, store)
        let error = await refusal { _ = try await look(store) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "none")")
        #expect(error?.retry == .never)
        let sameForAPlan = await refusal { _ = try await planned(store) }
        #expect(sameForAPlan == error)
        #expect(store.changes.isEmpty)
    }

    @Test func theRepositorysNameDoesNotTellBigFromSmallLetters() async throws {
        let store = ObjectStore()
        PreviewFixtures.put(PreviewFixtures.namespace("pr-12-api", repository: "Acme/API"), store)
        #expect(outputs(try await look(store))?["created"] == false)
    }

    @Test func anOldOneThatIsBeingDeletedIsWaitedForWithWhatHoldsIt() async throws {
        let store = ObjectStore()
        let held: JSONValue = [
            "status": [
                "conditions": [
                    [
                        "type": "NamespaceFinalizersRemaining", "status": "True",
                        "message": "Some content has finalizers remaining: example.com/hold in 1 resource instances",
                    ]
                ]
            ]
        ]
        let namespace = PreviewFixtures.namespace("pr-12-api", isBeingDeleted: true)
        PreviewFixtures.put(ObjectStore.merged(namespace, held), store)
        let words =
            "waits until the old namespace pr-12-api is gone: Some content has finalizers remaining: "
            + "example.com/hold in 1 resource instances"
        #expect(try await look(store) == .notYet(words, lookAgainAfter: .seconds(5)))
        #expect(store.changes.isEmpty)
    }

    @Test func whenAllPlacesAreTakenItWaitsAndNamesThem() async throws {
        let store = ObjectStore()
        for number in 1...7 {
            PreviewFixtures.put(
                PreviewFixtures.namespace("pr-\(number)-api", number: number, isBeingDeleted: number == 2), store)
        }
        // No preview, and no place either.
        store.put(["kind": "Namespace", "metadata": ["name": "analytics"]], at: PreviewFixtures.path("analytics"))
        let waits = try await look(store, ["at_most": 7])
        #expect(
            waits
                == .notYet(
                    "waits for a free place: 7 of 7 previews are live (pr-1-api, pr-2-api is being deleted, pr-3-api, "
                        + "pr-4-api, pr-5-api and 2 more)", lookAgainAfter: .seconds(30)))
        #expect(store.changes.isEmpty)
        if case .notYet(let words, _, _) = try await look(store, ["at_most": 1]) {
            #expect(words.hasPrefix("waits for a free place: 7 previews are live, 1 may be"))
        }
        // The own one has its place already.
        #expect(outputs(try await look(store, ["namespace": "pr-3-api", "number": 3, "at_most": 1])) != nil)
        #expect(outputs(try await look(store, ["at_most": 8]))?["created"] == true)
    }

    @Test func jobsOfOneClusterWaitInOneLine() throws {
        let made = try awaiting("kubernetes.preview-ensure", PreviewFixtures.wish, clusters: ClusterDirectory())
        #expect(made.line == "previews/test")
    }

    @Test func aChangeInBetweenIsLookedAtAgain() async throws {
        let refused = Recorder<String>()
        let store = ObjectStore { asked in
            guard ["POST", "PATCH"].contains(asked.method), refused.add(asked.method) < 2 else { return nil }
            return .failure(409, asked.method == "POST" ? "AlreadyExists" : "Conflict", "already exists")
        }
        #expect(outputs(try await look(store))?["created"] == true)
        let always = ObjectStore { $0.method == "POST" ? .failure(409, "AlreadyExists") : nil }
        let error = await refusal { _ = try await look(always) }
        #expect(error?.message.contains("changed by somebody else all the time") == true)
        #expect(error?.retry == .later(afterMilliseconds: nil))
    }

    @Test func aPlanNamesWhatWouldChangeAndNothingThatMovesByItself() async throws {
        let store = ObjectStore()
        let life = "it lives at least 3 d from then on"
        #expect(
            try await planned(store)
                == ActionPlan(changes: ["Namespace pr-12-api: new, the preview of acme/api#12; \(life)"]))
        PreviewFixtures.put(PreviewFixtures.namespace("pr-1-api", number: 1), store)
        #expect(
            try await planned(store, ["at_most": 1]).knownLater == [
                "Namespace pr-12-api: when a place is free, of at most 1"
            ])
        PreviewFixtures.put(PreviewFixtures.namespace("pr-12-api"), store)
        #expect(
            try await planned(store, ["commit": "fffffff"]).changes
                == ["Namespace pr-12-api: commit 1a2b3c4 → fffffff, \(life)"])
        #expect(store.changes.isEmpty)
    }

    @Test(
        arguments: [
            ("namespace", "PR-1"), ("namespace", "kube-system"),
            ("namespace", .string(String(repeating: "a", count: 64))),
            ("repository", "api"), ("repository", "a/b/c"), ("number", 0), ("number", "12"), ("commit", "main"),
            ("commit", "1a2b3c"), ("expires_after", "0"), ("expires_after", "30d1s"), ("at_most", 0), ("at_most", 1001),
            ("pod_security", "privileged"), ("owner", .string(String(repeating: "a", count: 1001))),
        ] as [(String, JSONValue)])
    func aWishThatIsNoneIsAProblem(name: String, value: JSONValue) {
        #expect(throws: Problem.self) {
            try awaiting(
                "kubernetes.preview-ensure", PreviewFixtures.wish.merging([name: value]) { $1 },
                clusters: ClusterDirectory())
        }
    }

    @Test func thirtyDaysAndAThousandPreviewsMayBeAsked() throws {
        _ = try awaiting(
            "kubernetes.preview-ensure",
            PreviewFixtures.wish.merging(["expires_after": "30d", "at_most": 1000, "commit": "1a2b3c4"]) { $1 },
            clusters: ClusterDirectory())
    }
}
