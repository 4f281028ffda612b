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
        let press = Fixture.form(Fixture.press(action: "defimon:run:0", value: "jobs"))
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
