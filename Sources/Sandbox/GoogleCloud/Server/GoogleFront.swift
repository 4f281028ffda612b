import Domain
import Foundation

/// Where every request comes in: failures, tokens, permissions, then the method.
struct GoogleFront: Sendable {
    let world: GoogleWorld
    let tokens: GoogleTokens
    let configuration: GoogleCloudStandIn.Configuration
    let watchers: SandboxWatchers
    private let services: [(root: String, methods: [GoogleMethod])]
    private let issuing: GoogleTokenEndpoints
    private let metadata: GoogleMetadataServer
    private let control: SandboxControl<GoogleCloudFailures>

    init(
        world: GoogleWorld, tokens: GoogleTokens, configuration: GoogleCloudStandIn.Configuration,
        watchers: SandboxWatchers
    ) {
        self.world = world
        self.tokens = tokens
        self.configuration = configuration
        self.watchers = watchers
        services = [
            ("/compute/v1/", ComputeAPI(world: world).methods), ("/dns/v1/", DNSAPI(world: world).methods),
            ("/v1/", ContainerAPI(world: world, access: configuration.cluster).methods),
        ]
        issuing = GoogleTokenEndpoints(tokens: tokens, configuration: configuration, time: world.time)
        metadata = GoogleMetadataServer(tokens: tokens, configuration: configuration)
        control = SandboxControl(
            watchers: watchers, failures: { world.failures }, set: { world.failures = $0 },
            refuse: { GoogleError($0, $0 == 404 ? "notFound" : "invalid", $1).answer(.reasons) })
    }

    func answer(_ request: SandboxRequest) async throws -> SandboxAnswer {
        if request.path.hasPrefix("/_sandbox/") { return control.answer(request) }
        let found = method(request)
        let id = found?.method.id ?? issuing.methodID(request) ?? ""
        let (failure, delay) = world.takeFailure(id)
        if delay > 0 { try await world.time.sleep(for: .milliseconds(delay)) }
        var answer: SandboxAnswer
        if let failure, failure != .resetAfterwards {
            answer = GoogleFront.failed(failure, found?.method.style ?? .reasons)
        } else {
            answer = await normal(request, found)
        }
        watchers.tell(SandboxExchange(id, request, answer))
        if failure == .resetAfterwards { answer = .reset }
        return answer
    }

    private func method(_ request: SandboxRequest) -> (method: GoogleMethod, parameters: [String: String])? {
        for service in services where request.path.hasPrefix(service.root) {
            let segments = request.path.dropFirst(service.root.count).split(separator: "/")
                .map { $0.removingPercentEncoding ?? String($0) }
            for method in service.methods where method.verb == request.method {
                if let parameters = method.parameters(of: segments) { return (method, parameters) }
            }
        }
        return nil
    }

    private func normal(
        _ request: SandboxRequest, _ found: (method: GoogleMethod, parameters: [String: String])?
    ) async -> SandboxAnswer {
        guard let (method, parameters) = found else {
            return issuing.answer(request) ?? metadata.answer(request) ?? GoogleFront.nothing(request)
        }
        do {
            guard let token = request.bearerToken, let grant = tokens.grant(of: token) else {
                throw GoogleError.unauthenticated
            }
            let call = try GoogleCall(request, method, parameters, grant, now: world.time.now)
            try check(call)
            var answer = try await method.handle(call)
            if let mask = request.query("fields"), answer.status == 200 {
                let fields = try GoogleFields(mask)
                answer = .json(200, fields.cut(try JSONValue(parsing: answer.body)))
            }
            return answer
        } catch let error as GoogleError {
            return error.answer(method.style)
        } catch {
            return GoogleError(500, "backendError", "Internal error: \(error)").answer(method.style)
        }
    }

    /// The caller has every permission, and the places exist.
    private func check(_ call: GoogleCall) throws {
        let denied = world.failures.denied
        for permission in call.method.permissions(call) {
            let isHeld = call.grant.permissions?.contains(permission.name) ?? true
            guard isHeld, !denied.contains(permission.name) else {
                throw call.method.style == .reasons
                    ? GoogleError.forbidden(permission.name, on: permission.resource)
                    : GoogleError.denied(permission.name, on: permission.resource)
            }
        }
        // Images of everybody are in projects of their own.
        let isRead = call.method.id.hasPrefix("compute.images.")
        guard isRead || call.project.isEmpty || call.project == configuration.project else {
            throw GoogleError.notFound("projects/\(call.project)")
        }
        try check(place: call)
    }

    private func check(place call: GoogleCall) throws {
        guard call.method.id.hasPrefix("compute."), !call.method.id.hasPrefix("compute.zones."),
            !call.method.id.hasPrefix("compute.regions.")
        else { return }
        if let zone = call.parameters["zone"], !configuration.regions.values.contains(where: { $0.contains(zone) }) {
            throw GoogleError.invalid("zone", zone, "Unknown zone.")
        }
        if let region = call.parameters["region"], configuration.regions[region] == nil {
            throw GoogleError.invalid("region", region, "Unknown region.")
        }
    }

    private static func nothing(_ request: SandboxRequest) -> SandboxAnswer {
        SandboxAnswer(
            404, headers: [("Content-Type", "text/html; charset=UTF-8")],
            body: Array(
                "<!DOCTYPE html><title>Error 404 (Not Found)!!1</title><p>The requested URL was not found on this server.\n"
                    .utf8))
    }

    private static func failed(_ failure: GoogleCloudFailures.Kind, _ style: GoogleError.Style) -> SandboxAnswer {
        switch failure {
        case .reset, .resetAfterwards: .reset
        case .internalError: GoogleError(500, "internalError", "Internal Error").answer(style)
        case .badGateway:
            SandboxAnswer(
                502, headers: [("Content-Type", "text/html; charset=UTF-8")],
                body: Array("<!DOCTYPE html><title>Error 502 (Server Error)!!1</title>\n".utf8))
        case .unavailable: GoogleError.backend.answer(style)
        case .unauthorized: GoogleError.unauthenticated.answer(style)
        case .rateLimit: GoogleError.rateLimit.answer(style)
        case .tooManyRequests: GoogleError.tooManyRequests(retryAfter: 1).answer(style)
        }
    }
}
