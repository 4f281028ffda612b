import Domain
import Foundation
import TestSupport
import Testing

@testable import GitHub

@Suite struct GitHubEventDecoderTests {
    private static func pull(_ more: [String: JSONValue] = [:], body: [String: JSONValue] = [:]) -> JSONValue {
        let pull: [String: JSONValue] = [
            "number": 42, "title": "A title", "state": "open", "merged": false, "draft": false,
            "user": ["login": "ann", "id": 7, "type": "User"], "updated_at": "2026-09-21T14:13:20Z",
            "html_url": "https://github.com/acme/api/pull/42",
            "head": ["ref": "topic", "sha": .string(Fixture.head), "repo": ["id": 1, "full_name": "acme/api"]],
            "base": ["ref": "main", "sha": "0", "repo": ["id": 1, "full_name": "acme/api"]],
            "labels": [["name": "preview"], ["name": "big"]],
        ]
        let base: [String: JSONValue] = [
            "action": "opened", "number": 42, "pull_request": .object(pull.merging(more) { $1 }),
            "repository": [
                "id": 1, "name": "api", "full_name": "acme/api", "default_branch": "main",
                "owner": ["login": "acme"],
            ],
            "sender": ["login": "ann", "id": 7, "type": "User"],
        ]
        return .object(base.merging(body) { $1 })
    }

    private func event(_ body: JSONValue, _ kind: String = "pull_request") async throws -> Event {
        let events = try await Fixture.events(body, kind: kind)
        #expect(events.count == 1)
        return try #require(events.first)
    }

    // MARK: Pull requests

    @Test func aPullRequestSaysWhatRulesMayMatch() async throws {
        let event = try await event(Self.pull())
        let expected: [String: JSONValue] = [
            "kind": "pull_request", "action": "opened", "repository": "acme/api", "owner": "acme",
            "repository_name": "api", "default_branch": "main", "sender": "ann", "sender_id": "7",
            "sender_is_bot": false, "number": 42, "title": "A title", "author": "ann", "author_id": "7",
            "state": "open", "merged": false, "draft": false, "is_fork": false, "commit": .string(Fixture.head),
            "branch": "topic", "base_branch": "main", "head_repository": "acme/api",
            "url": "https://github.com/acme/api/pull/42", "label": "", "labels": "preview,big",
        ]
        #expect(event.attributes == .object(expected))
        #expect(event.kind == "pull_request")
        #expect(event.origin == .notice)
        #expect(event.topics.isEmpty)
        #expect(event.occurredAt == Date(rfc3339: "2026-09-21T14:13:20Z"))
        #expect(event.subject == "pull_request acme/api#42 ec26c3e opened")
    }

    @Test(
        arguments: [
            (["ref": "topic", "sha": "x", "repo": ["id": 2]], true),
            (["ref": "topic", "sha": "x", "repo": .null], true),
            (["ref": "topic", "sha": "x"], true),
            (["ref": "topic", "sha": "x", "repo": ["id": 1]], false),
        ] as [(JSONValue, Bool)])
    func aForkIsAnotherRepositoryOrOneThatIsGone(head: JSONValue, isFork: Bool) async throws {
        #expect(try await event(Self.pull(["head": head])).attributes["is_fork"] == .bool(isFork))
    }

    @Test func theSameEventUnderTwoDeliveriesIsOne() async throws {
        let decoder = GitHubEventDecoder()
        let one = Fixture.delivery(Self.pull().canonicalBytes, kind: "pull_request", id: "a")
        let two = Fixture.delivery(
            Self.pull(body: ["installation": ["id": 5]]).canonicalBytes, kind: "pull_request", id: "b")
        let first = try await decoder.events(in: one).map(\.contentKey)
        #expect(try await decoder.events(in: two).map(\.contentKey) == first)
    }

    @Test(arguments: [
        pull(["updated_at": "2026-09-21T14:13:21Z"]), pull(["number": 43]), pull(body: ["action": "reopened"]),
        pull(["head": ["sha": "1"]]), pull(body: ["repository": ["id": 2, "full_name": "acme/api"]]),
        pull(body: ["label": ["name": "preview"]]),
    ])
    func whatDiffersIsAnotherEvent(body: JSONValue) async throws {
        #expect(try await event(body).contentKey != event(Self.pull()).contentKey)
    }

    @Test func otherKindsAreOnePerDelivery() async throws {
        let decoder = GitHubEventDecoder()
        let body = JSONValue.object(["zen": "x", "hook_id": 9]).canonicalBytes
        let one = try await decoder.events(in: Fixture.delivery(body, kind: "ping", id: "a"))
        let two = try await decoder.events(in: Fixture.delivery(body, kind: "ping", id: "b"))
        #expect(one.first?.contentKey == "delivery/a")
        #expect(one.first?.contentKey != two.first?.contentKey)
        #expect(one.first?.attributes["hook_id"] == "9")
    }

    // MARK: Comments

    private static func comment(
        _ text: String, action: String = "created", type: String = "User", isPull: Bool = true, sender: Int = 7
    ) -> JSONValue {
        var issue: [String: JSONValue] = ["number": 42, "title": "A title", "user": ["login": "eve", "id": 8]]
        if isPull { issue["pull_request"] = ["url": "https://api.github.com/repos/acme/api/pulls/42"] }
        return [
            "action": .string(action), "issue": .object(issue),
            "comment": [
                "id": 99, "body": .string(text), "user": ["login": "ann", "id": 7, "type": .string(type)],
                "updated_at": "2026-09-21T14:13:20Z", "html_url": "https://github.com/acme/api/pull/42#issuecomment-99",
            ],
            "repository": ["id": 1, "full_name": "acme/api"], "sender": ["login": "ann", "id": .int(Int64(sender))],
        ]
    }

