import Domain
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

struct PreviewListTests {
    private func list(_ store: ObjectStore, prices: JSONValue? = nil) async throws -> JSONValue {
        try await withCluster(prices: prices, { store.answer($0) }) { clusters in
            try await action("kubernetes.preview-list", [:], clusters: clusters)
                .perform(context(time: VirtualTime(now: PreviewFixtures.now)))
        }
    }

    private static func store() -> ObjectStore {
        let store = ObjectStore()
        PreviewFixtures.put(PreviewFixtures.namespace("pr-12-api", expiresIn: .seconds(250_000)), store)
        PreviewFixtures.put(
            PreviewFixtures.namespace("pr-7-web", repository: "acme/web", number: 7, expiresIn: .seconds(-7200)), store)
        PreviewFixtures.put(PreviewFixtures.namespace("pr-8-web", number: 8, isBeingDeleted: true), store)
        PreviewFixtures.put(PreviewFixtures.namespace("pr-9-web", number: 9, expiresIn: nil), store)
        store.put(["kind": "Namespace", "metadata": ["name": "analytics"]], at: PreviewFixtures.path("analytics"))
        let resources: JSONValue = ["requests": ["cpu": "750m", "memory": "1536Mi"]]
        for namespace in ["pr-12-api", "analytics"] {
            store.put(
                ["spec": ["containers": [["name": "api", "resources": resources]]], "status": ["phase": "Running"]],
                at: "\(PreviewFixtures.path(namespace))/pods/api-1")
            store.put(
                ["spec": ["resources": ["requests": ["storage": "10Gi"]]]],
                at: "\(PreviewFixtures.path(namespace))/persistentvolumeclaims/data")
        }
        return store
    }

