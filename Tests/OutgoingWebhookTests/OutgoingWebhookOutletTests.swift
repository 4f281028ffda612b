import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@testable import OutgoingWebhook

@Suite struct OutgoingWebhookOutletTests {
    private let time = VirtualTime(now: Fixture.createdAt)

    private func run(
        _ answer: ScriptedServer.Answer, _ receiver: [String: JSONValue] = ["secret": ["env": "SECRET"]],
        path: String = "/hooks/own",
        _ body: @escaping @Sendable (OutgoingWebhookOutlet, ScriptedServer) async throws -> Void
    ) async throws {
        let time = time
        try await withSession { session in
            try await ScriptedServer.run(answering: { _ in answer }) { server in
                let members = receiver.merging(["url": .string(server.url + path)]) { $1 }
                let settings = try Fixture.settings(["receiver": .object(members)])
                let outlet = try OutgoingWebhookOutlet(settings, secrets: Fixture.secrets, time: time) { _ in session }
                try await body(outlet, server)
            }
        }
    }

    private func failure(_ outlet: OutgoingWebhookOutlet, _ message: OutboxMessage = Fixture.message()) async
        -> OutletError?
    {
        do {
            _ = try await outlet.deliver(message, existing: nil, thread: nil)
            return nil
        } catch { return error }
    }

    private static let pagerDuty: [String: JSONValue] = ["format": "pagerduty", "routing_key": ["env": "KEY"]]

