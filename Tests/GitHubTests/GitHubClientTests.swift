import Domain
import Foundation
import Outbound
import Synchronization
import TestSupport
import Testing

@testable import GitHub

@Suite struct GitHubClientTests {
    private func run(
        _ answers: [ScriptedServer.Answer], time: VirtualTime = VirtualTime(),
        _ body: @escaping @Sendable (GitHubClient, ScriptedServer) async throws -> Void
    ) async throws {
        let script = Script(answers)
        try await withClient(time: time, answering: { await script.next($0) }, body)
    }

    private func failure(_ client: GitHubClient, _ call: GitHubCall) async throws -> GitHubFailure? {
        do {
            _ = try await client.send(call)
            return nil
        } catch let error as GitHubFailure { return error }
    }

    private let call = acmeCall("/pulls/42")

    // MARK: Requests

    @Test func aCallShowsTheTokenTheVersionAndWhoAsks() async throws {
        try await run([json([:])]) { client, server in
            _ = try await client.send(
                acmeCall("/issues/1/comments", method: "POST", body: ["body": "ä"]))
            let request = try #require(server.requests.first)
            #expect(request.method == "POST")
            #expect(request.path == "/repos/acme/api/issues/1/comments")
            #expect(request.headers["authorization"] == "Bearer \(Fixture.token)")
            #expect(request.headers["x-github-api-version"] == "2022-11-28")
            #expect(request.headers["user-agent"] == "defimon")
            #expect(request.headers["accept"] == "application/vnd.github+json")
            #expect(request.headers["content-type"] == "application/json; charset=utf-8")
            #expect(try JSONValue(parsing: request.body) == ["body": "ä"])
        }
    }

