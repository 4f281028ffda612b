import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Kubernetes

/// Logs of a workload's pods, and events.
@Suite(.timeLimit(.minutes(3)))
struct LogsAndEventsTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func pod(_ name: String, phase: String = "Running", isReady: Bool = true) -> JSONValue {
        [
            "kind": "Pod", "metadata": ["name": .string(name), "namespace": "n", "labels": ["app": "api"]],
            "spec": ["initContainers": [["name": "migrate"]], "containers": [["name": "api"]]],
            "status": [
                "phase": .string(phase),
                "conditions": [["type": "Ready", "status": isReady ? "True" : "False"]],
                "containerStatuses": [["name": "api", "ready": .bool(isReady), "state": ["running": [:]]]],
            ],
        ]
    }

    private func store(pods: [JSONValue], log: @escaping @Sendable (Asked) -> Reply) -> ObjectStore {
        let store = ObjectStore { $0.path.hasSuffix("/log") ? log($0) : nil }
        store.put(
            ["metadata": ["name": "api", "namespace": "n"], "spec": ["selector": ["matchLabels": ["app": "api"]]]],
            at: "/apis/apps/v1/namespaces/n/deployments/api")
        for pod in pods {
            store.put(pod, at: "/api/v1/namespaces/n/pods/\(pod["metadata"]?["name"]?.stringValue ?? "")")
        }
        return store
    }

    private func logs(_ store: ObjectStore, _ inputs: [String: JSONValue]) async throws -> JSONValue {
        try await withCluster({ store.answer($0) }) { clusters in
            let made = try action(
                "kubernetes.logs", ["namespace": "n", "workload": "api"].merging(inputs) { $1 }, clusters: clusters)
            return try await made.perform(context())
        }
    }

    @Test func `the lines of each container are shown, a pod in trouble first`() async throws {
        let store = store(pods: [pod("api-1"), pod("api-2", isReady: false)]) { asked in
            #expect(asked.query["tailLines"] == "7")
            #expect(asked.query["sinceSeconds"] == "600")
            #expect(asked.query["previous"] == "true")
            let place = asked.path.split(separator: "/")[5]
            if asked.query["container"] == "migrate" { return .failure(400, "BadRequest", "no run before") }
            return .text("\(place) one\n\(place) two\n")
        }
        let output = try await logs(store, ["lines": 7, "since": "10m", "previous": true])
        #expect(
            output["details"] == """
                == pod api-2, container migrate, run before
                (cannot be read: no run before)

                == pod api-2, container api, run before
                api-2 one
                api-2 two

                == pod api-1, container migrate, run before
                (cannot be read: no run before)

                == pod api-1, container api, run before
                api-1 one
                api-1 two
                """)
        #expect(output["pods"] == 2)
        #expect(output["summary"]?.stringValue?.hasPrefix("Deployment n/api: ") == true)
        let list = store.asked.all.first { $0.path == "/api/v1/namespaces/n/pods" }
        #expect(list?.query["labelSelector"] == "app=api")
    }

    @Test(arguments: [(10, false), (11, true)])
    func `no more than ten pods are shown, and the others are named`(count: Int, isMore: Bool) async throws {
        let store = store(pods: (10..<(10 + count)).map { pod("api-\($0)") }) { _ in .text("line\n") }
        let details = try #require(try await logs(store, ["container": "api"])["details"]?.stringValue)
        #expect(details.components(separatedBy: "== pod").count - 1 == 10)
        #expect(details.hasSuffix("and 1 more pods: api-20") == isMore)
    }

    @Test func `all together are bounded`() async throws {
        let store = store(pods: (10..<20).map { pod("api-\($0)") }) { asked in
            #expect(asked.query["limitBytes"] == "16384")
            return .text(String(repeating: "x", count: 16_384))
        }
        let details = try #require(try await logs(store, ["container": "api"])["details"]?.stringValue)
        #expect(details.components(separatedBy: "== pod").count - 1 == 8)
        #expect(details.hasSuffix("more is not shown: name a pod or a container, or ask for fewer lines"))
    }

    @Test func `a container or a workload that is not there is said so`() async throws {
        let store = store(pods: [pod("api-1")]) { _ in .text("") }
        let container = await refusal { _ = try await logs(store, ["container": "web"]) }
        #expect(container?.hint == "name one of migrate, api")
        let workload = await refusal { _ = try await logs(store, ["workload": "StatefulSet/api"]) }
        #expect(workload?.message == "there is no StatefulSet api in namespace n of cluster test")
        #expect(throws: Problem.self) {
            try action("kubernetes.logs", ["namespace": "n", "workload": "Secret/x"], clusters: ClusterDirectory())
        }
        let pod = try await logs(store, ["workload": "api-1", "container": "api"])
        #expect(pod["details"] == "== pod api-1, container api\n(nothing)")
    }

    @Test func `a selector of expressions is asked for as the server reads it`() {
        let selector: JSONValue = [
            "matchLabels": ["a": "1"],
            "matchExpressions": [
                ["key": "b", "operator": "In", "values": ["x", "y"]],
                ["key": "c", "operator": "NotIn", "values": ["z"]], ["key": "d", "operator": "Exists"],
                ["key": "e", "operator": "DoesNotExist"],
            ],
        ]
        #expect(WorkloadPods.selector(selector) == "a=1,b in (x,y),c notin (z),d,!e")
    }

    private func event(
        _ name: String, _ type: String, secondsAgo: Double, count: Int? = nil, series: Int? = nil
    ) -> JSONValue {
        let time = JSONValue.string(ClusterTime.text(LogsAndEventsTests.now.addingTimeInterval(-secondsAgo)))
        var event: [String: JSONValue] = [
            "metadata": ["name": .string(name)], "type": .string(type), "reason": "R", "message": .string("m \(name)"),
            "involvedObject": ["kind": "Pod", "name": "p"],
        ]
        if let series {
            event["eventTime"] = "2020-01-01T00:00:00.000000Z"
            event["series"] = ["count": .int(Int64(series)), "lastObservedTime": time]
        } else {
            event["lastTimestamp"] = time
            if let count { event["count"] = .int(Int64(count)) }
        }
        return .object(event)
    }

    @Test func `events are a table, warnings first and the newest last, counted as they came`() async throws {
        let store = ObjectStore()
        for (name, event) in [
            ("a", event("a", "Normal", secondsAgo: 10)), ("b", event("b", "Warning", secondsAgo: 120, count: 4)),
            ("c", event("c", "Warning", secondsAgo: 60, series: 9)), ("d", event("d", "Normal", secondsAgo: 300)),
        ] { store.put(event, at: "/api/v1/namespaces/n/events/\(name)") }
        func events(_ inputs: [String: JSONValue]) async throws -> JSONValue {
            try await withCluster({ store.answer($0) }) { clusters in
                let made = try action(
                    "kubernetes.events", ["namespace": "n"].merging(inputs) { $1 }, clusters: clusters)
                return try await made.perform(context(time: VirtualTime(now: LogsAndEventsTests.now)))
            }
        }
        let output = try await events([:])
        #expect(output["count"] == 4)
        #expect(output["warnings"] == 2)
        #expect(output["summary"] == "4 events of namespace n, 2 of them warnings")
        let rows = try #require(output["table"]?.stringValue).split(separator: "\n").map {
            $0.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        }
        #expect(
            rows.map { $0.components(separatedBy: " ago ").last } == [
                "LAST SEEN TYPE COUNT OBJECT REASON MESSAGE", "Warning 4 Pod/p R m b", "Warning 9 Pod/p R m c",
                "Normal 1 Pod/p R m d", "Normal 1 Pod/p R m a",
            ])
        let bounded = try #require(try await events(["limit": 3, "kind": "Pod", "name": "p"])["table"]?.stringValue)
        #expect(!bounded.contains("m d"))
        #expect(bounded.contains("m a"))
        #expect(bounded.hasSuffix("and 1 more"))
        #expect(store.asked.all.last?.query["fieldSelector"] == "involvedObject.kind=Pod,involvedObject.name=p")
    }
}
