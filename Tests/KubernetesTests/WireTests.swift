import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@testable import Kubernetes

@Suite(.enabled(if: WireData.isThere))
struct WireTests {
    private static let statusCases: [JSONValue] =
        ((try? wire("status_bodies.json"))?["cases"] ?? (try? wire("status_bodies.json")))?.arrayValue ?? []

    @Test func everyStatusBodyKeepsTheServersWordsAndSaysWhetherToTryAgain() throws {
        let cases = WireTests.statusCases.filter { $0["case"] != nil && $0["http_status"]?.intValue != 200 }
        #expect(cases.count > 25)
        for entry in cases {
            let name = entry["case"]?.stringValue ?? ""
            let status = try #require(entry["http_status"]?.intValue)
            let body = entry["body"] ?? .null
            let bytes = body.stringValue.map { Array($0.utf8) } ?? body.canonicalBytes
            let headers = Dictionary(
                (entry["headers"]?.texts ?? [:]).map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { $1 })
            let error = KubernetesError(HTTPResponse(status: status, headers: headers, body: bytes), now: Date())
            let said = error.actionError("tried", cluster: "c", changes: true)
            if let message = body["message"]?.stringValue, !error.isApplyConflict {
                #expect(said.message.contains(message.prefix(100)), "\(name)")
            }
            let isLater = if case .later = said.retry { true } else { false }
            let expected =
                [429, 500, 503, 504].contains(status) || name.hasPrefix("Forbidden.namespace_terminating")
                || (status == 409 && name != "AlreadyExists" && name != "Conflict.server_side_apply")
            #expect(isLater == expected, "\(name)")
            #expect(said.mayHaveTakenEffect == [500, 503, 504].contains(status), "\(name)")
            if !isLater, status != 409 || name == "Conflict.server_side_apply", ![405, 410, 415].contains(status) {
                #expect(said.hint != nil, "\(name)")
            }
            let seconds = body["details"]?["retryAfterSeconds"]?.intValue ?? headers["retry-after"].flatMap(Int.init)
            if let seconds { #expect(said.retry == .later(afterMilliseconds: Int64(seconds) * 1000), "\(name)") }
        }
    }

    @Test func aConflictNamesEachFieldAndItsManager() throws {
        let entry = try #require(WireTests.statusCases.first { $0["case"] == "Conflict.server_side_apply" })
        let error = KubernetesError(entry["body"] ?? .null, status: 409)
        let said = error.actionError("tried", cluster: "c", changes: true)
        #expect(said.message.contains(".spec.replicas belongs to kubectl-client-side-apply"))
        #expect(
            said.message.contains(
                #".spec.template.spec.containers[name="web"].image belongs to kubectl-client-side-apply"#))
        #expect(said.hint?.contains("force") == true)
    }

    @Test(arguments: [
        ("deployment.complete", "done 3/3"), ("deployment.available", "done 3/3"),
        ("deployment.progressing", "waiting 1/3"), ("deployment.not_yet_observed", "waiting 3/3"),
        ("deployment.deadline_exceeded", "stalled deadline"), ("deployment.replica_failure", "stalled notCreated"),
        ("job.failed", "stalled jobFailed"),
    ])
    func aWorkloadIsAsFarAsKubectlWouldSay(file: String, expected: String) throws {
        let workload = ClusterObject(try wire("objects/\(file).json"))
        #expect(shown(RolloutState(workload)) == expected)
    }

    @Test(arguments: [
        ("pod.crash_loop", "CrashLoopBackOff"), ("pod.image_pull_backoff", "ImagePullBackOff"),
        ("pod.oom_killed", "OOMKilled"), ("pod.evicted", "Evicted"), ("pod.terminating", "Terminating"),
        ("pod.running", "Running"),
    ])
    func aPodIsCalledByWhatIsWrongWithIt(file: String, reason: String) throws {
        let pod = PodCondition(ClusterObject(try wire("objects/\(file).json")))
        #expect(pod.reportedReason == reason)
        #expect(pod.isHealthy == ["Running", "Terminating", "OOMKilled"].contains(reason))
    }

    @Test func aCrashLoopIsTroubleFromTheThirdRestartOn() throws {
        let pod = ClusterObject(try wire("objects/pod.crash_loop.json"))
        let trouble = try #require(PodTrouble(pod))
        #expect(trouble.kind == .crashLoop)
        #expect(trouble.container == "web")
        #expect(trouble.exitCode == 1)
        let early = try JSONValue(
            parsing: pod.json.canonicalText.replacing(#""restartCount":5"#, with: #""restartCount":2"#))
        #expect(PodTrouble(ClusterObject(early)) == nil)
    }

    @Test(arguments: [
        ("deployments.rollout", 4, 4), ("deployments.failed_rollout", 3, 1), ("pods.send_initial_events", 3, 0),
        ("events", 2, 0),
    ])
    func everyLineOfAWatchIsUnderstood(file: String, atLeast: Int, dones: Int) throws {
        var splitter = LineSplitter()
        let lines = try #require(splitter.take(try WireData.bytes("kubernetes/watch/\(file).jsonl") + [0x0A]))
        #expect(lines.count >= atLeast)
        for line in lines { #expect(WatchEvent(line: line) != nil) }
    }

    @Test func everyKindOfTheApiIsReadAndWrittenUnchanged() throws {
        let files = WireData.files(in: "kubernetes/roundtrip", suffix: ".json")
        #expect(files.count > 20)
        for file in files {
            let bytes = try WireData.bytes("kubernetes/roundtrip/\(file)")
            let once = try JSONValue(parsing: bytes)
            #expect(try JSONValue(parsing: once.canonicalBytes) == once, "\(file)")
            #expect(FieldDifference.lines(from: ClusterObject(once), to: ClusterObject(once)).isEmpty)
        }
    }
}

func shown(_ state: RolloutState?) -> String {
    switch state {
    case .done(let ready, let wanted)?: "done \(ready)/\(wanted)"
    case .waiting(let ready, let wanted)?: "waiting \(ready)/\(wanted)"
    case .stalled(let stall)?: "stalled \(stall.cause.rawValue)"
    case nil: "nothing"
    }
}

struct KubernetesErrorTests {
    private func error(_ body: JSONValue, _ status: Int, _ headers: [String: String] = [:]) -> KubernetesError {
        KubernetesError(HTTPResponse(status: status, headers: headers, body: body.canonicalBytes), now: Date())
    }

    @Test func theTimeToWaitMayStandInTheBodyAlone() {
        let body: JSONValue = ["kind": "Status", "code": 429, "message": "m", "details": ["retryAfterSeconds": 10]]
        #expect(error(body, 429).retryAfter == .seconds(10))
        #expect(error(body, 429, ["retry-after": "3"]).retryAfter == .seconds(3))
    }

    @Test func anAnswerThatIsNoStatusIsQuoted() {
        let answer = KubernetesError(
            HTTPResponse(status: 502, headers: [:], body: Array("<html>bad gateway</html>".utf8)), now: Date())
        let said = answer.actionError("it cannot be done", cluster: "c", changes: true)
        #expect(said.message == "it cannot be done (cluster c): <html>bad gateway</html>")
        #expect(said.retry == .later(afterMilliseconds: nil))
        #expect(said.mayHaveTakenEffect)
        #expect(error([:], 404).message == "{}")
    }

    @Test func whatOnlyLooksNeverTookEffect() {
        #expect(
            !error(["kind": "Status", "code": 500], 500).actionError("x", cluster: "c", changes: false)
                .mayHaveTakenEffect)
    }
}