    @Test func aQueryIsEncoded() {
        let call = acmeCall("/deployments", query: [("environment", "pr/4 2&x=ü"), ("page", "1")])
        #expect(
            call.url(below: "https://x")
                == "https://x/repos/acme/api/deployments?environment=pr%2F4%202%26x%3D%C3%BC&page=1")
    }

    @Test func anAuthorisedRequestCanBeSentByOthers() async throws {
        try await run([json([:])]) { client, server in
            let request = try await client.authorizedRequest(path: "/repos/acme/api/tarball/main", owner: "acme")
            #expect(request.url == server.url + "/repos/acme/api/tarball/main")
            #expect(request.headers.contains { $0.0 == "Authorization" && $0.1 == "Bearer \(Fixture.token)" })
            #expect(server.requests.isEmpty)
        }
    }

    // MARK: ETag

    @Test func whatDidNotChangeIsNotSentAgain() async throws {
        let answers = [
            json(["number": 1], headers: ["ETag": "W/\"a\"", "Link": "<http://x/next>; rel=\"next\""]),
            ScriptedServer.Answer(status: 304, headers: [:]),
            json(["number": 2], headers: ["ETag": "\"b\""]),
        ]
        try await run(answers) { client, server in
            #expect(try await client.send(call).body == Array(#"{"number":1}"#.utf8))
            let again = try await client.send(call)
            #expect(again.body == Array(#"{"number":1}"#.utf8))
            #expect(again.next == "http://x/next")
            #expect(try await client.send(call).body == Array(#"{"number":2}"#.utf8))
            #expect(server.requests.map { $0.headers["if-none-match"] } == [nil, "W/\"a\"", "W/\"a\""])
        }
    }

    @Test func anotherQuestionHasItsOwnAnswer() async throws {
        try await run([json([:], headers: ["ETag": "\"a\""])]) { client, server in
            _ = try await client.send(call)
            _ = try await client.send(acmeCall("/pulls/43"))
            _ = try await client.send(acmeCall("/pulls/42", method: "POST", body: [:]))
            #expect(server.requests.allSatisfy { $0.headers["if-none-match"] == nil })
        }
    }

    @Test func onlySoManyAnswersAreKept() {
        let cache = ReplyCache()
        let small = GitHubReply(status: 200, body: [1], next: nil)
        for number in 0..<300 {
            cache.keep(small, tag: "t", for: "\(number)")
            _ = cache.reply("0")
        }
        #expect(cache.size.replies == ReplyCache.maxReplies)
        #expect(cache.reply("0") != nil)
        #expect(cache.reply("1") == nil)
        let large = GitHubReply(status: 200, body: Array(repeating: 1, count: ReplyCache.maxBody), next: nil)
        for number in 0..<20 { cache.keep(large, tag: "t", for: "large \(number)") }
        #expect(cache.size.bytes <= ReplyCache.maxBytes)
        cache.keep(
            GitHubReply(status: 200, body: Array(repeating: 1, count: ReplyCache.maxBody + 1), next: nil), tag: "t",
            for: "too large")
        #expect(cache.reply("too large") == nil)
    }

    // MARK: Limits

    /// When GitHub says so, everybody waits.
    private func expectWait(_ answer: ScriptedServer.Answer, _ seconds: Int) async throws {
        let time = VirtualTime()
        try await run([answer, json([:])], time: time) { client, server in
            let first = try await failure(client, call)
            #expect(first?.retryAfter == .seconds(seconds))
            #expect(first?.isTransient == true)
            // Nobody else asks before that, whatever they ask.
            time.advance(by: .seconds(seconds) - .milliseconds(500))
            let second = try await failure(client, acmeCall("/pulls/1"))
            #expect(second?.retryAfter == .milliseconds(500))
            #expect(server.requests.count == 1)
            time.advance(by: .milliseconds(500))
            #expect(try await failure(client, call) == nil)
            #expect(server.requests.count == 2)
        }
    }

    private static let secondary: JSONValue = [
        "message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    ]

    @Test func aRetryAfterInSecondsIsKept() async throws {
        try await expectWait(json(Self.secondary, status: 429, headers: ["Retry-After": "8"]), 8)
        try await expectWait(json(Self.secondary, status: 403, headers: ["Retry-After": "30"]), 30)
    }

    @Test func aRetryAfterAsADateIsKept() async throws {
        // VirtualTime begins at 2026-09-21T14:13:20Z.
        let date = ["Retry-After": "Mon, 21 Sep 2026 14:13:28 GMT"]
        try await expectWait(json(Self.secondary, status: 429, headers: date), 8)
    }

    @Test func aSecondaryLimitWithoutAWordIsAMinute() async throws {
        try await expectWait(json(Self.secondary, status: 403), 60)
        try await expectWait(json([:], status: 429), 60)
    }

    @Test func thePrimaryLimitWaitsForItsReset() async throws {
        let headers = ["X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1790000100"]
        let answer = json(["message": "API rate limit exceeded for user ID 1."], status: 403, headers: headers)
        try await expectWait(answer, 101)
        try await expectWait(json([:], status: 429, headers: headers), 101)
    }

    @Test func aResetOutsideOfReasonIsNotBelieved() async throws {
        let past = ["X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1700000000"]
        try await expectWait(json([:], status: 403, headers: past), 1)
        let far = ["X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999"]
        try await expectWait(json([:], status: 403, headers: far), 3660)
    }

    @Test func repeatedRefusalsWithoutAWordWaitLongerEachTime() async throws {
        let time = VirtualTime()
        try await run([json(Self.secondary, status: 403)], time: time) { client, _ in
            for seconds in [60, 120, 240, 480, 960, 960] {
                let error = try await failure(client, call)
                #expect(error?.retryAfter == .seconds(seconds))
                time.advance(by: .seconds(seconds))
            }
        }
    }

    @Test func theLastCallOfTheHourEndsTheAsking() async throws {
        let headers = ["X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1790000060"]
        try await run([json([:], headers: headers)]) { client, server in
            let first = try await failure(client, call)
            #expect(first == nil)
            #expect(try await failure(client, call)?.retryAfter == .seconds(61))
            #expect(server.requests.count == 1)
        }
    }

    @Test func aMissingRightIsNoLimit() async throws {
        let headers = ["Retry-After": "30", "X-RateLimit-Remaining": "4000"]
        let answer = json(["message": "Must have push access to repository"], status: 403, headers: headers)
        try await run([answer, json([:])]) { client, _ in
            let error = try await failure(client, call)
            #expect(error?.isTransient == false)
            #expect(error?.message == "GitHub answers 403: Must have push access to repository")
            #expect(try await failure(client, call) == nil)
        }
    }

    // MARK: Errors

    @Test(arguments: [
        (401, false), (403, false), (404, false), (409, false), (410, false), (422, false), (400, false),
        (500, true), (502, true), (503, true),
    ])
    func outagesPassAndRefusalsDoNot(status: Int, passes: Bool) async throws {
        try await run([json(["message": "Words"], status: status)]) { client, _ in
            let error = try await failure(client, call)
            #expect(error?.isTransient == passes)
            #expect(error?.status == status)
            #expect(error?.message.hasPrefix("GitHub answers \(status): Words") == true)
            #expect(error?.mayHaveTakenEffect == passes)
        }
    }

    @Test(
        arguments: [
            (
                [
                    "message": "Validation Failed",
                    "errors": [["resource": "PullRequest", "code": "custom", "message": "It exists."]],
                ],
                "Validation Failed: It exists."
            ),
            (
                [
                    "message": "Validation Failed",
                    "errors": [["resource": "Deployment", "field": "ref", "code": "missing"]],
                ],
                "Validation Failed: Deployment ref missing"
            ),
            (["message": "Invalid request", "errors": ["one", "two"]], "Invalid request: one: two"),
            (["message": "Invalid request", "errors": "one"], "Invalid request: one"), ([], "[]"), (["message": 5], ""),
        ] as [(JSONValue, String)])
    func gitHubsOwnWordsAreRepeated(body: JSONValue, words: String) {
        let response = HTTPResponse(status: 422, headers: [:], body: body.canonicalBytes)
        #expect(GitHubFailure.words(of: response) == (words.isEmpty ? "" : ": \(words)"))
    }

    @Test func aLongOrStrangeErrorIsCut() {
        func words(_ text: String) -> String {
            GitHubFailure.words(of: HTTPResponse(status: 500, headers: [:], body: Array(text.utf8)))
        }
        #expect(words("<html>\n" + String(repeating: "x", count: 5000)).count <= 102)
        let long = JSONValue.object(["message": .string(String(repeating: "y", count: 5000))]).canonicalText
        #expect(words(long).count == 502)
    }

    @Test func anAnswerThatIsTooLargeIsAnError() async throws {
        try await run([.init(body: "\"" + String(repeating: "x", count: 100) + "\"")]) { client, _ in
            var call = call
            call.maxAnswer = 102
            let fits = try await failure(client, call)
            #expect(fits == nil)
            call.maxAnswer = 101
            let error = try await failure(client, call)
            #expect(error?.message.contains("larger than 101 bytes") == true)
        }
    }

    @Test func aServerThatIsNotThereIsForLaterAndDidNothing() async throws {
        let settings = try Fixture.settings(["token": ["env": "TOKEN"], "api_url": "http://127.0.0.1:1"])
        let error = try await withSession { session in
            try await failure(
                GitHubClient(settings, secrets: Fixture.secrets, session: session, time: VirtualTime()), call)
        }
        #expect(error?.isTransient == true)
        #expect(error?.mayHaveTakenEffect == false)
        #expect(error?.message.contains("refused") == true)
    }

    @Test func noErrorHoldsTheToken() async throws {
        try await run([json(["message": "no"], status: 401)]) { client, _ in
            let error = try await failure(client, call)
            #expect(!"\(String(describing: error))".contains(Fixture.token))
        }
    }

    // MARK: Redirects

    @Test(arguments: [301, 302, 307, 308])
    func aRedirectAtTheSameServerIsFollowed(status: Int) async throws {
        let answers = [
            ScriptedServer.Answer(status: status, headers: ["Location": "/repositories/1/pulls/42"]),
            json(["number": 42]),
        ]
        try await run(answers) { client, server in
            let error = try await failure(client, call)
            #expect(error == nil)
            #expect(server.requests.map(\.path) == ["/repos/acme/api/pulls/42", "/repositories/1/pulls/42"])
        }
    }

    @Test(arguments: [301, 302, 307, 308])
    func theTokenGoesToNoOtherServer(status: Int) async throws {
        try await ScriptedServer.run(answering: { _ in json([:]) }) { other in
            let elsewhere = ["Location": other.url + "/repos/acme/api/pulls/42"]
            try await run([.init(status: status, headers: elsewhere)]) { client, _ in
                let error = try await failure(client, call)
                #expect(error?.isTransient == false)
                #expect(error?.message.contains("redirect") == true)
                #expect(other.requests.isEmpty)
            }
        }
    }

    @Test func aChangeIsNotRepeatedByAnOldRedirect() async throws {
        let answers = [ScriptedServer.Answer(status: 302, headers: ["Location": "/elsewhere"]), json([:])]
        try await run(answers) { client, server in
            let error = try await failure(client, acmeCall("/x", method: "POST", body: [:]))
            #expect(error?.status == 302)
            #expect(server.requests.count == 1)
        }
    }

    @Test func redirectsInACircleEnd() async throws {
        try await run([.init(status: 307, headers: ["Location": "/again"])]) { client, server in
            let error = try await failure(client, call)
            #expect(error?.message.contains("more than 3 times") == true)
            #expect(server.requests.count == 4)
        }
    }

    // MARK: Pages

    /// Runs a server whose answers may name its own address.
    private func paged(
        _ answer: @escaping @Sendable (ScriptedServer.Request, String) -> ScriptedServer.Answer,
        _ body: @escaping @Sendable (GitHubClient, ScriptedServer) async throws -> Void
    ) async throws {
        let address = Address()
        try await withClient(answering: { answer($0, address.url.withLock { $0 }) }) { client, server in
            address.url.withLock { $0 = server.url }
            try await body(client, server)
        }
    }

    private final class Address: Sendable { let url = Mutex("") }

    @Test func pagesAreReadToTheirEnd() async throws {
        try await paged { request, root in
            let page = request.path.hasSuffix("page=3") ? 3 : request.path.hasSuffix("&page=2") ? 2 : 1
            let next = "<\(root)/repos/acme/api/x?per_page=100&page=\(page + 1)>; rel=\"next\""
            return json([.int(Int64(page))], headers: page < 3 ? ["Link": "\(next), <\(root)>; rel=\"last\""] : [:])
        } _: { client, server in
            let seen = Seen()
            try await client.pages(acmeCall("/x")) {
                seen.numbers += try $0.decode([Int].self)
                return true
            }
            #expect(seen.numbers == [1, 2, 3])
            #expect(server.requests.map(\.path).first == "/repos/acme/api/x?per_page=100")
            #expect(server.requests.map(\.path).last == "/repos/acme/api/x?per_page=100&page=3")
        }
    }

    private final class Seen { var numbers: [Int] = [] }

    @Test func onlySoManyPagesAreRead() async throws {
        try await endless { client, server in
            do {
                try await client.pages(acmeCall("/x"), maxPages: 4) { _ in true }
                Issue.record("it ended")
            } catch let error as GitHubFailure {
                #expect(error.message.contains("more than 4 pages"))
                #expect(!error.isTransient)
            }
            #expect(server.requests.count == 4)
            try await client.pages(acmeCall("/x"), maxPages: 4) { _ in false }
            #expect(server.requests.count == 5)
        }
    }

    private func endless(
        _ body: @escaping @Sendable (GitHubClient, ScriptedServer) async throws -> Void
    ) async throws {
        try await paged(
            { _, root in json([], headers: ["Link": "<\(root)/repos/acme/api/x?page=2>; rel=\"next\""]) }, body)
    }

    @Test func theNextPageMustBeAtTheSameServer() async throws {
        try await run([json([], headers: ["Link": "<http://127.0.0.1:1/x>; rel=\"next\""])]) { client, _ in
            await #expect(throws: GitHubFailure.self) {
                try await client.pages(acmeCall("/x")) { _ in true }
            }
        }
    }

    @Test(
        arguments: [
            ("<https://a/b?c=1,2>; rel=\"prev\"", nil), (nil, nil), ("", nil),
            ("<https://a/1>; rel=\"prev\", <https://a/3>; rel=\"next\"", "https://a/3"),
            ("<https://a/3>; rel=next", "https://a/3"),
            ("https://a/3; rel=\"next\"", nil),
        ] as [(String?, String?)])
    func theNextPageIsInTheLinkHeader(header: String?, next: String?) {
        #expect(GitHubReply.next(in: header) == next)
    }

    @Test(arguments: ["EMPTY", "NONE"])
    func aTokenThatIsNotThereIsSaid(name: String) async throws {
        let settings = try Fixture.settings(["token": ["env": .string(name)]])
        try await withSession { session in
            _ = #expect(throws: MissingSecret.self) {
                try GitHubClient(settings, secrets: Fixture.secrets, session: session, time: VirtualTime())
            }
        }
    }
}

