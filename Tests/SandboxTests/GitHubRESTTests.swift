import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

@Suite struct GitHubRESTTests {
    @Test(
        arguments: [
            ("/user", "", 401, "Requires authentication"), ("/user", "Bearer nonsense", 401, "Bad credentials"),
            ("/repos/acme/api", "", 404, "Not Found"), ("/repos/acme/api", "token nonsense", 401, "Bad credentials"),
            ("/repos/acme/none", "Bearer ghp_test_token", 404, "Not Found"),
            ("/repos/acme/api", "token ghp_test_token", 200, nil), ("/users/olivia", "", 200, nil),
            ("/user", "Bearer ghp_test_token", 200, nil),
            ("/app", "Bearer ghp_test_token", 401, "A JSON web token could not be decoded"),
            ("/nowhere", "Bearer ghp_test_token", 404, "Not Found"),
        ] as [(String, String, Int, String?)])
    func whoAsksDecidesTheAnswer(path: String, authorization: String, status: Int, message: String?) async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            let answer = try await fixture.get(path, ["Authorization": authorization])
            #expect(answer.status == status)
            #expect(try answer.json["message"]?.stringValue == message)
            if status >= 400 { #expect(try answer.json["documentation_url"] != nil) }
        }
    }

    @Test func everyAnswerHasGitHubsHeaders() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            for path in ["/repos/acme/api", "/repos/acme/none"] {
                let headers = try await fixture.get(path).headers
                #expect(headers["x-ratelimit-limit"] == "5000" && headers["x-ratelimit-resource"] == "core")
                #expect(headers["x-github-request-id"]?.isEmpty == false)
                #expect(headers["x-github-api-version-selected"] == "2022-11-28")
                #expect(headers["content-type"] == "application/json; charset=utf-8")
            }
        }
    }

    @Test func aRequestWithoutAgentOrWithAnUnknownVersionIsRefused() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            let nobody = try await fixture.get("/repos/acme/api", ["User-Agent": ""])
            #expect(nobody.status == 403)
            let old = try await fixture.get("/repos/acme/api", ["X-GitHub-Api-Version": "1999-01-01"])
            #expect(old.status == 400)
        }
    }

    @Test func anUnchangedAnswerIsNotSentAgainAndCostsNothing() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            let first = try await fixture.get("/repos/acme/api/pulls")
            let tag = try #require(first.headers["etag"])
            let second = try await fixture.get("/repos/acme/api/pulls", ["If-None-Match": tag])
            #expect(second.status == 304 && second.body.isEmpty && second.headers["etag"] == tag)
            #expect(second.headers["x-ratelimit-remaining"] == first.headers["x-ratelimit-remaining"])
            _ = try await fixture.open()
            let third = try await fixture.get("/repos/acme/api/pulls", ["If-None-Match": tag])
            #expect(third.status == 200 && third.headers["etag"] != tag)
        }
    }

    @Test func longListsComeByPagesThatLinkToEachOther() async throws {
        let fixture = try GitHubFixture { $0.repositories[0].workflows = [] }
        try await running(fixture.services) {
            let number = try await fixture.open()
            for index in 1...65 {
                _ = try await fixture.github.comment(on: number, repository: "acme/api", by: "uma", text: "\(index)")
            }
            let path = "/repos/acme/api/issues/\(number)/comments"
            var (url, pages, seen) = (path as String?, 0, [String]())
            while let next = url {
                let answer = try await fixture.get(next)
                pages += 1
                seen += (try answer.json.arrayValue ?? []).compactMap { $0["body"]?.stringValue }
                let link = answer.headers["link"] ?? ""
                url = link.split(separator: ",").first { $0.contains("rel=\"next\"") }
                    .flatMap { $0.split(separator: "<").last?.split(separator: ">").first }.map(String.init)
            }
            #expect(pages == 3 && seen == (1...65).map(String.init))
            let most = try await fixture.get(path + "?per_page=1000")
            #expect(try most.json.arrayValue?.count == 65 && most.headers["link"] == nil)
            let last = try await fixture.get(path + "?per_page=30&page=3").headers["link"] ?? ""
            #expect(last.contains("rel=\"prev\"") && last.contains("rel=\"first\"") && !last.contains("rel=\"next\""))
            #expect(try await fixture.get(path + "?page=9").json == [])
        }
    }

    @Test func theLimitIsCountedAndThenKept() async throws {
        let time = VirtualTime()
        let fixture = try GitHubFixture(time: time) { $0.rateLimit = 3 }
        try await running(fixture.services) {
            for left in ["2", "1", "0"] {
                let answer = try await fixture.get("/user")
                #expect(answer.status == 200 && answer.headers["x-ratelimit-remaining"] == left)
            }
            let refused = try await fixture.get("/user")
            #expect(refused.status == 403 && refused.headers["x-ratelimit-remaining"] == "0")
            #expect(try refused.json["message"]?.stringValue?.hasPrefix("API rate limit exceeded") == true)
            let standing = try await fixture.get("/rate_limit")
            #expect(standing.status == 200)
            #expect(try standing.json.at(path: "resources.core.remaining") == 0)
            time.advance(by: .seconds(3601))
            #expect(try await fixture.get("/user").status == 200)
        }
    }

    @Test func branchesWithSlashesAreFound() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            let sha = JSONValue.string(fixture.head(try await fixture.open("feat/one two")))
            #expect(try await fixture.get(repo: "/branches/feat/one%20two").at(path: "commit.sha") == sha)
            #expect(try await fixture.get(repo: "/branches/feat%2Fone%20two").at(path: "commit.sha") == sha)
            #expect(try await fixture.get(repo: "/git/ref/heads/feat/one%20two").at(path: "object.sha") == sha)
            #expect(try await fixture.get(repo: "/commits/feat/one%20two")["sha"] == sha)
            let plain = try await fixture.get(
                "/repos/acme/api/commits/main", ["Accept": "application/vnd.github.sha"])
            #expect(plain.text == fixture.github.defaultHead(of: "acme/api"))
            #expect(try await fixture.get("/repos/acme/api/branches/none").json["message"] == "Branch not found")
            #expect(try await fixture.get("/repos/acme/api/git/ref/heads/none").status == 404)
            let unknown = try await fixture.get("/repos/acme/api/commits/none")
            #expect(unknown.status == 422)
            #expect(try unknown.json["message"] == "No commit found for SHA: none")
        }
    }

    @Test func pullRequestsAreFilteredByTheirState() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            let (first, second) = (try await fixture.open("one"), try await fixture.open("two"))
            try await fixture.github.close(first, repository: "acme/api")
            func numbers(_ query: String) async throws -> [Int] {
                try await fixture.get(repo: "/pulls\(query)").arrayValue?.compactMap { $0["number"]?.intValue } ?? []
            }
            #expect(try await numbers("") == [second])
            #expect(try await numbers("?state=closed") == [first])
            #expect(try await numbers("?state=all") == [second, first])
            #expect(try await numbers("?state=all&head=acme:one") == [first])
            #expect(try await fixture.get(repo: "/pulls/\(first)")["state"] == "closed")
            #expect(try await fixture.get("/repos/acme/api/pulls/99").status == 404)
        }
    }

    @Test func collaboratorsAndTheirRolesAreKnown() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            #expect(try await fixture.get("/repos/acme/api/collaborators/olivia").status == 204)
            #expect(try await fixture.get("/repos/acme/api/collaborators/uma").status == 404)
            let permission = try await fixture.get(repo: "/collaborators/olivia/permission")
            #expect(permission["permission"] == "write" && permission["role_name"] == "maintain")
        }
    }
}
