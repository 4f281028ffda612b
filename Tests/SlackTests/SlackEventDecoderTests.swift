import Domain
import Foundation
import Slack
import TestSupport
import Testing

@Suite struct SlackEventDecoderTests {
    private func events(_ body: String, _ more: [String: JSONValue] = [:]) async throws -> [Event] {
        try await SlackEventDecoder(Fixture.settings(more)).events(in: Fixture.delivery(body))
    }

    private func request(_ body: String, _ more: [String: JSONValue] = [:]) async throws -> CommandRequest {
        let event = try #require(try await events(body, more).first)
        guard case .request(let request) = event.origin else { throw CocoaError(.coderValueNotFound) }
        return request
    }

    @Test func aSlashCommandAsksForACommand() async throws {
        let events = try await events(Fixture.command)
        #expect(events.count == 1)
        #expect(events.first?.kind == "command")
        #expect(events.first?.subject == "/defimon deploy analytics")
        let request = try await request(Fixture.command)
        #expect(request.text == "deploy analytics")
        #expect(request.identity == Identity(channel: "slack", userID: "U1"))
        #expect(request.reportTo == Place(channel: "slack", address: "C1"))
        #expect(request.placeName == "ops")
        #expect(request.isAsked(in: Place(channel: "slack", address: "C1")))
        #expect(request.isAsked(in: Place(channel: "slack", address: "#ops")))
        #expect(!request.isAsked(in: Place(channel: "slack", address: "#op")))
        #expect(request.answerTo?.address == "https://hooks.slack.com/commands/T1/1/abc")
        #expect(request.answerTo?.isPrivate == true)
    }

    @Test(arguments: ["privategroup", "directmessage"])
    func aPrivateConversationHasNoNameToCompareWith(name: String) async throws {
        let request = try await request(Fixture.command.replacing("channel_name=ops", with: "channel_name=\(name)"))
        #expect(request.placeName == nil)
        #expect(!request.isAsked(in: Place(channel: "slack", address: "#\(name)")))
    }

    @Test func theContentKeyIsTheDeliverysID() async throws {
        let delivery = Fixture.delivery(Fixture.command)
        let proof = try SlackVerifier(Fixture.settings(), secrets: Fixture.secrets).proof(of: delivery)
        let event = try await SlackEventDecoder(Fixture.settings()).events(in: delivery).first
        #expect(event?.contentKey == proof.deliveryID)
    }

    @Test func attributesHoldIDsOnly() async throws {
        for body in [Fixture.command, Fixture.form(Fixture.press(action: "defimon:run:0", value: "jobs"))] {
            let event = try #require(try await events(body).first)
            let text = event.attributes.canonicalText
            for word in ["hooks.slack.com", "1.2.", "legacy-token", "\"t\"", "\"ann\""] {
                #expect(!text.contains(word))
            }
            #expect(event.attributes["user"] == "U1")
            #expect(event.attributes["team"] == "T1")
            #expect(event.attributes["channel"] == "C1")
        }
    }

    @Test func escapesOfSlackAreTakenBack() async throws {
        let body = "command=%2Fdefimon&user_id=U1&text=note+a+%26amp%3B+b+%26lt%3Bc%26gt%3B+%26amp%3Blt%3B"
        #expect(try await request(body).text == "note a & b <c> &lt;")
    }

    @Test func aPressOfOurButtonAsksForItsCommandLine() async throws {
        let request = try await request(
            Fixture.form(Fixture.press(action: "defimon:run:3", value: "restart-geth geth-0")))
        #expect(request.text == "restart-geth geth-0")
        #expect(request.identity.userID == "U1")
        #expect(request.reportTo?.address == "C1")
        #expect(request.answerTo?.isPrivate == true)
    }

    @Test(arguments: ["defimon:runaway", "deploy_approve", "", "xdefimon:run"])
    func aPressOfAnotherButtonIsANotice(action: String) async throws {
        let events = try await events(Fixture.form(Fixture.press(action: action, value: "jobs")))
        #expect(events.map(\.origin) == [.notice])
        #expect(events.first?.kind == "block_actions")
    }

    @Test func severalActionsHaveKeysOfTheirOwn() async throws {
        var press = try #require(Fixture.press(action: "defimon:run", value: "jobs").objectValue)
        press["actions"] = [
            ["action_id": "defimon:run:0", "value": "jobs"], ["action_id": "defimon:run:1", "value": "status"],
        ]
        let events = try await events(Fixture.form(.object(press)))
        #expect(events.count == 2)
        #expect(Set(events.map(\.contentKey)).count == 2)
    }