@Suite(.enabled(if: WireData.isThere)) struct GitHubWireErrorTests {
    private struct Exchange: Decodable {
        struct Response: Decodable {
            var status: Int
            var headers: [String: String]
        }
        var response: Response
    }

    private func response(_ file: String, headers: [String: String] = [:]) throws -> HTTPResponse {
        let bytes = try WireData.bytes("github/rest/\(file).json")
        let read = try JSONDecoder().decode(Exchange.self, from: Data(bytes)).response
        let body = try JSONValue(parsing: bytes)["response"]?["body"] ?? .null
        let lower = Dictionary(read.headers.map { ($0.key.lowercased(), $0.value) }) { $1 }
        return HTTPResponse(status: read.status, headers: lower.merging(headers) { $1 }, body: body.canonicalBytes)
    }

    private let now = Date(timeIntervalSince1970: 1_790_000_000)

    @Test(arguments: [
        ("error.403_secondary_rate_limit", true), ("error.429_secondary_rate_limit", true),
        ("error.429_date_retry_after", true), ("written.error.403_primary_rate_limit", true),
        ("error.403_must_have_push_access", false), ("error.401_bad_credentials", false), ("written.error.404", false),
        ("error.422_validation_failed", false), ("written.error.409_deployment_conflict", false),
        ("create_check_run.422_missing_conclusion", false), ("get_app.401_bad_jwt", false),
    ])
    func recordedErrorsAreToldApart(file: String, isLimit: Bool) throws {
        let response = try response(file)
        #expect(RateLimit(response, now: now).isExceeded == isLimit)
        #expect(!GitHubFailure.words(of: response).isEmpty)
    }

    @Test func aRecordedLimitWaitsAsLongAsItSays() throws {
        #expect(RateLimit(try response("error.429_secondary_rate_limit"), now: now).wait == .seconds(8))
        let date = ["retry-after": "Mon, 21 Sep 2026 14:13:28 GMT"]
        #expect(RateLimit(try response("error.429_date_retry_after", headers: date), now: now).wait == .seconds(8))
    }
}
