import Domain
import Foundation
import Slack
import Testing

@Suite struct SlackRoutesTests {
    /// Knows of one problem in a form, and of none in others.
    struct OneProblem: FormCheck {
        func problems(in form: FilledForm) -> [String: String] {
            var problems: [String: String] = [:]
            if form.values["count"] == "many" { problems["count"] = "'many' is not a value for 'count'" }
            if form.command == "gone" { problems[""] = "there is no command 'gone' any more" }
            return problems
        }
    }

    private func routes(_ more: [String: JSONValue] = [:]) throws -> [WebhookRoute] {
        let settings = try Fixture.settings(more)
        return SlackRoutes.routes(
            settings, verifier: try SlackVerifier(settings, secrets: Fixture.secrets), forms: OneProblem())
    }

    @Test func commandsAndInteractionsAreServed() throws {
        let routes = try routes()
        #expect(routes.map(\.path) == ["/chat/slack/commands", "/chat/slack/interactions"])
        #expect(routes.allSatisfy { $0.maxBody == 1_048_576 })
        #expect(routes.allSatisfy { $0.mediaTypes == ["application/x-www-form-urlencoded"] })
    }

    @Test(arguments: [
        ("ssl_check=1&token=abc", true), ("token=abc&ssl_check=1", true), ("ssl_check=0", false),
        ("text=ssl_check%3D1", false), ("", false), (Fixture.command, false),
    ])
    func onlySSLChecksAreProbes(body: String, isProbe: Bool) throws {
        for route in try routes() { #expect(route.isProbe(Fixture.delivery(body)) == isProbe) }
    }

    @Test(arguments: ["", "{}", "user_id=U1", "command=%2Fdefimon", "command=&user_id=U1"])
    func aFormThatIsNoSlashCommandIsABadRequest(body: String) throws {
        let route = try routes()[0]
        let error = #expect(throws: Refusal.self) { try route.inspect(Fixture.delivery(body)) }
        #expect(error?.reason == .badRequest)
    }

    @Test(arguments: ["", "{}", "payload=", "token=1&payload=%7B%7D"])
    func aFormThatIsNoInteractionIsABadRequest(body: String) throws {
        let route = try routes()[1]
        let error = #expect(throws: Refusal.self) { try route.inspect(Fixture.delivery(body)) }
        #expect(error?.reason == .badRequest)
    }

    @Test func requestsOfAnotherWorkspaceAreRefused() throws {
        let routes = try routes(["team_id": "T2"])
        let press = Fixture.form(Fixture.press(action: "defimon:run:0", value: "approve 42 7f3a12bc"))
        for (route, body) in zip(routes, [Fixture.command, press]) {
            let error = #expect(throws: Refusal.self) { try route.inspect(Fixture.delivery(body)) }
            #expect(error?.reason == .badCredentials)
        }
    }

    @Test func requestsOfTheConfiguredWorkspaceAreTaken() throws {
        let routes = try routes(["team_id": "T1"])
        let press = Fixture.form(Fixture.press(action: "defimon:run:0", value: "jobs"))
        for (route, body) in zip(routes, [Fixture.command, press]) {
            #expect(throws: Never.self) { try route.inspect(Fixture.delivery(body)) }
        }
    }

    @Test func aPressInAnOrganisationIsOfItsUsersWorkspace() throws {
        let routes = try routes(["team_id": "T1"])
        let payload: JSONValue = ["type": "block_actions", "team": .null, "user": ["id": "U1", "team_id": "T1"]]
        #expect(throws: Never.self) { try routes[1].inspect(Fixture.delivery(Fixture.form(payload))) }
    }

    // MARK: Modals

    @Test func `What is wrong in a modal is the answer to its submission, beside the input that has it`() throws {
        let route = try routes()[1]
        let answer = route.reply(Fixture.delivery(Fixture.form(Fixture.submission(count: "many"))))
        #expect(
            answer == [
                "response_action": "errors", "errors": ["count": "'many' is not a value for 'count'"],
            ])
    }

    @Test func `What belongs to no input stands at the first`() throws {
        let route = try routes()[1]
        let answer = route.reply(Fixture.delivery(Fixture.form(Fixture.submission("gone", count: "3"))))
        #expect(answer?["errors"] == ["pool": "there is no command 'gone' any more"])
    }

    @Test func `A modal that is filled in well, another's, and a press get no such answer`() throws {
        let route = try routes()[1]
        var other = try #require(Fixture.submission(count: "many").objectValue)
        var view = try #require(other["view"]?.objectValue)
        view["callback_id"] = "somebody-elses"
        other["view"] = .object(view)
        for payload in [
            Fixture.submission(count: "3"), .object(other),
            Fixture.press(action: "defimon:run:0", value: "view_submission"),
        ] {
            #expect(route.reply(Fixture.delivery(Fixture.form(payload))) == nil)
        }
        #expect(route.reply(Fixture.delivery("payload=view_submission")) == nil)
        #expect(try routes()[0].reply(Fixture.delivery(Fixture.form(Fixture.submission(count: "many")))) == nil)
    }
}

/// A press of the button Approve, as Slack sends it.
@Suite struct SlackApprovalTests {
    private let body = Fixture.form(Fixture.press(action: "defimon:run:0", value: "approve 42 7f3a12bc", user: "U3"))

    @Test func aPressOfApproveSaysWhoApprovesWhichPlan() async throws {
        let decoder = SlackEventDecoder(try Fixture.settings())
        let event = try #require(
            try await decoder.events(in: Fixture.delivery(body, route: "interactions")).first)
        guard case .request(let request) = event.origin else {
            Issue.record("it asks for nothing")
            return
        }
        #expect(request.text == "approve 42 7f3a12bc")
        #expect(request.identity == Identity(channel: "slack", userID: "U3"))
    }

    @Test func aPressThatIsSentAgainIsTheSameDelivery() throws {
        let verifier = try SlackVerifier(Fixture.settings(), secrets: Fixture.secrets)
        let first = try verifier.proof(of: Fixture.delivery(body, route: "interactions"))
        let again = try verifier.proof(of: Fixture.delivery(body, route: "interactions"))
        #expect(first.deliveryID != nil)
        #expect(first.deliveryID == again.deliveryID)
        let other = Fixture.form(Fixture.press(action: "defimon:run:0", value: "approve 42 00000000", user: "U3"))
        let another = try verifier.proof(of: Fixture.delivery(other, route: "interactions"))
        #expect(another.deliveryID != first.deliveryID)
    }

    @Test func aPressWhoseSignatureIsOfAnotherWorkspacesSecretIsRefused() throws {
        let verifier = try SlackVerifier(Fixture.settings(), secrets: Fixture.secrets)
        let forged = Fixture.delivery(body, route: "interactions", secret: "the secret of another workspace")
        #expect(throws: Refusal.self) { try verifier.proof(of: forged) }
    }

    @Test func aPressIsNotTakenFiveMinutesAfterItsSignature() throws {
        let verifier = try SlackVerifier(Fixture.settings(), secrets: Fixture.secrets)
        let old = Fixture.delivery(
            body, route: "interactions", receivedAt: Date(timeIntervalSince1970: 1_790_000_000 + 301))
        #expect(throws: Refusal.self) { try verifier.proof(of: old) }
    }
}
