import Domain
import Ingress
import Outbound
import TestSupport
import Testing

/// What a delivery gets as its answer, and what is recorded of it.
@Suite struct DeliveryTests {
    @Test func `a proven delivery is recorded with its bytes, its headers and its sender, and acknowledged`()
        async throws
    {
        try await withIngress { ingress, _ async throws in
            let response = try await ingress.http.send(
                HTTPRequest(
                    method: "POST", url: ingress.base + "/webhooks/test",
                    headers: [
                        ("Content-Type", "application/json; charset=utf-8"), ("X-Token", "right"), ("X-Many", "a"),
                        ("X-Many", "b"),
                    ], body: Array("{\"a\":1}\n".utf8)))
            #expect(response.status == 200)
            #expect(response.text == "{\"status\":\"accepted\"}\n")
            #expect(response.headers["content-type"] == "application/json")
            let delivery = try #require(ingress.inbox.deliveries.first)
            #expect(delivery.body == Array("{\"a\":1}\n".utf8))
            #expect(delivery.headers["x-many"] == "a, b")
            #expect(delivery.headers["content-type"] == "application/json; charset=utf-8")
            #expect(delivery.remoteAddress == "127.0.0.1")
            #expect(delivery.source == Source("test"))
            #expect(delivery.route == "alerts")
            #expect(ingress.observer.accepted == [1])
            #expect(ingress.observer.refused.isEmpty)
        }
    }

    @Test func `a duplicate is told so and written no second time`() async throws {
        try await withIngress { ingress, _ async throws in
            _ = try await ingress.post(headers: ["x-id": "one"])
            let response = try await ingress.post(headers: ["x-id": "one"])
            #expect(response.status == 200)
            #expect(response.text == "{\"status\":\"already received\"}\n")
            #expect(ingress.inbox.deliveries.count == 1)
            // The first may have been written after its sender was told to send again: this is the news of it.
            #expect(ingress.observer.accepted == [1, 1])
        }
    }

    @Test func `a form is acknowledged without a body`() async throws {
        try await withIngress { ingress, _ async throws in
            let response = try await ingress.post(
                "/chat/form", body: Array("text=help".utf8),
                headers: ["content-type": "application/x-www-form-urlencoded"])
            #expect(response.status == 200)
            #expect(response.body.isEmpty)
            #expect(ingress.inbox.deliveries.count == 1)
        }
    }

    @Test func `what asks for nothing yet is answered and not recorded, and only where its sender is proven`()
        async throws
    {
        try await withIngress { ingress, _ async throws in
            let headers = ["content-type": "application/x-www-form-urlencoded"]
            let response = try await ingress.post("/chat/form", body: Array("form=bad".utf8), headers: headers)
            #expect(response.status == 200)
            #expect(response.headers["content-type"] == "application/json")
            #expect(response.text == "{\"errors\":\"bad\"}\n")
            #expect(ingress.inbox.entered == 0)
            let stranger = try await ingress.post(
                "/chat/form", body: Array("form=bad".utf8), headers: headers.merging(["x-token": "wrong"]) { $1 })
            #expect(stranger.status == 401)
            #expect(!stranger.text.contains("bad\"}"))
        }
    }

