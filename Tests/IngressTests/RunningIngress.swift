import Domain
import Foundation
import Ingress
import Logging
import Outbound
import ServiceLifecycle
import TestSupport

/// An ingress on free ports with fakes around it.
struct RunningIngress: Sendable {
    let inbox = FakeInbox()
    let observer = FakeObserver()
    let control = FakeControl()
    let reader = FakeReader()
    let metrics = PrometheusMetricsFactory()
    var http: HTTPSession
    let folder: TemporaryFolder
    var socketName = "bot.sock"
    var port = 0
    var adminPort: Int?
    var challengePort: Int?
    var scheme = "http"

    static let maxBody = 1000

    var socketPath: String { folder.path(socketName) }
    var base: String { "\(scheme)://\(scheme == "http" ? "127.0.0.1" : "localhost"):\(port)" }

    /// The same over TLS, trusting these certificates (PEM) alone.
    func withTLS(trusting chain: String, _ body: (RunningIngress) async throws -> Void) async throws {
        var configuration = HTTPSession.Configuration()
        configuration.trustedCertificates = Array(chain.utf8)
        let session = try HTTPSession(configuration)
        var secure = self
        (secure.http, secure.scheme) = (session, "https")
        let result: Result<Void, any Error>
        do { result = .success(try await body(secure)) } catch { result = .failure(error) }
        await session.shutdown()
        try result.get()
    }

    /// Sends a delivery as it should be, but for what is given.
    func post(
        _ path: String = "/webhooks/test", method: String = "POST", body: [UInt8]? = Array("{}".utf8),
        headers: [String: String?] = [:]
    ) async throws -> HTTPResponse {
        let usual: [String: String?] = ["content-type": "application/json", "x-token": "right"]
        let all = usual.merging(headers) { $1 }.compactMap { name, value in value.map { (name, $0) } }
        return try await http.send(HTTPRequest(method: method, url: base + path, headers: all, body: body))
    }

    func get(_ path: String) async throws -> HTTPResponse {
        try await http.send(HTTPRequest(url: base + path))
    }

    /// The bytes of bodies that are held, as `/metrics` says.
    func heldBytes() async throws -> Int? {
        let lines = try await get("/metrics").text.split(separator: "\n")
        let line = lines.first { $0.hasPrefix("defimon_bodies_in_flight_bytes ") }
        return line.flatMap { Int($0.split(separator: " ")[1]) }
    }

    /// Calls the API through the socket.
    func api(_ method: String, _ path: String, body: String? = nil, user: String? = "alice") async throws
        -> HTTPResponse
    {
        let host = socketPath.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return try await http.send(
            HTTPRequest(
                method: method, url: "http+unix://\(host)\(path)", headers: user.map { [("x-defimon-user", $0)] } ?? [],
                body: body.map { Array($0.utf8) }))
    }

    static var routes: [WebhookRoute] {
        [
            WebhookRoute(
                path: "/webhooks/test", source: Source("test"), name: "alerts", maxBody: maxBody,
                mediaTypes: ["application/json"], verifier: TokenVerifier(),
                inspect: { delivery throws(Refusal) in
                    guard delivery.body.first == UInt8(ascii: "{") else {
                        throw Refusal(.badRequest, "the body is not a JSON object")
                    }
                }),
            WebhookRoute(
                path: "/chat/form", source: Source("form"), name: "commands", maxBody: maxBody,
                mediaTypes: ["application/x-www-form-urlencoded"], verifier: TokenVerifier(),
                isProbe: { $0.body == Array("ssl_check=1".utf8) },
                reply: { $0.body == Array("form=bad".utf8) ? ["errors": "bad"] : nil }),
        ]
    }

    func server(
        limits: Limits, hasAdmin: Bool, challenges: ChallengeAnswers? = nil, hasChallengeListener: Bool = false,
        tls: ServedCertificate? = nil
    ) -> IngressServer {
        let redactor = Redactor()
        redactor.add(Secret("hunter-two-22"))
        return IngressServer(
            routes: RunningIngress.routes, inbox: inbox, observer: observer, control: control, reader: reader,
            settings: IngressSettings(
                listen: ListenAddress(host: "127.0.0.1", port: port),
                adminListen: hasAdmin ? ListenAddress(host: "127.0.0.1", port: 0) : nil,
                challengeListen: hasChallengeListener ? ListenAddress(host: "127.0.0.1", port: 0) : nil, tls: tls,
                socketPath: socketPath, limits: limits),
            time: VirtualTime(), redactor: redactor, metrics: metrics,
            pages: [Page(path: "/about", contentType: "text/plain") { Array("about".utf8) }], challenges: challenges,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }
}

/// Runs an ingress for the time of `body`; `stop` may be called earlier.
func withIngress(
    limits: Limits = Limits(), hasAdmin: Bool = false, challenges: ChallengeAnswers? = nil,
    hasChallengeListener: Bool = false, tls: ServedCertificate? = nil,
    _ body: (RunningIngress, _ stop: @Sendable () async -> Void) async throws -> Void
) async throws {
    var ingress = RunningIngress(http: try HTTPSession(), folder: try TemporaryFolder())
    let server = ingress.server(
        limits: limits, hasAdmin: hasAdmin, challenges: challenges, hasChallengeListener: hasChallengeListener, tls: tls
    )
    let group = ServiceGroup(
        configuration: .init(services: [server], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        let bound = try await server.addresses.bound
        ingress.port = bound.listen?.port ?? 0
        ingress.adminPort = bound.adminListen?.port
        ingress.challengePort = bound.challengeListen?.port
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(ingress, { await group.triggerGracefulShutdown() }))
        } catch {
            result = .failure(error)
        }
        ingress.inbox.openGate()
        await ingress.http.shutdown()
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        try result.get()
    }
}
