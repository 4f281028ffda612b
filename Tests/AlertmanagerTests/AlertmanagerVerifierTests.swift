import Alertmanager
import Domain
import Foundation
import Testing

@Suite struct AlertmanagerVerifierTests {
    private func proof(_ authorization: String?) throws -> DeliveryProof {
        let verifier = try AlertmanagerVerifier(Fixture.settings(Fixture.usual), secrets: Fixture.secrets)
        let headers = authorization.map { ["authorization": $0] } ?? [:]
        return try verifier.proof(of: Fixture.delivery(Array("{}".utf8), headers: headers))
    }

    private static func basic(_ text: String) -> String { "Basic " + Data(text.utf8).base64EncodedString() }

    @Test(arguments: [
        ("Bearer old-token", "bearer token 1"), ("bearer new-token", "bearer token 2"),
        ("BEARER   new-token ", "bearer token 2"), (basic("bot:s3cret"), "user bot"),
    ])
    func whoShowsASecretIsNamed(authorization: String, sender: String) throws {
        let proof = try proof(authorization)
        #expect(proof.sender == sender)
        #expect(proof.deliveryID == nil)
    }

    @Test(
        arguments: [
            nil, "", "Bearer", "Bearer ", "Bearer other", "Bearer old-token2", "Bearer old-toke", "old-token",
            "Basic !!!", "Basic ", basic("bot:"), basic("bot:s3cre"), basic("bo:ts3cret"), basic("other:s3cret"),
            basic("s3cret"), "Digest x", "Bearer old-token, Bearer new-token", "Basic old-token", "Bearer bot:s3cret",
        ] as [String?])
    func anybodyElseIsRefused(authorization: String?) throws {
        let error = #expect(throws: Refusal.self) { try proof(authorization) }
        #expect(error?.reason == .badCredentials)
        #expect(error?.status == 401)
        for secret in ["old-token", "new-token", "s3cret"] { #expect(error?.message.contains(secret) == false) }
    }

    @Test(
        arguments: [
            ["bearer_tokens": [["env": "EMPTY"]]], ["basic": ["bot": ["password": ["env": "EMPTY"]]]],
            ["bearer_tokens": [["env": "ABSENT"]]],
        ] as [JSONValue])
    func aSecretThatIsEmptyOrAbsentIsNotTaken(section: JSONValue) throws {
        #expect(throws: MissingSecret.self) {
            try AlertmanagerVerifier(Fixture.settings(section), secrets: Fixture.secrets)
        }
    }
}

@Suite struct AlertmanagerRouteTests {
    private func route() throws -> WebhookRoute {
        AlertmanagerRoute.route(
            verifier: try AlertmanagerVerifier(Fixture.settings(Fixture.usual), secrets: Fixture.secrets))
    }

    @Test func alertsComeInByOneRoute() throws {
        let route = try route()
        #expect(route.path == "/webhooks/alertmanager")
        #expect(route.maxBody == 8 * 1024 * 1024)
        #expect(route.mediaTypes == ["application/json"])
    }

    @Test(arguments: ["", " ", "[]", "null", "{", "payload=1", "\"{}\""])
    func whatIsNoObjectIsABadRequest(body: String) throws {
        let route = try route()
        let error = #expect(throws: Refusal.self) { try route.inspect(Fixture.delivery(Array(body.utf8))) }
        #expect(error?.reason == .badRequest)
    }

    @Test(arguments: ["{}", "{\"version\":\"4\"}\n", " \r\n\t{} "])
    func anObjectIsTaken(body: String) throws {
        let route = try route()
        #expect(throws: Never.self) { try route.inspect(Fixture.delivery(Array(body.utf8))) }
    }
}

@Suite struct AlertmanagerSettingsTests {
    private func problems(_ value: JSONValue) -> [String] {
        var reader = InputReader.reading(LocatedValue(value))
        AlertmanagerSettings.section.read(&reader)
        reader.finish()
        return reader.problems.map(\.description)
    }

    @Test func theUsualSectionHasNoProblem() throws {
        #expect(problems(Fixture.usual) == [])
        #expect(try Fixture.settings(Fixture.usual).repeatInterval == .seconds(4 * 3600))
    }

    @Test(
        arguments: [
            ([:], "neither bearer_tokens nor basic"), (["bearer_tokens": []], "neither bearer_tokens nor basic"),
            (["bearer_tokens": ["abc"]], "bearer_tokens"), (["basic": ["bot": [:]]], "password"),
            (["basic": ["a:b": ["password": ["env": "A"]]]], "a:b"),
            (["bearer_tokens": [["env": "A"]], "api_url": "alertmanager:9093"], "api_url"),
            (["bearer_tokens": [["env": "A"]], "api_url": "http://u:p@alertmanager:9093"], "api_url"),
            (["bearer_tokens": [["env": "A"]], "repeat_interval": "often"], "repeat_interval"),
        ] as [(JSONValue, String)])
    func whatDoesNotFitIsAProblem(value: JSONValue, word: String) {
        #expect(problems(value).contains { $0.contains(word) }, "\(problems(value))")
    }
}
