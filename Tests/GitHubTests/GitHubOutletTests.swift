import Domain
import Foundation
import TestSupport
import Testing

@testable import GitHub

@Suite struct GitHubOutletTests {
    private let time = VirtualTime()

    private func message(
        _ slot: OutboxMessage.Slot = .main, subject: String = "job/42", title: String = "deploy",
        address: String = "acme/api#42", id: Int64 = 7, isPrivate: Bool = false
    ) -> OutboxMessage {
        var message = OutboxMessage(
            place: Place(channel: "github", address: address, isPrivate: isPrivate), subject: subject, slot: slot,
            report: Report(mood: .running, title: title), createdAt: Date(timeIntervalSince1970: 1_790_000_000))
        message.id = id
        return message
    }

    private func run(
        _ body: @escaping @Sendable (GitHubOutlet, FakeGitHub, ScriptedServer) async throws -> Void
    ) async throws {
        try await withGitHub(time: time) { client, github, server in
            try await body(GitHubOutlet(client: client), github, server)
        }
    }

    private func failure(_ outlet: GitHubOutlet, _ message: OutboxMessage, existing: String? = nil) async
        -> OutletError?
    {
        do {
            _ = try await outlet.deliver(message, existing: existing, thread: nil)
            return nil
        } catch { return error }
    }

    @Test func aMainMessageIsOneCommentThatIsEdited() async throws {
        try await run { outlet, github, _ in
            let reference = try await outlet.deliver(message(), existing: nil, thread: nil)
            #expect(await github.comments.map(\.body) == ["<!-- defimon:message/job/42 -->\n### 🔄 deploy"])
            time.advance(by: .seconds(1))
            let again = try await outlet.deliver(message(title: "deployed"), existing: reference, thread: nil)
            #expect(again == reference)
            #expect(await github.comments.map(\.body) == ["<!-- defimon:message/job/42 -->\n### 🔄 deployed"])
        }
    }

    @Test func aCommentWhoseRecordWasLostIsFoundAgain() async throws {
        try await run { outlet, github, _ in
            await github.loseAnswers(1)
            #expect(await failure(outlet, message())?.kind == .later(after: nil))
            time.advance(by: .seconds(1))
            let reference = try await outlet.deliver(message(title: "next"), existing: nil, thread: nil)
            #expect(await github.comments.map { String($0.id) } == [reference])
            #expect(await github.comments.first?.body.hasSuffix("next") == true)
        }
    }

    @Test func somebodyElsesCommentWithOurMarkerIsLeftAlone() async throws {
        try await run { outlet, github, _ in
            await github.add(.init(id: 1, author: 66, body: "<!-- defimon:message/job/42 -->\nhello"))
            await github.add(.init(id: 2, author: FakeGitHub.bot, body: "quoted\n<!-- defimon:message/job/42 -->"))
            let reference = try await outlet.deliver(message(), existing: nil, thread: nil)
            #expect(await github.comments.count == 3)
            #expect(reference != "1" && reference != "2")
        }
    }

    @Test(arguments: [
        ("defimon[bot]", 5, true), ("Defimon[bot]", 6, true), ("defimon", 79253, false), ("eve", 5, false),
    ])
    func anAppsCommentsAreThoseOfItsBotUser(login: String, id: Int, isOwn: Bool) {
        let comment = IssueComment(id: 1, htmlUrl: "", body: "", user: .init(login: login, id: id))
        #expect(comment.isOf(BotAccount(login: "defimon[bot]", appID: 79253)) == isOwn)
        #expect(!IssueComment(id: 1, htmlUrl: "", user: nil).isOf(BotAccount(login: "defimon[bot]", appID: 79253)))
        #expect(!IssueComment(id: 1, htmlUrl: "", user: nil).isOf(BotAccount(login: "bot", userID: 1)))
    }

    @Test func subjectsThatShareAMessageShareAComment() async throws {
        try await run { outlet, github, _ in
            let one = try await outlet.deliver(message(subject: "preview/acme/api/42"), existing: nil, thread: nil)
            time.advance(by: .seconds(1))
            let two = try await outlet.deliver(message(subject: "preview/acme/api/42"), existing: nil, thread: nil)
            time.advance(by: .seconds(1))
            let three = try await outlet.deliver(message(subject: "job/43"), existing: nil, thread: nil)
            #expect(one == two)
            #expect(one != three)
        }
    }

    @Test func detailsOfStepsAreNotPosted() async throws {
        try await run { outlet, github, server in
            let reference = try await outlet.deliver(message(.thread), existing: nil, thread: "5")
            #expect(reference == "5")
            #expect(try await outlet.deliver(message(.thread), existing: nil, thread: nil) == nil)
            #expect(server.requests.isEmpty)
        }
    }