    @Test func aReportIsPostedSigned() async throws {
        try await run(.init(status: 204)) { outlet, server in
            #expect(try await outlet.deliver(Fixture.message(), existing: "x", thread: nil) == nil)
            let request = try #require(server.requests.first)
            #expect(request.method == "POST")
            #expect(request.path == "/hooks/own")
            #expect(request.headers["content-type"] == "application/json")
            #expect(request.headers["x-defimon-delivery"] == "7")
            #expect(request.headers["x-defimon-timestamp"] == "1790000000")
            let signature = try #require(request.headers["x-defimon-signature-256"])
            #expect(signature.hasPrefix("v1="))
            let code = try #require(Hex.decode(signature.dropFirst(3)))
            #expect(
                HMACSHA256.isValid(
                    code, for: [Array("v1:1790000000:".utf8), request.body], key: Secret(Fixture.secret)))
            #expect(try JSONValue(parsing: request.body)["title"] == "deploy analytics")
            #expect(!request.text.contains(Fixture.secret))
        }
    }

    @Test func aRetryHasTheSameDeliveryIDAndBodyAndANewTime() async throws {
        let time = time
        try await run(.init(status: 503)) { outlet, server in
            #expect(await failure(outlet)?.kind == .later(after: nil))
            time.advance(by: .seconds(60))
            #expect(await failure(outlet) != nil)
            let requests = server.requests
            #expect(requests.count == 2)
            #expect(requests[0].headers["x-defimon-delivery"] == requests[1].headers["x-defimon-delivery"])
            #expect(requests[0].body == requests[1].body)
            #expect(requests[1].headers["x-defimon-timestamp"] == "1790000060")
            #expect(requests[0].headers["x-defimon-signature-256"] != requests[1].headers["x-defimon-signature-256"])
        }
    }

    @Test(
        arguments: [
            (429, ["Retry-After": "7"], .later(after: .seconds(7))), (429, [:], .later(after: .seconds(60))),
            (500, [:], .later(after: nil)), (502, [:], .later(after: nil)),
            (503, ["Retry-After": "9"], .later(after: .seconds(9))), (408, [:], .later(after: nil)),
            (400, [:], .never), (401, [:], .never), (404, [:], .never), (410, [:], .never),
        ] as [(Int, [String: String], OutletError.Kind)])
    func aStatusSaysWhetherToTryAgain(status: Int, headers: [String: String], kind: OutletError.Kind) async throws {
        try await run(.init(status: status, headers: headers)) { outlet, _ in
            let error = await failure(outlet)
            #expect(error?.kind == kind)
            #expect(error?.message.contains("outgoing_webhooks.receiver") == true)
            #expect(error?.message.contains(String(status)) == true)
        }
    }

    @Test(arguments: [301, 302, 307, 308]) func aRedirectIsNotFollowed(status: Int) async throws {
        try await run(.init(status: status, headers: ["Location": "/elsewhere"])) { outlet, server in
            let error = await failure(outlet)
            #expect(error?.kind == .never)
            #expect(error?.message.contains("redirects") == true)
            #expect(server.requests.count == 1)
        }
    }

    @Test func aReportThatWasTakenIsTakenHoweverLongTheAnswerIs() async throws {
        try await run(.init(status: 200, body: String(repeating: "x", count: 3_000_000))) { outlet, server in
            #expect(await failure(outlet) == nil)
            #expect(server.requests.count == 1)
        }
    }

    @Test func theReceiversWordsAreShortAndHoldNoSecret() async throws {
        let words = "no \(Fixture.secret)\n at /hooks/own-long-path " + String(repeating: "y", count: 5000)
        try await run(.init(status: 400, body: words), path: "/hooks/own-long-path") { outlet, _ in
            let message = try #require(await failure(outlet)).message
            #expect(message.contains("no <secret> at <secret> yyy"))
            #expect(!message.contains("own-long-path"))
            #expect(message.count < 400)
        }
    }

    @Test func whoCannotBeReachedIsTriedAgainAndNamedWithoutTheAddress() async throws {
        try await withSession { session in
            let settings = try Fixture.settings([
                "receiver": ["url": "http://127.0.0.1:1/secret-path?key=abcdef", "secret": ["env": "SECRET"]]
            ])
            let outlet = try OutgoingWebhookOutlet(settings, secrets: Fixture.secrets, time: time) { _ in session }
            let error = try #require(await failure(outlet))
            #expect(error.kind == .later(after: nil))
            #expect(error.message.contains("outgoing_webhooks.receiver"))
            #expect(!error.message.contains("secret-path") && !error.message.contains("abcdef"))
        }
    }

    @Test func aNameThatNobodyHasIsRefusedWithTheNearest() async throws {
        try await run(.init()) { outlet, server in
            let error = try #require(await failure(outlet, Fixture.message(to: "reciever")))
            #expect(error.kind == .never)
            #expect(error.message.contains("did you mean webhook:receiver?"))
            #expect(server.requests.isEmpty)
        }
    }

    @Test func pagerDutyGetsEventsAndNoSignature() async throws {
        try await run(.init(status: 202), Self.pagerDuty, path: "/v2/enqueue") { outlet, server in
            #expect(await failure(outlet, Fixture.message(.running)) == nil)
            #expect(server.requests.isEmpty)
            #expect(await failure(outlet, Fixture.message(.failure)) == nil)
            let request = try #require(server.requests.first)
            #expect(request.path == "/v2/enqueue")
            #expect(request.headers["x-defimon-signature-256"] == nil)
            #expect(request.headers["x-defimon-delivery"] == "7")
            #expect(try JSONValue(parsing: request.body)["event_action"] == "trigger")
        }
    }

    @Test(arguments: [(400, false), (429, true), (500, true)])
    func pagerDutysRefusalsAreToldApart(status: Int, isWorthARetry: Bool) async throws {
        let body = #"{"status":"invalid event","errors":["key \#(Fixture.routingKey) is wrong"]}"#
        try await run(.init(status: status, body: body), Self.pagerDuty) { outlet, _ in
            let error = try #require(await failure(outlet, Fixture.message(.failure)))
            #expect((error.kind != .never) == isWorthARetry)
            #expect(!error.message.contains(Fixture.routingKey))
            #expect(error.message.contains("invalid event"))
        }
    }

    @Test func aSecretThatIsMissingOrEmptyStopsTheStart() async throws {
        try await withSession { session in
            for name in ["NOWHERE", "EMPTY"] {
                let settings = try Fixture.settings([
                    "a": ["url": "http://127.0.0.1:1", "secret": ["env": .string(name)]]
                ])
                #expect(throws: MissingSecret.self) {
                    _ = try OutgoingWebhookOutlet(settings, secrets: Fixture.secrets, time: time) { _ in session }
                }
            }
        }
    }

    @Test func eachReceiverHasTheSessionOfItsCertificates() async throws {
        try await withSession { session in
            let settings = try Fixture.settings([
                "a": ["url": "http://127.0.0.1:1", "secret": ["env": "SECRET"], "ca": "own.pem"],
                "b": ["url": "http://127.0.0.1:1", "secret": ["env": "SECRET"]],
            ])
            var asked: [String?] = []
            _ = try OutgoingWebhookOutlet(settings, secrets: Fixture.secrets, time: time) { ca in
                asked.append(ca)
                return session
            }
            #expect(Set(asked) == ["own.pem", nil])
        }
    }
}
