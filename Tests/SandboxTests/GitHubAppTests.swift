import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

@Suite struct GitHubAppTests {
    private let time = VirtualTime()

    private func installationToken(_ fixture: GitHubFixture) async throws -> (token: String, answer: JSONValue) {
        let headers = try GitHubFixture.appHeaders(GitHubFixture.claims(at: time.now))
        let installation = try await fixture.get("/repos/acme/api/installation", headers)
        #expect(installation.status == 200)
        let id = try installation.json["id"]?.plainText ?? ""
        let answer = try await fixture.call("POST", "/app/installations/\(id)/access_tokens", nil, headers)
        #expect(answer.status == 201)
        return (try answer.json["token"]?.stringValue ?? "", try answer.json)
    }

    @Test func anAppGetsATokenForAnInstallationThatEnds() async throws {
        let fixture = try GitHubFixture(time: time)
        try await running(fixture.services) {
            let (token, answer) = try await installationToken(fixture)
            #expect(token.hasPrefix("ghs_"))
            #expect(answer["expires_at"]?.stringValue?.hasSuffix("Z") == true)
            let headers = ["Authorization": "Bearer \(token)"]
            #expect(try await fixture.get("/repos/acme/api", headers).status == 200)
            // An installation is nobody's user.
            let user = try await fixture.get("/user", headers)
            #expect(user.status == 403)
            #expect(try user.json["message"] == "Resource not accessible by integration")
            time.advance(by: .seconds(3599))
            #expect(try await fixture.get("/repos/acme/api", headers).status == 200)
            time.advance(by: .seconds(1))
            let over = try await fixture.get("/repos/acme/api", headers)
            #expect(over.status == 401)
            #expect(try over.json["message"] == "Bad credentials")
        }
    }

    @Test func whatAnAppWritesIsItsBots() async throws {
        let fixture = try GitHubFixture(time: time) { $0.repositories[0].workflows = [] }
        try await running(fixture.services) {
            let headers = ["Authorization": "Bearer \(try await installationToken(fixture).token)"]
            let number = try await fixture.open()
            let comment = try await fixture.call(
                "POST", "/repos/acme/api/issues/\(number)/comments", ["body": "hello"], headers
            ).json
            #expect(comment.at(path: "user.login") == "defimon[bot]" && comment.at(path: "user.type") == "Bot")
            #expect(comment.at(path: "performed_via_github_app.id") == 12_345)
            fixture.github.revokeInstallationTokens()
            #expect(try await fixture.get("/repos/acme/api", headers).status == 401)
        }
    }

    @Test(
        arguments: [
            (["exp": 601], "too far in the future"), (["exp": 0], "'exp'"), (["exp": -5], "'exp'"),
            (["iat": 5], "'iat'"),
            (["exp": .null], "'exp'"), (["iat": .null], "'iat'"), (["iat": .double(0.5)], "'iat'"),
            (["iss": "999"], "Integration not found"), (["exp": 600], nil), (["iss": .int(12_345)], nil),
        ] as [([String: JSONValue], String?)])
    func aTokensTimesAndIssuerAreChecked(change: [String: JSONValue], message: String?) async throws {
        let fixture = try GitHubFixture(time: time)
        var claims = GitHubFixture.claims(at: time.now)
        let now = Int64(time.now.timeIntervalSince1970)
        for (name, value) in change {
            switch value {
            case .int(let offset) where name != "iss": claims[name] = .int(now + offset)
            case .double(let part): claims[name] = .double(Double(now - 60) + part)
            case .null: claims[name] = nil
            default: claims[name] = value
            }
        }
        let headers = try GitHubFixture.appHeaders(claims)
        try await running(fixture.services) {
            let answer = try await fixture.get("/app", headers)
            if let message {
                #expect(answer.status == (message.hasPrefix("Integration") ? 404 : 401))
                #expect(try answer.json["message"]?.stringValue?.contains(message) == true)
            } else {
                #expect(answer.status == 200)
                #expect(try answer.json["slug"] == "defimon")
            }
        }
    }

    @Test func aTokenSignedByAnotherKeyIsRefused() async throws {
        let fixture = try GitHubFixture(time: time)
        var headers = try GitHubFixture.appHeaders(GitHubFixture.claims(at: time.now))
        let text = headers["Authorization"] ?? ""
        headers["Authorization"] = String(text.dropLast(8)) + (text.hasSuffix("AAAAAAAA") ? "BBBBBBBB" : "AAAAAAAA")
        try await running(fixture.services) { [headers] in
            let answer = try await fixture.get("/app", headers)
            #expect(answer.status == 401)
            #expect(try answer.json["message"] == "A JSON web token could not be decoded")
        }
    }

    @Test func onlyAnAppMakesChecksAndFiftyAnnotationsAtATime() async throws {
        let fixture = try GitHubFixture(time: time) { $0.repositories[0].workflows = [] }
        try await running(fixture.services) {
            let sha = try #require(fixture.github.defaultHead(of: "acme/api"))
            let headers = ["Authorization": "Bearer \(try await installationToken(fixture).token)"]
            func post(_ more: [String: JSONValue], _ headers: [String: String]) async throws -> (Int, JSONValue) {
                let body: [String: JSONValue] = ["name": "preview", "head_sha": .string(sha)]
                let answer = try await fixture.call(
                    "POST", "/repos/acme/api/check-runs", .object(body.merging(more) { $1 }), headers)
                return (answer.status, try answer.json)
            }
            func output(_ count: Int) -> JSONValue {
                let one: JSONValue = [
                    "path": "a.swift", "start_line": 1, "end_line": 2, "annotation_level": "warning", "message": "hm",
                ]
                return ["title": "t", "summary": "s", "annotations": .array(.init(repeating: one, count: count))]
            }
            #expect(try await post([:], [:]).0 == 403)
            let (missing, why) = try await post(["status": "completed"], headers)
            #expect(missing == 422 && why["message"]?.stringValue?.contains("\"conclusion\" wasn't supplied.") == true)
            #expect(try await post(["output": output(51)], headers).0 == 422)
            #expect(try await post(["output": ["title": "no summary"]], headers).0 == 422)
            let (made, run) = try await post(["status": "in_progress", "output": output(50)], headers)
            #expect(made == 201 && run["conclusion"] == .null && run.at(path: "output.annotations_count") == 50)
            let path = "/repos/acme/api/check-runs/\(run["id"]?.plainText ?? "")"
            let done = try await fixture.call(
                "PATCH", path, ["conclusion": "failure", "output": output(7)], headers)
            #expect(done.status == 200)
            #expect(try done.json["status"] == "completed" && done.json.at(path: "output.annotations_count") == 57)
            #expect(try await fixture.get(path + "/annotations?per_page=100").json.arrayValue?.count == 57)
            let runs = try await fixture.get(repo: "/commits/\(sha)/check-runs?check_name=preview")
            #expect(runs["total_count"] == 1)
            let suites = try await fixture.get(repo: "/commits/main/check-suites")
            #expect(suites.at(path: "check_suites.0.conclusion") == "failure")
            #expect(suites.at(path: "check_suites.0.app.slug") == "defimon")
        }
    }

    @Test func suitesOfIdleAppsStayQueuedWithoutRuns() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            let sha = fixture.head(try await fixture.open())
            try await fixture.github.finishWorkflow(repository: "acme/api", commit: sha)
            let suites = try await fixture.get(repo: "/commits/\(sha)/check-suites")["check_suites"]?.arrayValue ?? []
            #expect(suites.map { $0["status"] } == ["queued", "completed"])
            #expect(suites.map { $0["latest_check_runs_count"] } == [0, 1])
        }
    }
}
