import Domain
import Foundation
import Slack
import Testing

@Suite struct SlackRoutesTests {
    private func routes(_ more: [String: JSONValue] = [:]) throws -> [WebhookRoute] {
        let settings = try Fixture.settings(more)
        return SlackRoutes.routes(settings, verifier: try SlackVerifier(settings, secrets: Fixture.secrets))
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
