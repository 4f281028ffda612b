import Domain
import Foundation

/// Where every request comes in: the rate limit, failures, the token, then the method.
struct HetznerFront: Sendable {
    let world: HetznerWorld
    let configuration: HetznerStandIn.Configuration
    let watchers: SandboxWatchers
    private let limit: HetznerRateLimit
    private let methods: [HetznerMethod]
    private let control: SandboxControl<HetznerFailures>

    init(world: HetznerWorld, configuration: HetznerStandIn.Configuration, watchers: SandboxWatchers) {
        self.world = world
        self.configuration = configuration
        self.watchers = watchers
        limit = HetznerRateLimit(configuration.requestsAnHour)
        methods = HetznerAPI(world: world).methods
        control = SandboxControl(
            watchers: watchers, failures: { world.failures }, set: { world.failures = $0 },
            refuse: { HetznerError($0, $0 == 404 ? "not_found" : "invalid_input", $1).answer })
    }

    func answer(_ request: SandboxRequest) async throws -> SandboxAnswer {
        if request.path.hasPrefix("/_sandbox/") { return control.answer(request) }
        let candidates = candidates(request)
        let found = candidates.first { $0.method.verb == request.method }
        let id = found?.method.id ?? ""
        let (failure, delay) = world.takeFailure(id, isChange: request.method != "GET")
        if delay > 0 { try await world.time.sleep(for: .milliseconds(delay)) }
        let now = world.time.now
        let (headers, isOver) = limit.take(now)
        var answer: SandboxAnswer
        if isOver {
            answer = HetznerError.rateLimit(limit.limit).answer
        } else if let failure, failure != .resetAfterwards {
            answer = failed(failure)
        } else {
            answer = normal(request, found, isPath: !candidates.isEmpty)
        }
        answer.headers += failure == .rateLimited ? limit.exhausted(now) : headers
        answer.headers.append(("X-Correlation-Id", HetznerFront.correlation()))
        watchers.tell(SandboxExchange(id, request, answer))
        return failure == .resetAfterwards ? .reset : answer
    }

    /// Methods whose path it is, whichever the verb.
    private func candidates(_ request: SandboxRequest) -> [(method: HetznerMethod, parameters: [String: String])] {
        guard request.path.hasPrefix("/v1/") else { return [] }
        let segments = request.path.dropFirst(4).split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        return methods.compactMap { method in
            method.pattern.parameters(of: segments).map { (method, $0) }
        }
    }

    private func normal(
        _ request: SandboxRequest, _ found: (method: HetznerMethod, parameters: [String: String])?, isPath: Bool
    ) -> SandboxAnswer {
        do {
            guard let token = request.bearerToken, configuration.tokens.contains(where: { $0.reveal() == token }) else {
                throw HetznerError.unauthorized
            }
            guard let (method, parameters) = found else {
                throw isPath ? HetznerError.noMethod : HetznerError(404, "not_found", "page not found")
            }
            return try method.handle(HetznerCall(request, parameters))
        } catch let error as HetznerError {
            return error.answer
        } catch {
            return HetznerError(500, "server_error", "an internal error occurred: \(error)").answer
        }
    }

    private func failed(_ failure: HetznerFailures.Kind) -> SandboxAnswer {
        switch failure {
        case .reset, .resetAfterwards: .reset
        case .serverError: HetznerError.serverError.answer
        case .badGateway:
            SandboxAnswer(
                502, headers: [("Content-Type", "text/html; charset=UTF-8")],
                body: Array("<html><head><title>502 Bad Gateway</title></head></html>\n".utf8))
        case .unavailable: HetznerError.unavailable.answer
        case .timeout: HetznerError.timeout.answer
        case .unauthorized: HetznerError.unauthorized.answer
        case .rateLimited: HetznerError.rateLimit(limit.limit).answer
        case .locked: HetznerError(423, "locked", "resource is locked").answer
        case .conflict: HetznerError.conflict.answer
        case .maintenance: HetznerError.maintenance.answer
        case .readOnly: HetznerError.readOnly.answer
        }
    }

    private static func correlation() -> String {
        String((0..<16).map { _ in "0123456789abcdef".randomElement() ?? "0" })
    }
}