    @Test(arguments: [
        "https://evil.example/commands/1", "http://hooks.slack.com/commands/1",
        "https://hooks.slack.com.evil.example/1",
        "https://hooks.slack.com@evil.example/1", "https://hooks.slack.com:8443/1",
        "https://hooks.slack.com\\@evil.example",
        "https://169.254.169.254/latest", "file:///etc/passwd", "https://user:pass@hooks.slack.com/1",
        "//hooks.slack.com/1",
    ])
    func aResponseURLOfAnotherServerIsLeftOut(url: String) async throws {
        let encoded = try #require(url.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
        let body = "command=%2Fdefimon&user_id=U1&channel_id=C1&text=jobs&response_url=\(encoded)"
        #expect(try await request(body).answerTo == nil)
    }

    @Test func aStandInMayHaveResponseURLsOnItsOwnOriginOnly() async throws {
        let api: [String: JSONValue] = ["api_url": "http://127.0.0.1:8080/api"]
        let start = "command=%2Fdefimon&user_id=U1&text=jobs&response_url="
        #expect(try await request(start + "http%3A%2F%2F127.0.0.1%3A8080%2Fresponse%2F1", api).answerTo != nil)
        #expect(try await request(start + "http%3A%2F%2F127.0.0.1%3A8081%2Fresponse%2F1", api).answerTo == nil)
        #expect(try await request(start + "https%3A%2F%2Fhooks.slack.com%2F1", api).answerTo == nil)
    }

    @Test func aLineThatIsTooLongStaysTooLong() async throws {
        let request = try await request("command=%2Fdefimon&user_id=U1&text=" + String(repeating: "a", count: 500_000))
        #expect(request.text.utf8.count == CommandLine.longest + 1)
        #expect(throws: CommandLine.Invalid.self) { try CommandLine.words(request.text) }
    }

    @Test(arguments: [
        "user_id=U1", "command=%2Fdefimon", "command=%2Fdefimon&user_id=", "command=%2Fd&user_id=%3C%21here%3E",
        "payload=nonsense", "payload=%5B%5D", "{broken", "",
    ])
    func whatSlackDoesNotSendIsUndecodable(body: String) async throws {
        await #expect(throws: UndecodableDelivery.self) { try await events(body) }
    }

    @Test func bytesThatAreNoTextAreRead() async throws {
        let body = Array("command=%2Fdefimon&user_id=U1&text=%FF%C3%28%".utf8) + [0xff, 0xfe]
        var delivery = Fixture.delivery("")
        delivery.body = body
        let events = try await SlackEventDecoder(Fixture.settings()).events(in: delivery)
        #expect(events.count == 1)
    }

    @Test func theFirstOfADoubledFieldCounts() async throws {
        #expect(try await request("command=%2Fdefimon&user_id=U1&text=jobs&user_id=U2").identity.userID == "U1")
    }
}

@Suite(.enabled(if: WireData.isThere)) struct SlackWireTests {
    private func decode(_ bytes: [UInt8]) async throws -> [Event] {
        var delivery = Fixture.delivery("")
        delivery.body = bytes
        return try await SlackEventDecoder(Fixture.settings()).events(in: delivery)
    }

    @Test func slashCommandsAskForCommands() async throws {
        for name in ["slash_command.form.txt", "slash_command.signed.form.txt"] {
            let event = try #require(try await decode(WireData.bytes("slack/\(name)")).first)
            guard case .request(let request) = event.origin else {
                Issue.record("\(name) is no request")
                continue
            }
            #expect(request.answerTo != nil)
            #expect(request.reportTo != nil)
        }
    }

    @Test func allOtherPayloadsAreNoticesOrNothing() async throws {
        let names = WireData.files(in: "slack", suffix: ".json").filter {
            !["signature_vectors.json", "response_url.protocol.json", "slash_command.answers.json"].contains($0)
        }
        #expect(names.count >= 20)
        for name in names {
            let payload = try JSONValue(parsing: WireData.bytes("slack/\(name)"))
            for body in [Fixture.form(payload), payload.canonicalText] {
                let events = try await decode(Array(body.utf8))
                #expect(events.allSatisfy { $0.origin == .notice }, "\(name)")
                for event in events {
                    let text = event.attributes.canonicalText
                    #expect(!text.contains("hooks.slack.com") && !text.contains("verification_token"), "\(name)")
                    #expect(text.utf8.count < 2000, "\(name)")
                }
            }
        }
    }

    @Test func theInteractionsFormIsTheSameAsItsJSON() async throws {
        let event = try #require(try await decode(WireData.bytes("slack/block_actions.form.txt")).first)
        #expect(event.kind == "block_actions")
        #expect(event.attributes["user"] == "UA8RXUSPL")
        #expect(event.attributes["action"] == "WaXA")
    }

    @Test func theHandshakeOfAnEndpointSaysNothing() async throws {
        #expect(try await decode(WireData.bytes("slack/event.url_verification.json")).isEmpty)
    }
}