    @Test func eachPreviewIsARowAndNothingElseIs() async throws {
        let found = try await list(PreviewListTests.store())
        #expect(
            found["summary"]
                == "4 previews, 1 expired, 1 being deleted; requested: 0.75 CPU, 1.5 GiB memory, 10 GiB disk")
        #expect(
            found["table"]?.stringValue == """
                NAMESPACE  PULL REQUEST  COMMIT   OWNER  AGE        EXPIRES IN       CPU   MEMORY   DISK    URL
                pr-7-web   acme/web#7    1a2b3c4  ann    2 h 5 min  expired 2 h ago  0     0 GiB    0 GiB   https://pr-7-web.preview.example.com
                pr-8-web   acme/api#8    1a2b3c4  ann    2 h 5 min  being deleted    0     0 GiB    0 GiB   https://pr-8-web.preview.example.com
                pr-12-api  acme/api#12   1a2b3c4  ann    2 h 5 min  2 d 21 h         0.75  1.5 GiB  10 GiB  https://pr-12-api.preview.example.com
                pr-9-web   acme/api#9    1a2b3c4  ann    2 h 5 min  nobody knows     0     0 GiB    0 GiB   https://pr-9-web.preview.example.com
                total                                                                0.75  1.5 GiB  10 GiB
                """)
        #expect(found["count"] == 4)
        #expect(found["expired"]?.arrayValue?.map { $0["namespace"] } == ["pr-7-web"])
        #expect(
            found["previews"]?.arrayValue?[2] == [
                "namespace": "pr-12-api", "repository": "acme/api", "number": 12,
                "commit": .string(PreviewFixtures.commit), "owner": "ann",
                "url": "https://pr-12-api.preview.example.com", "created": "2026-09-21T12:08:20Z",
                "expires": "2026-09-24T11:40:00Z", "expired": false, "deleting": false,
            ])
    }

    @Test func theCostIsShownWhereTheSettingsSayPrices() async throws {
        let prices: JSONValue = [
            "cpu_core_month": 4, "memory_gib_month": 2, "storage_gib_month": .double(0.05), "currency": "EUR",
        ]
        let found = try await list(PreviewListTests.store(), prices: prices)
        #expect(found["summary"]?.stringValue?.hasSuffix("10 GiB disk, EUR 6.50 a month") == true)
        let lines = found["table"]?.stringValue?.split(separator: "\n").map(String.init) ?? []
        #expect(lines[0].contains("DISK    A MONTH   URL"))
        #expect(lines[3].contains("10 GiB  EUR 6.50  https"))
        #expect(lines[5].hasSuffix("10 GiB  EUR 6.50"))
    }

    @Test func wherePreviewsAreNoneItSaysSo() async throws {
        let found = try await list(ObjectStore())
        #expect(found["summary"] == "no previews")
        #expect(found["table"] == "")
        #expect(found["previews"] == [])
    }

    @Test func whatPeopleWroteIntoANamespaceCannotBreakTheTable() async throws {
        let store = ObjectStore()
        let evil = PreviewFixtures.namespace("pr-1-api", number: 1)
        PreviewFixtures.put(
            ObjectStore.merged(
                evil,
                [
                    "metadata": [
                        "annotations": [
                            "defimon.io/owner": "ann\nroot\u{1b}[31m",
                            "defimon.io/url": .string("https://" + String(repeating: "a", count: 500)),
                        ]
                    ]
                ]), store)
        let details = try await list(store)["table"]?.stringValue ?? ""
        let lines = details.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 2)
        #expect(lines[1].contains("ann root [31m"))
        #expect(lines[1].hasSuffix("…"))
        #expect(lines[1].count < 260)
    }

    @Test func onlySoManyAreLookedInto() async throws {
        let store = ObjectStore()
        for number in 1...51 {
            PreviewFixtures.put(PreviewFixtures.namespace("pr-\(number)-api", number: number), store)
        }
        let found = try await list(store)
        #expect(found["count"] == 51)
        #expect(found["table"]?.stringValue?.hasSuffix("\nand 1 more, which are not in the total") == true)
        #expect(store.asked.all.filter { $0.path.hasSuffix("/pods") }.count == 50)
    }

    // MARK: Sums

    @Test(
        arguments: [
            ("500m", 0.5), ("2", 2), ("1.5", 1.5), ("1Ki", 1024), ("1k", 1000), ("2Gi", 2_147_483_648),
            ("12e3", 12_000),
            ("100n", 1e-7), ("1E", 1e18),
        ] as [(String, Double)])
    func amountsAreReadAsKubernetesWritesThem(text: String, amount: Double) throws {
        let read = try #require(ResourceAmount.parse(.string(text)))
        #expect(abs(read - amount) <= amount * 1e-12)
    }

    @Test(arguments: ["", "Gi", "1Gib", "one", "1 Gi", "inf", "nan"])
    func whatIsNoAmountIsNone(text: String) { #expect(ResourceAmount.parse(.string(text)) == nil) }

    @Test func aPodAsksForItsContainersOrForTheOneThatRunsBefore() {
        func container(_ cpu: String, _ restart: String? = nil) -> JSONValue {
            var members: [String: JSONValue] = ["resources": ["requests": ["cpu": .string(cpu)]]]
            members["restartPolicy"] = restart.map(JSONValue.string)
            return .object(members)
        }
        func cpu(_ initial: [JSONValue], _ main: [JSONValue], phase: String = "Running") -> Double {
            ResourceRequests(pods: [
                ClusterObject([
                    "spec": [
                        "initContainers": .array(initial), "containers": .array(main), "overhead": ["cpu": "1"],
                    ], "status": ["phase": .string(phase)],
                ])
            ]).cpu
        }
        #expect(cpu([], [container("1"), container("500m")]) == 2.5)
        #expect(cpu([container("4")], [container("1")]) == 5)
        #expect(cpu([container("1", "Always")], [container("1")]) == 3)
        #expect(cpu([container("1", "Always"), container("3")], [container("1")]) == 5)
        #expect(cpu([], [container("1")], phase: "Succeeded") == 0)
        #expect(cpu([], [["resources": ["limits": ["cpu": "2"]]]]) == 3)
    }
}
