import Domain
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

struct WatchTests {
    private static func object(_ name: String, _ version: Int) -> JSONValue {
        [
            "kind": "Pod", "apiVersion": "v1",
            "metadata": ["name": .string(name), "resourceVersion": .string(String(version))],
        ]
    }

    private static func line(_ type: String, _ object: JSONValue) -> String {
        JSONValue.object(["type": .string(type), "object": object]).canonicalText + "\n"
    }

    private static let expired: JSONValue = [
        "kind": "Status", "status": "Failure", "reason": "Expired", "code": 410, "message": "too old resource version",
    ]

    private static func list(_ version: Int, _ names: [String]) -> Reply {
        .json([
            "kind": "PodList", "metadata": ["resourceVersion": .string(String(version))],
            "items": .array(names.map { object($0, version) }),
        ])
    }

    /// What the feed said until it saw a pod called "last", and from which versions it watched.
    private func follow(_ watches: [Reply], lists: [Reply], time: any TimeSource = ImpatientTime()) async throws -> (
        said: [String], versions: [String]
    ) {
        let watched = Recorder<String>()
        let listed = Recorder<Int>()
        let said = Recorder<String>()
        try await withCluster({ asked in
            if asked.query["watch"] == "true" {
                let index = watched.add(asked.query["resourceVersion"] ?? "")
                return index < watches.count ? watches[index] : .stream([], end: .open)
            }
            return lists[min(listed.add(1), lists.count - 1)]
        }) { clusters in
            let feed = ObjectFeed(
                client: try clusters.client("test"), type: .pods, namespace: "n", labels: nil, fields: nil, time: time)
            _ = try await feed.until { change -> Bool? in
                switch change {
                case .all(let all): said.add("all " + all.map(\.name).joined(separator: ","))
                case .changed(let pod): said.add("changed \(pod.name)")
                case .removed(let pod): said.add("removed \(pod.name)")
                }
                return said.all.last?.contains("last") == true ? true : nil
            }
        }
        return (said.all, watched.all)
    }

    @Test func aWatchBeginsAtTheListAndKeepsTheVersionOfBookmarks() async throws {
        let seen = try await follow(
            [
                .stream(
                    [
                        WatchTests.line("ADDED", WatchTests.object("b", 11)),
                        WatchTests.line("BOOKMARK", ["metadata": ["resourceVersion": "40"]]),
                    ], end: .whole),
                .stream([WatchTests.line("MODIFIED", WatchTests.object("last", 41))], end: .open),
            ], lists: [WatchTests.list(10, ["a"])])
        #expect(seen.said == ["all a", "changed b", "changed last"])
        #expect(seen.versions == ["10", "40"])
    }

    @Test func anExpiredVersionGivesANewListWhereverItIsSaid() async throws {
        for end in [
            Reply.failure(410, "Expired"), .stream([WatchTests.line("ERROR", WatchTests.expired)], end: .whole),
            .stream(
                [WatchTests.line("ADDED", WatchTests.object("b", 11)), WatchTests.line("ERROR", WatchTests.expired)],
                end: .whole),
        ] {
            let seen = try await follow([end], lists: [WatchTests.list(10, ["a"]), WatchTests.list(50, ["last"])])
            #expect(seen.said.first == "all a")
            #expect(seen.said.last == "all last")
        }
    }

    @Test func aConnectionThatIsCutInTheMiddleOfALineGoesOnAfterTheLastWholeEvent() async throws {
        let first = WatchTests.line("ADDED", WatchTests.object("b", 11))
        let second = WatchTests.line("ADDED", WatchTests.object("last", 12))
        let seen = try await follow(
            [
                .stream([first, String(second.prefix(30))], end: .cut),
                .stream([String(second.prefix(5)), String(second.dropFirst(5))], end: .open),
            ], lists: [WatchTests.list(10, ["a"])])
        #expect(seen.said == ["all a", "changed b", "changed last"])
        #expect(seen.versions == ["10", "11"])
    }

    @Test func aLineThatEndsWithTheStreamInItsMiddleIsNoEvent() async throws {
        let second = WatchTests.line("ADDED", WatchTests.object("last", 12))
        let seen = try await follow(
            [
                .stream([String(second.prefix(30))], end: .whole), .stream([second], end: .open),
            ], lists: [WatchTests.list(10, [])])
        #expect(seen.versions == ["10", "10"])
    }

    @Test func anInternalErrorIsWaitedOut() async throws {
        let broken: JSONValue = [
            "kind": "Status", "status": "Failure", "reason": "InternalError", "code": 500, "message": "lost",
        ]
        let time = ImpatientTime()
        let seen = try await follow(
            [
                .stream([WatchTests.line("ERROR", broken)], end: .whole), .failure(500, "InternalError"),
                .stream([WatchTests.line("ADDED", WatchTests.object("last", 11))], end: .open),
            ], lists: [WatchTests.list(10, [])], time: time)
        #expect(seen.versions == ["10", "10", "10"])
        #expect(time.slept.all.count == 2)
        #expect(time.slept.all[1] > time.slept.all[0])
    }

    @Test func retryAfterOfAnOverloadedServerIsHonoured() async throws {
        let time = ImpatientTime()
        _ = try await follow(
            [
                .text("too many", status: 429, headers: ["Retry-After": "7"]),
                .stream([WatchTests.line("ADDED", WatchTests.object("last", 11))], end: .open),
            ], lists: [WatchTests.list(10, [])], time: time)
        #expect(time.slept.all == [.seconds(7)])
    }

    @Test func itGivesUpAfterManyFailuresAndAtOnceOnARefusal() async throws {
        let refused = await #expect(throws: KubernetesError.self) {
            try await follow([.failure(403, "Forbidden")], lists: [WatchTests.list(10, [])])
        }
        #expect(refused?.status == 403)
        let failing = await #expect(throws: KubernetesError.self) {
            try await follow(
                Array(repeating: .failure(503, "ServiceUnavailable"), count: 20), lists: [WatchTests.list(10, [])])
        }
        #expect(failing?.status == 503)
    }

    @Test func aListIsReadPageByPage() async throws {
        let pages = Recorder<String>()
        let names = try await withCluster({ asked in
            let next = asked.query["continue"] ?? ""
            pages.add(next + " " + (asked.query["limit"] ?? ""))
            return next.isEmpty
                ? .json([
                    "metadata": ["continue": "more", "resourceVersion": "9"], "items": [WatchTests.object("a", 1)],
                ])
                : .json(["metadata": ["continue": "", "resourceVersion": "9"], "items": [WatchTests.object("b", 1)]])
        }) { clusters in
            try await clusters.client("test").list(.pods, namespace: "n").objects.map(\.name)
        }
        #expect(names == ["a", "b"])
        #expect(pages.all == [" 100", "more 100"])
    }
}

/// Time in which no sleep lasts; it remembers how long they should have been.
final class ImpatientTime: TimeSource {
    let slept = Recorder<Duration>()
    var now: Date { Date() }

    func sleep(for duration: Duration) async throws {
        slept.add(duration)
        try await Task.sleep(for: .milliseconds(1))
    }
}
