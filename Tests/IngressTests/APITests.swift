import Domain
import Foundation
import Outbound
import TestSupport
import Testing

/// The API on the socket.
@Suite struct APITests {
    @Test func `a command line is run as the user who sent it`() async throws {
        try await withIngress { ingress, _ async throws in
            let response = try await ingress.api(
                "POST", "/api/v1/run", body: #"{"text":"deploy analytics","idempotency_key":"k1"}"#)
            #expect(response.status == 200)
            #expect(
                response.text
                    == #"{"is_accepted":true,"job_id":7,"mood":"running","text":"Job 7: deploy analytics\nthe secret is <secret>"}"#
                    + "\n")
            #expect(
                ingress.control.calls == [
                    .init(
                        name: "run", text: "deploy analytics", identity: Identity(channel: "cli", userID: "alice"),
                        key: "k1")
                ])
        }
    }

    @Test func `jobs are cancelled and retried by number`() async throws {
        try await withIngress { ingress, _ async throws in
            let cancelled = try await ingress.api("POST", "/api/v1/jobs/42/cancel")
            #expect(cancelled.text == "{\"message\":\"job 42 is asked to stop\"}\n")
            let again = try await ingress.api("POST", "/api/v1/jobs/42/retry")
            #expect(again.text == "{\"is_accepted\":true,\"job_id\":43,\"mood\":\"running\",\"text\":\"again\"}\n")
            #expect(ingress.control.calls.map(\.name) == ["cancel", "retry"])
            #expect(ingress.control.calls.allSatisfy { $0.identity?.userID == "alice" && $0.text == "42" })
        }
    }

    @Test func `a reload says what kept the old definitions`() async throws {
        try await withIngress { ingress, _ async throws in
            let good = try await ingress.api("POST", "/api/v1/reload")
            #expect(good.text == "{\"is_loaded\":true,\"problems\":[]}\n")
            ingress.control.find([Problem("it is wrong", at: .none, fix: "make it right")])
            let bad = try await ingress.api("POST", "/api/v1/reload")
            #expect(bad.status == 200)
            #expect(bad.text == "{\"is_loaded\":false,\"problems\":[\"error: it is wrong; make it right\"]}\n")
        }
    }

    @Test func `waiting jobs come in their order with the reason`() async throws {
        try await withIngress { ingress, _ async throws in
            let response = try await ingress.api("GET", "/api/v1/queue")
            #expect(
                response.text
                    == #"{"queue":[{"command_line":"deploy ml","id":3,"reason":"job 2 holds pool/ml","requester":"alice","since":"1970-01-01T00:00:01.000001Z"}]}"#
                    + "\n")
        }
    }

    @Test func `jobs are listed by what was asked`() async throws {
        try await withIngress { ingress, _ async throws in
            let response = try await ingress.api(
                "GET", "/api/v1/jobs?state=running&state=timed-out&command=preview%20create&before=100&limit=1")
            let page = try ListingJSON.decode(JobPage.self, from: response.body)
            #expect(page.jobs == [JobListing(FakeReader.job)])
            #expect(page.nextBefore == 42)
            let filter = try #require(ingress.reader.asked.jobs)
            #expect(filter.states == [.running, .timedOut])
            #expect(filter.command == "preview create")
            #expect(filter.before == 100)
            #expect(filter.limit == 1)
        }
    }

    @Test func `a job comes with its steps and reports, and without the address of a private answer`() async throws {
        try await withIngress { ingress, _ async throws in
            let response = try await ingress.api("GET", "/api/v1/jobs/42")
            #expect(response.status == 200)
            let expected = try String(
                contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(
                    path: "Fixtures/job-42.json"),
                encoding: .utf8)
            #expect(response.text == expected)
            #expect(!response.text.contains("hooks.example"))
        }
    }

    @Test func `an event comes with what each rule made of it, and without private places`() async throws {
        try await withIngress { ingress, _ async throws in
            let response = try await ingress.api("GET", "/api/v1/events/5")
            #expect(
                response.text
                    == #"{"attributes":{"text":"deploy analytics"},"content_key":"k","delivery_row_id":4,"explanation":[{"outcome":"no match","rule":"r"}],"id":5,"identity":"slack:U1","kind":"command","occurred_at":"2026-09-21T14:13:20.000123Z","repeats":1,"source":"slack","subject":"/defimon deploy analytics","text":"deploy analytics"}"#
                    + "\n")
            let page = try ListingJSON.decode(
                EventPage.self, from: try await ingress.api("GET", "/api/v1/events?limit=1").body)
            #expect(page.events.map(\.id) == [5])
        }
    }

    @Test func `audit records are listed by what was asked, and pass the redactor`() async throws {
        try await withIngress { ingress, _ async throws in
            let response = try await ingress.api(
                "GET",
                "/api/v1/audit?actor=alice&kind=job.&subject=job/42&since=2026-09-21T14:00:00Z&before=10&limit=5&job=42&command=deploy&pool=analytics&until=2026-09-21T15:00:00Z"
            )
            #expect(
                response.text
                    == #"{"records":[{"actor":"alice","detail":{"n":1,"token":"<secret>"},"hash":"bb","kind":"job.started","previous_hash":"aa","sequence":9,"subject":"job/42","time":"2026-09-21T14:13:20.000123Z"}]}"#
                    + "\n")
            let filter = try #require(ingress.reader.asked.audit)
            #expect(filter.actor == "alice")
            #expect(filter.kind == "job.")
            #expect(filter.subject == "job/42")
            #expect(filter.since == Date(rfc3339: "2026-09-21T14:00:00Z"))
            #expect(filter.until == Date(rfc3339: "2026-09-21T15:00:00Z"))
            #expect(filter.job == 42)
            #expect(filter.command == "deploy")
            #expect(filter.pool == "analytics")
            #expect(filter.before == 10)
            #expect(filter.limit == 5)
        }
    }

    @Test func `readiness is told`() async throws {
        try await withIngress { ingress, _ async throws in
            ingress.control.notReady(["no definitions are loaded"])
            let response = try await ingress.api("GET", "/api/v1/ready")
            #expect(response.status == 200)
            #expect(response.text == "{\"is_ready\":false,\"reasons\":[\"no definitions are loaded\"]}\n")
        }
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        var method = "GET"
        var path: String
        var body: String?
        var user: String? = "alice"
        var status = 400
        var error: String
        var testDescription: String { "\(method) \(path) \(body ?? "")" }
    }

    static let wrongs = [
        Wrong(path: "/api/v1/jobs/43", status: 404, error: "there is no job 43"),
        Wrong(path: "/api/v1/events/6", status: 404, error: "there is no event 6"),
        Wrong(path: "/api/v1/jobs/x", error: "the number of the job must be a whole number from 1, not 'x'"),
        Wrong(
            path: "/api/v1/jobs?state=gone",
            error:
                "there is no state 'gone'; there are: held, waiting-confirmation, waiting-approval, queued, running, "
                + "verifying, succeeded, failed, cancelled, timed-out, denied, expired, superseded, unknown"),
        Wrong(path: "/api/v1/jobs?limit=0", error: "'limit' must be a whole number from 1, not '0'"),
        Wrong(path: "/api/v1/jobs?limit=1001", error: "'limit' must be at most 1000, not 1001"),
        Wrong(
            path: "/api/v1/jobs?sate=held",
            error: "there is no 'sate' to ask by; there are: state, command, event, before, limit"),
        Wrong(
            path: "/api/v1/audit?since=yesterday",
            error: "'since' must be a time like 2026-09-21T14:13:20Z, not 'yesterday'"),
        Wrong(path: "/api/v1/nothing", status: 404, error: "there is nothing at this path"),
        Wrong(path: "/webhooks/test", status: 404, error: "there is nothing at this path"),
        Wrong(path: "/api/v1/run", status: 405, error: "this path takes POST, not GET"),
        Wrong(
            method: "POST", path: "/api/v1/run", body: "[]",
            error: "the body must be JSON with the members that this call takes"),
        Wrong(
            method: "POST", path: "/api/v1/run", body: #"{"text":"help"}"#, user: nil,
            error: "the header x-defimon-user must name the user of this machine who asks"),
        Wrong(
            method: "POST", path: "/api/v1/run", body: String(repeating: " ", count: 65_537), status: 413,
            error: "the body is larger than 65536 bytes"),
    ]

    @Test(arguments: wrongs) func `a call that cannot be answered says why in one line`(_ wrong: Wrong) async throws {
        try await withIngress { ingress, _ async throws in
            let response = try await ingress.api(wrong.method, wrong.path, body: wrong.body, user: wrong.user)
            #expect(response.status == wrong.status)
            #expect(response.text == "{\"error\":\"\(wrong.error)\"}\n")
            #expect(ingress.control.calls.isEmpty)
            #expect(ingress.observer.refused.isEmpty, "calls of the API are no refused deliveries")
        }
    }

    @Test(arguments: [
        (ControlError.notFound("there is no job 42"), 404), (.refused("you need the role operator"), 403),
        (.unavailable("the bot is shutting down"), 503),
    ]) func `the bot's own no has its status`(_ error: ControlError, _ status: Int) async throws {
        try await withIngress { ingress, _ async throws in
            ingress.control.fail(with: error)
            let response = try await ingress.api("POST", "/api/v1/jobs/42/cancel")
            #expect(response.status == status)
            #expect(response.text.hasPrefix("{\"error\":\""))
        }
    }

    @Test func `a ledger that cannot answer is 503`() async throws {
        try await withIngress { ingress, _ async throws in
            ingress.reader.fail(with: .unavailable("disk I/O error"))
            let response = try await ingress.api("GET", "/api/v1/jobs")
            #expect(response.status == 503)
            #expect(response.text == "{\"error\":\"the ledger cannot answer: disk I/O error\"}\n")
        }
    }
}
