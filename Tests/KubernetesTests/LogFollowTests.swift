import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Kubernetes

@Suite(.timeLimit(.minutes(3)))
struct LogFollowTests {
    private func bytes(_ lines: String...) -> [UInt8] { Array(lines.map { $0 + "\n" }.joined().utf8) }

    @Test func whatWasReadOfTheNewestSecondIsNotReadAgain() {
        var cursor = LogCursor()
        cursor.begin()
        let first = bytes(
            "2026-09-24T14:13:19.900000000Z a", "2026-09-24T14:13:20.100000000Z b", "2026-09-24T14:13:20.100000000Z b")
        #expect(cursor.take(first) == ["a", "b", "b"])
        #expect(cursor.query(container: "c").contains { $0 == ("sinceTime", "2026-09-24T14:13:20Z") })
        cursor.begin()
        let again = bytes(
            "2026-09-24T14:13:20.100000000Z b", "2026-09-24T14:13:20.100000000Z b", "2026-09-24T14:13:20.100000000Z b",
            "2026-09-24T14:13:20.100000000Z c", "2026-09-24T14:13:21.000000000Z b")
        #expect(cursor.take(again) == ["b", "c", "b"])
        cursor.begin()
        #expect(cursor.take(bytes("2026-09-24T14:13:21.000000000Z b", "2026-09-24T14:13:21.000000001Z d")) == ["d"])
    }

    @Test func afterARotatedLogNoNewLineIsTakenForAnOldOne() {
        var cursor = LogCursor()
        #expect(cursor.take(bytes("2026-09-24T14:13:20.1Z a", "2026-09-24T14:13:20.2Z b")) == ["a", "b"])
        cursor.begin()
        #expect(cursor.take(bytes("2026-09-24T14:13:20.3Z c", "2026-09-24T16:13:20.4+02:00 d")) == ["c", "d"])
    }

    @Test func aLineThatWasCutIsToldWholeTheNextTime() {
        var cursor = LogCursor()
        #expect(cursor.take(Array("2026-09-24T14:13:20.1Z a\n2026-09-24T14:13:20.2Z hal".utf8)) == ["a"])
        cursor.begin()
        #expect(cursor.take(bytes("2026-09-24T14:13:20.1Z a", "2026-09-24T14:13:20.2Z half")) == ["half"])
    }

    @Test func aLineIsKeptUpToItsBound() {
        var cursor = LogCursor()
        let whole = String(repeating: "x", count: LogCursor.longestLine)
        #expect(cursor.take(bytes("2026-09-24T14:13:20Z \(whole)")) == [whole])
        #expect(cursor.take(bytes("2026-09-24T14:13:20Z \(whole)y")) == [whole + "…"])
        let long = String(repeating: "y", count: 100_000)
        var texts = cursor.take(Array("2026-09-24T14:13:21Z ".utf8))
        for _ in 0..<10 { texts += cursor.take(Array(long.utf8)) }
        texts += cursor.take(bytes(""))
        #expect(texts.count == 1)
        #expect(texts.first?.utf8.count ?? 0 <= LogCursor.longestLine + "…".utf8.count)
        #expect(cursor.take(bytes("2026-09-24T14:13:22Z next")) == ["next"])
    }

    @Test func beginningAndEndAreKeptAndWhatIsLeftOutIsSaid() {
        var keep = LogKeep(.init(headLines: 2, headBytes: 100, tailLines: 2, tailBytes: 100))
        for line in ["1", "2", "3", "4"] { keep.add(line) }
        #expect(keep.text == "1\n2\n3\n4")
        keep.add("5")
        #expect(keep.text == "1\n2\n… 1 lines (2 bytes) are left out here …\n4\n5")
        #expect(keep.end(lines: 10, bytes: 100) == "4\n5")
        #expect(keep.end(lines: 1, bytes: 100) == "5")
        #expect(keep.last == "5")

        var bytes = LogKeep(.init(headLines: 10, headBytes: 4, tailLines: 10, tailBytes: 4))
        for line in ["a", "b", "c", "d", "e"] { bytes.add(line) }
        #expect(bytes.text == "a\nb\n… 1 lines (2 bytes) are left out here …\nd\ne")
        #expect(bytes.end(lines: 10, bytes: 3) == "e")
    }