    @Test func aSingleMessageIsACommentOfItsOwnAndIsNotDoubled() async throws {
        try await run { outlet, github, _ in
            _ = try await outlet.deliver(message(), existing: nil, thread: nil)
            time.advance(by: .seconds(1))
            await github.loseAnswers(1)
            #expect(await failure(outlet, message(.single)) != nil)
            time.advance(by: .seconds(1))
            #expect(await failure(outlet, message(.single)) == nil)
            #expect(await github.comments.count == 2)
            time.advance(by: .seconds(1))
            #expect(await failure(outlet, message(.single, id: 8)) == nil)
            #expect(await github.comments.count == 3)
        }
    }

    @Test func aCommentThatIsGoneIsSaidAndPostedAnew() async throws {
        try await run { outlet, github, _ in
            let reference = try await outlet.deliver(message(), existing: nil, thread: nil)
            await github.drop(comment: Int(reference ?? "") ?? 0)
            time.advance(by: .seconds(1))
            #expect(await failure(outlet, message(), existing: reference)?.kind == .messageGone)
            time.advance(by: .seconds(1))
            #expect(try await outlet.deliver(message(), existing: nil, thread: nil) != reference)
        }
    }

    @Test(arguments: ["", "C9|1", "0", "-1", "abc", "1 "])
    func aReferenceThatIsNoneIsGone(reference: String) async throws {
        try await run { outlet, _, server in
            #expect(await failure(outlet, message(), existing: reference)?.kind == .messageGone)
            #expect(server.requests.isEmpty)
        }
    }

    @Test(arguments: ["acme/api", "acme#42", "#42", "acme/api#x", "acme/../api#1"])
    func aPlaceThatIsNoPullRequestNeverTakesAMessage(address: String) async throws {
        try await run { outlet, _, server in
            #expect(await failure(outlet, message(address: address))?.kind == .never)
            #expect(await failure(outlet, message(isPrivate: true))?.kind == .never)
            #expect(server.requests.isEmpty)
        }
    }

    @Test(arguments: [403, 404, 410, 422])
    func refusalsAreForGood(status: Int) async throws {
        try await run { outlet, github, _ in
            await github.fix(
                "POST /repos/acme/api/issues/42/comments",
                json(["message": "Unable to create comment because issue is locked."], status: status))
            let error = await failure(outlet, message())
            #expect(error?.kind == .never)
            #expect(error?.message.contains("issue is locked") == true)
            #expect(error?.message.contains(Fixture.token) == false)
        }
    }

    @Test func outagesAreForLaterAndLimitsForAsLongAsGitHubSays() async throws {
        try await run { outlet, github, _ in
            let key = "POST /repos/acme/api/issues/42/comments"
            await github.fix(key, json(["message": "oops"], status: 500))
            #expect(await failure(outlet, message())?.kind == .later(after: nil))
            time.advance(by: .seconds(1))
            let limit = json(["message": "secondary rate limit"], status: 403, headers: ["Retry-After": "30"])
            await github.fix(key, limit)
            #expect(await failure(outlet, message())?.kind == .later(after: .seconds(30)))
            // Every other message waits too.
            #expect(await failure(outlet, message(address: "acme/api#43"))?.kind == .later(after: .seconds(30)))
        }
    }

    @Test func oneCommentASecondIsWrittenOnAPullRequestAndSixtyAMinuteInAll() async throws {
        try await run { outlet, _, server in
            #expect(await failure(outlet, message()) == nil)
            let count = server.requests.count
            #expect(await failure(outlet, message())?.kind == .later(after: .seconds(1)))
            #expect(server.requests.count == count)
        }
        let pace = WritePace(time: time)
        for number in 0..<60 { #expect(pace.write(at: "\(number)") == nil) }
        #expect(pace.write(at: "60") == .seconds(60))
        time.advance(by: .seconds(60))
        #expect(pace.write(at: "60") == nil)
    }

    @Test func aReportIsCutToGitHubsLongestComment() async throws {
        try await run { outlet, github, _ in
            var long = message()
            long.report.blocks = [.text(String(repeating: "@x ", count: 60_000)), .code("more")]
            _ = try await outlet.deliver(long, existing: nil, thread: nil)
            let body = await github.comments.first?.body ?? ""
            #expect(body.utf16.count <= 65_536)
            #expect(body.contains("(cut)"))
            #expect(!body.contains("@x"))
        }
    }
}
