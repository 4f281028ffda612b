import Domain
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging

/// The API of a running bot, `/api/v1/…`, on its Unix socket. Who may open the socket is believed to be who the client
/// says; the socket's permissions are the proof.
struct ControlAPI: Sendable {
    /// Names the user of the machine who asks.
    static let userHeader = "x-defimon-user"
    /// The largest request, in bytes.
    static let maxBody = 64 * 1024

    private static let source = Source("cli")

    let control: any BotControl
    let reader: any LedgerReader
    let redactor: Redactor
    let bodies: BodiesInFlight
    let logger: Logger

    var routes: [Route] {
        [
            route(.post, "/api/v1/run", run),
            route(.post, "/api/v1/reload") { _ in ReloadListing(await control.reload()) },
            route(.post, "/api/v1/jobs/{id}/cancel") { call in
                MessageListing(message: try await control.cancel(call.id("job"), by: call.identity()))
            },
            route(.post, "/api/v1/jobs/{id}/retry") { call in
                RunListing(try await control.retry(call.id("job"), by: call.identity()))
            },
            route(.get, "/api/v1/ready") { _ in ReadyListing(reasons: await control.notReadyReasons()) },
            route(.get, "/api/v1/queue") { _ in QueueListing(await control.queue()) },
            route(.get, "/api/v1/jobs", jobs),
            route(.get, "/api/v1/jobs/{id}", job),
            route(.get, "/api/v1/events", events),
            route(.get, "/api/v1/events/{id}", event),
            route(.get, "/api/v1/audit", audit),
        ]
    }

    private func run(_ call: APICall) async throws -> RunListing {
        let request: RunRequest = try await call.body(bodies)
        return RunListing(
            try await control.run(request.text, as: call.identity(), idempotencyKey: request.idempotencyKey))
    }

    private func jobs(_ call: APICall) async throws -> JobPage {
        let query = try call.query(["state", "command", "event", "before", "limit"])
        let filter = JobFilter(
            states: try query.states("state"), command: query["command"], eventID: try query.number("event"),
            before: try query.number("before"), limit: try query.limit())
        return JobPage(try await reader.jobs(filter), limit: filter.limit)
    }

    private func job(_ call: APICall) async throws -> JobDetails {
        let id = try call.id("job")
        guard let job = try await reader.job(id: id) else { throw APIFailure.notFound("there is no job \(id)") }
        return JobDetails(
            job: job, steps: try await reader.steps(jobID: id), reports: try await reader.outbox(subject: "job/\(id)"))
    }

    private func events(_ call: APICall) async throws -> EventPage {
        let query = try call.query(["before", "limit"])
        let limit = try query.limit()
        return EventPage(try await reader.events(limit: limit, before: query.number("before")), limit: limit)
    }

    private func event(_ call: APICall) async throws -> EventListing {
        let id = try call.id("event")
        guard let event = try await reader.event(id: id) else { throw APIFailure.notFound("there is no event \(id)") }
        return EventListing(event)
    }

    private func audit(_ call: APICall) async throws -> AuditPage {
        let query = try call.query([
            "actor", "kind", "subject", "job", "command", "pool", "since", "until", "before", "limit",
        ])
        let filter = AuditFilter(
            actor: query["actor"], kind: query["kind"], subject: query["subject"], job: try query.number("job"),
            command: query["command"], pool: query["pool"], since: try query.time("since"),
            until: try query.time("until"), before: try query.number("before"), limit: try query.limit())
        return AuditPage(try await reader.audit(filter), limit: filter.limit)
    }

    private func route(
        _ method: HTTPRequest.Method, _ path: String,
        _ answer: @escaping @Sendable (APICall) async throws -> some Encodable & Sendable
    ) -> Route {
        Route(method: method, path: path, source: ControlAPI.source) { scope, parameters in
            do {
                let listing = try await answer(APICall(scope: scope, parameters: parameters))
                let json = try JSONValue(parsing: ListingJSON.encode(listing))
                return Answer.json(redactor.redact(json))
            } catch {
                if scope.hasBody { scope.stopReading() }
                let failure = APIFailure(error)
                if failure.isOurs {
                    logger.error("A call of the API failed", metadata: ["path": "\(path)", "error": "\(error)"])
                }
                return Answer.error(redactor.redact(failure.message), status: failure.status)
            }
        }
    }
}