    @Test func `a probe is answered without proof and without a record`() async throws {
        try await withIngress { ingress, _ async throws in
            let response = try await ingress.post(
                "/chat/form", body: Array("ssl_check=1".utf8),
                headers: ["content-type": "application/x-www-form-urlencoded", "x-token": nil])
            #expect(response.status == 200)
            #expect(response.body.isEmpty)
            #expect(ingress.inbox.entered == 0)
            #expect(ingress.observer.refused.isEmpty)
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var path = "/webhooks/test"
        var method = "POST"
        var body: String? = "{}"
        var headers: [String: String?] = [:]
        var status: Int
        var reason: Refusal.Reason
        var source = "test"
        var error: String
    }

    static let cases = [
        Case(
            testDescription: "wrong method", method: "PUT", status: 405, reason: .methodNotAllowed,
            error: "this path takes POST, not PUT"),
        Case(
            testDescription: "a rare method", method: "PROPFIND", status: 405, reason: .methodNotAllowed,
            error: "this path takes POST, not PROPFIND"),
        Case(
            testDescription: "GET", method: "GET", body: nil, status: 405, reason: .methodNotAllowed,
            error: "this path takes POST, not GET"),
        Case(
            testDescription: "unknown path", path: "/webhooks/other", status: 404, reason: .notFound, source: "http",
            error: "there is nothing at this path"),
        Case(
            testDescription: "the API", path: "/api/v1/run", status: 404, reason: .notFound, source: "http",
            error: "there is nothing at this path"),
        Case(
            testDescription: "wrong content type", headers: ["content-type": "text/plain"], status: 415,
            reason: .unsupportedMediaType, error: "the content type must be application/json"),
        Case(
            testDescription: "no content type", headers: ["content-type": nil], status: 415,
            reason: .unsupportedMediaType, error: "the content type must be application/json"),
        Case(
            testDescription: "compressed", headers: ["content-encoding": "gzip"], status: 415,
            reason: .unsupportedEncoding, error: "the body must come without a content encoding"),
        Case(
            testDescription: "announced too large", body: String(repeating: "{", count: 1001), status: 413,
            reason: .tooLarge, error: "the body is larger than 1000 bytes"),
        Case(
            testDescription: "missing header", headers: ["x-token": nil], status: 400, reason: .missingHeader,
            error: "the header x-token is missing"),
        Case(
            testDescription: "not proven", headers: ["x-token": "wrong"], status: 401, reason: .badCredentials,
            error: "the token is not right"),
        Case(
            testDescription: "not what the source sends", body: "hello", status: 400, reason: .badRequest,
            error: "the body is not a JSON object"),
        Case(
            testDescription: "empty", body: nil, status: 400, reason: .badRequest,
            error: "the body is not a JSON object"),
    ]

    @Test(arguments: cases) func `a request that is turned away gets one line of JSON and leaves nothing`(
        _ wrong: Case
    ) async throws {
        try await withIngress { ingress, _ async throws in
            let response = try await ingress.post(
                wrong.path, method: wrong.method, body: wrong.body.map { Array($0.utf8) }, headers: wrong.headers)
            #expect(response.status == wrong.status)
            #expect(response.text == "{\"error\":\"\(wrong.error)\"}\n")
            #expect(response.headers["content-type"] == "application/json")
            #expect(response.headers["allow"] == (wrong.status == 405 ? "POST" : nil))
            #expect(ingress.inbox.entered == 0)
            #expect(ingress.observer.accepted.isEmpty)
            #expect(
                ingress.observer.refused == [
                    .init(
                        refusal: Refusal(wrong.reason, wrong.error), source: Source(wrong.source),
                        remoteAddress: "127.0.0.1")
                ])
            let line = "defimon_refusals_total{reason=\"\(wrong.reason.rawValue)\",source=\"\(wrong.source)\"} 1\n"
            #expect(ingress.metrics.text().contains(line))
        }
    }

    @Test func `a body of exactly the bound is taken`() async throws {
        try await withIngress { ingress, _ async throws in
            let body = [UInt8](repeating: UInt8(ascii: "{"), count: RunningIngress.maxBody)
            let response = try await ingress.post(body: body)
            #expect(response.status == 200)
            #expect(ingress.inbox.deliveries.first?.body.count == RunningIngress.maxBody)
        }
    }

    @Test(arguments: [
        (LedgerError.overloaded, Refusal.Reason.overloaded), (.unavailable("disk full"), .unavailable),
        (.closed, .unavailable), (.conflict("x"), .unavailable),
    ]) func `a delivery that cannot be written is to be sent again`(
        _ error: LedgerError, _ reason: Refusal.Reason
    ) async throws {
        try await withIngress { ingress, _ async throws in
            ingress.inbox.fail(with: error)
            let response = try await ingress.post()
            #expect(response.status == 503)
            #expect(response.headers["retry-after"] == "1")
            #expect(response.text.hasPrefix("{\"error\":\""))
            #expect(!response.text.contains("disk full"))
            #expect(ingress.observer.accepted.isEmpty)
            #expect(ingress.observer.refused.map(\.refusal.reason) == [reason])
            ingress.inbox.fail(with: nil)
            #expect(try await ingress.post().status == 200)
        }
    }

    @Test func `what was recorded is counted by outcome`() async throws {
        try await withIngress { ingress, _ async throws in
            for _ in 0..<3 { _ = try await ingress.post(headers: ["x-id": "one"]) }
            let text = ingress.metrics.text()
            #expect(
                text.contains("defimon_deliveries_total{outcome=\"accepted\",route=\"alerts\",source=\"test\"} 1\n"))
            #expect(
                text.contains("defimon_deliveries_total{outcome=\"duplicate\",route=\"alerts\",source=\"test\"} 2\n"))
            #expect(text.contains("defimon_delivery_seconds_count{route=\"alerts\",source=\"test\"} 3\n"))
        }
    }
}