    @Test func aCutLogGoesOnWhereItWasCut() async throws {
        let asked = Recorder<Asked>()
        let ended = Recorder<Int>()
        let lines = Recorder<String>()
        try await withCluster({ request in
            switch asked.add(request) {
            case 0:
                return .stream(
                    ["2026-09-24T14:13:20.1Z one\n2026-09-24T14:13:20.2Z two\n2026-09-24T14:13:20.3Z th"], end: .cut)
            case 1: return .failure(500, "InternalError")
            case 2: return .stream(["2026-09-24T14:13:20.1Z one\n2026-09-24T14:13:20.2Z two\n"], end: .whole)
            default:
                return .stream(
                    [
                        "2026-09-24T14:13:20.1Z one\n2026-09-24T14:13:20.2Z two\n2026-09-24T14:13:20.3Z three\n",
                        "2026-09-24T14:13:21.0Z no line feed",
                    ], end: .whole)
            }
        }) { clusters in
            try await clusters.client("test").followLogs(
                namespace: "n", pod: "p", container: "c", time: HurriedTime()
            ) {
                ended.add(1) >= 2
            } take: {
                lines.add($0)
            }
        }
        #expect(lines.all == ["one", "two", "three", "no line feed"])
        #expect(asked.all.count == 4)
        #expect(asked.all.map { $0.query["sinceTime"] } == [nil] + Array(repeating: "2026-09-24T14:13:20Z", count: 3))
        #expect(asked.all.allSatisfy { $0.path == "/api/v1/namespaces/n/pods/p/log" && $0.query["follow"] == "true" })
    }

    @Test func aPodThatIsGoneAfterItsEndHasNoMoreLog() async throws {
        let asked = Recorder<Asked>()
        let lines = Recorder<String>()
        try await withCluster({ request in
            asked.add(request) == 0
                ? .stream(["2026-09-24T14:13:20.1Z one\n"], end: .whole) : .failure(404, "NotFound")
        }) { clusters in
            try await clusters.client("test").followLogs(
                namespace: "n", pod: "p", container: "c", time: HurriedTime()
            ) {
                true
            } take: {
                lines.add($0)
            }
        }
        #expect(lines.all == ["one"])
        #expect(asked.all.count == 2)
    }

    @Test func aServersLogIsFollowedOverCutsUntilTheContainerEnds() async throws {
        try await withStandIn { standIn, clusters in
            standIn.setFailures { $0.endless = ["*"] }
            let pod: JSONValue = ["restartPolicy": "Never", "containers": [["name": "c", "image": "i"]]]
            let client = try clusters.client("test")
            _ = try await client.create(
                .jobs, namespace: "default",
                [
                    "apiVersion": "batch/v1", "kind": "Job", "metadata": ["name": "j"],
                    "spec": ["template": ["spec": pod]],
                ])
            let name = await eventually {
                standIn.objects(apiVersion: "v1", kind: "Pod").first {
                    $0["status"]?["phase"] == "Running"
                }?["metadata"]?["name"]?.stringValue
            }
            let told = Recorder<String>()
            let pods = try #require(name)
            standIn.setLogLines(["a", "b"], namespace: "default", workload: "j")
            standIn.setFailures { $0.reset = 2 }
            async let followed: Void = client.followLogs(
                namespace: "default", pod: pods, container: "c", time: HurriedTime()
            ) {
                JobEnd.hasEnded(try await client.get(.pods, namespace: "default", name: pods))
            } take: {
                told.add($0)
            }
            #expect(await eventually { told.all.count == 2 ? true : nil } == true)
            standIn.setLogLines(["a", "b", "b", "c"], namespace: "default", workload: "j")
            #expect(await eventually { told.all.count == 4 ? true : nil } == true)
            standIn.setFailures { $0.endless = [] }
            try await followed
            #expect(told.all == ["a", "b", "b", "c"])
        }
    }

    @Test func aLogThatMayNotBeReadIsAnErrorAtOnce() async throws {
        let asked = Recorder<Asked>()
        await #expect(throws: KubernetesError.self) {
            try await withCluster({ request in
                asked.add(request)
                return .failure(403, "Forbidden")
            }) { clusters in
                try await clusters.client("test").followLogs(
                    namespace: "n", pod: "p", container: "c", time: HurriedTime()
                ) {
                    false
                } take: { _ in
                }
            }
        }
        #expect(asked.all.count == 1)
    }
}