    @Test(arguments: [
        ("/defimon preview", "preview"), ("/defimon", ""),
        ("/defimon  deploy analytics \r\nthanks", "deploy analytics"),
        ("/defimon\tstatus\nmore", "status"), ("/defimon a\u{2028}b", "a"),
    ])
    func aCommentThatBeginsSoAsksForACommand(text: String, command: String) async throws {
        let event = try await event(Self.comment(text), "issue_comment")
        guard case .request(let request) = event.origin else {
            Issue.record("\(event.origin)")
            return
        }
        #expect(request.text == command)
        #expect(request.identity == Identity(channel: "github", userID: "7"))
        #expect(request.reportTo == Place(channel: "github", address: "acme/api#42"))
        #expect(request.answerTo == nil)
        #expect(request.isPublic)
        #expect(request.context == ["repository": "acme/api", "pull_request": 42])
        #expect(event.attributes["is_pull_request"] == true)
        #expect(event.attributes["author_id"] == "7")
        #expect(event.contentKey == "issue_comment|99|created|2026-09-21T14:13:20Z")
    }

    @Test(arguments: [
        comment("/defimonx preview"), comment("please /defimon preview"), comment("\n/defimon preview"),
        comment(" /defimon preview"), comment("/defimon preview", action: "edited"),
        comment("/defimon preview", action: "deleted"), comment("/defimon preview", type: "Bot"),
        comment("/defimon preview", isPull: false), comment("/defimon preview", sender: 9), comment(""),
        comment("/defimon " + String(repeating: "a", count: 1992)), comment("> /defimon preview"),
        comment("<!-- defimon:x -->\n/defimon preview"),
    ])
    func otherCommentsAskForNothing(body: JSONValue) async throws {
        #expect(try await event(body, "issue_comment").origin == .notice)
    }

    @Test func aCommandOfTheLongestLineIsTakenWhole() async throws {
        let text = "/defimon " + String(repeating: "a", count: 1991)
        guard case .request(let request) = try await event(Self.comment(text), "issue_comment").origin else {
            Issue.record("it is no request")
            return
        }
        #expect(request.text.count == 1991)
    }

    @Test func aLongCommentIsCut() async throws {
        let event = try await event(Self.comment(String(repeating: "x", count: 1001)), "issue_comment")
        let comment = try #require(event.attributes["comment"]?.stringValue)
        #expect(comment.count == 1000)
        #expect(comment.hasSuffix("(cut)"))
        let whole = try await self.event(Self.comment(String(repeating: "x", count: 1000)), "issue_comment")
        #expect(whole.attributes["comment"]?.stringValue == String(repeating: "x", count: 1000))
    }

    // MARK: What is no event

    @Test(arguments: [
        ("pull_request", "{}"), ("push", "{}"), ("workflow_run", "{\"action\":\"completed\"}"),
        ("issue_comment", "{\"comment\":{}}"), ("ping", "[]"), ("ping", "nothing"), ("ping", ""),
        ("check_run", "{\"check_run\":null}"), ("push", "payload=%zz"),
    ])
    func aBodyWithoutWhatItIsAboutIsNoEvent(kind: String, body: String) async throws {
        await #expect(throws: UndecodableDelivery.self) {
            try await GitHubEventDecoder().events(in: Fixture.delivery(body.utf8, kind: kind))
        }
    }

    @Test func membersOfAnotherKindCountAsMissing() async throws {
        let body = Self.pull(["labels": "none", "draft": "no", "user": .null], body: ["sender": []])
        let attributes = try await event(body).attributes
        #expect(attributes["labels"] == "")
        #expect(attributes["draft"] == false)
        #expect(attributes["author"] == "")
        #expect(attributes["sender"] == "")
    }

    @Test func aRepositoryWhoseNameIsNoneIsNobodys() async throws {
        let attributes = try await event(Self.pull(body: ["repository": ["id": 1, "full_name": "acme/.."]])).attributes
        #expect(attributes["repository"] == "")
    }

    @Test func controlCharactersAndLineBreaksAreTakenOut() async throws {
        let title = "a\r\nb\u{0}\u{202E}c" + String(repeating: "d", count: 300)
        let text = try await event(Self.pull(["title": .string(title)])).attributes["title"]?.stringValue
        #expect(text?.hasPrefix("a b") == true)
        #expect(text?.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202e } == true)
        #expect(text?.count == 255)
    }

    @Test func aFormIsReadAsItsPayload() async throws {
        let text = Self.pull().canonicalText.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let form = Fixture.delivery("payload=\(text)".utf8, kind: "pull_request")
        let events = try await GitHubEventDecoder().events(in: form)
        #expect(events.first?.attributes == (try await event(Self.pull()).attributes))
    }

    @Test func onlyKnownFieldsAreGiven() async throws {
        let known = Set(GitHubEventDecoder().fields.map(\.path))
        #expect(known.count == GitHubEventDecoder().fields.count)
        let attributes = try await event(Self.pull()).attributes.objectValue ?? [:]
        #expect(Set(attributes.keys).isSubset(of: known))
    }
}
