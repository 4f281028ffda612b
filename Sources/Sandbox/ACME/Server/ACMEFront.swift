import Domain
import Foundation

/// Where every request comes in: failures, the signature, then the method (RFC 8555 §6).
struct ACMEFront: Sendable {
    let api: ACMEAPI
    let watchers: SandboxWatchers
    private let methods: [ACMEMethod]
    private let control: SandboxControl<ACMEFailures>

    init(_ api: ACMEAPI, watchers: SandboxWatchers) {
        self.api = api
        self.watchers = watchers
        methods = api.methods
        let world = api.world
        control = SandboxControl(
            watchers: watchers, failures: { world.failures }, set: { world.failures = $0 },
            refuse: { ACMEProblem($0, "malformed", $1).answer })
    }

    func answer(_ request: SandboxRequest) async throws -> SandboxAnswer {
        if request.path.hasPrefix("/_sandbox/") { return control.answer(request) }
        let segments = request.path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        let found = find(segments)
        let id = found?.method.id ?? open(request, segments) ?? ""
        let isSigned = request.method == "POST"
        let failure = api.world.takeFailure(id, isSigned: isSigned)
        var answer: SandboxAnswer
        if let failure, failure != .resetAfterwards, failure != .badNonce {
            answer = failed(failure)
        } else {
            do {
                answer =
                    try isSigned
                    ? signed(request, found, isBadNonce: failure == .badNonce) : unsigned(request, id, segments, found)
            } catch let problem as ACMEProblem {
                answer = problem.answer
            }
        }
        let isNonce = id == "newNonce"
        if isSigned || isNonce { answer.headers.append(("Replay-Nonce", api.world.makeNonce())) }
        if id != "directory" { answer.headers.append(ACMELinks(host: request.host).index) }
        watchers.tell(exchange(id, request, answer))
        return failure == .resetAfterwards ? .reset : answer
    }

    private func find(_ segments: [String]) -> (method: ACMEMethod, parameters: [String: String])? {
        guard segments.first == "acme" else { return nil }
        for method in methods {
            if let parameters = method.pattern.parameters(of: Array(segments.dropFirst())) {
                return (method, parameters)
            }
        }
        return nil
    }

    /// The name of what is asked for without a signature (§6.3).
    private func open(_ request: SandboxRequest, _ segments: [String]) -> String? {
        switch request.path {
        case "/acme/directory": "directory"
        case "/acme/new-nonce": "newNonce"
        default: segments.starts(with: ["acme", "renewal-info"]) && segments.count == 3 ? "renewalInfo" : nil
        }
    }

    private func unsigned(
        _ request: SandboxRequest, _ id: String, _ segments: [String],
        _ found: (method: ACMEMethod, parameters: [String: String])?
    ) throws -> SandboxAnswer {
        switch (id, request.method) {
        case ("directory", "GET"): return api.directory(ACMELinks(host: request.host))
        case ("newNonce", "HEAD"): return SandboxAnswer(200, headers: [("Cache-Control", "no-store")])
        case ("newNonce", "GET"): return SandboxAnswer(204, headers: [("Cache-Control", "no-store")])
        case ("renewalInfo", "GET"): return try api.renewalInfo(segments[2])
        default: throw id.isEmpty ? ACMEProblem.missing("page") : ACMEProblem(405, "malformed", "wrong method")
        }
    }

    private func signed(
        _ request: SandboxRequest, _ found: (method: ACMEMethod, parameters: [String: String])?, isBadNonce: Bool
    ) throws -> SandboxAnswer {
        guard let (method, parameters) = found else { throw ACMEProblem.missing("page") }
        guard request.mediaType == "application/jose+json" else {
            throw ACMEProblem(415, "malformed", "the Content-Type must be application/jose+json")
        }
        let jws = try ACMESignedRequest(body: request.body)
        guard api.world.use(jws.nonce), !isBadNonce else {
            throw ACMEProblem(400, "badNonce", "the nonce is unknown or was used already")
        }
        try jws.check(url: "http://\(request.host)\(request.path)")
        let (key, account) = try signer(jws, method.signer, ACMELinks(host: request.host))
        try jws.check(signedBy: key)
        return try method.handle(
            ACMECall(request: request, parameters: parameters, signed: jws, key: key, account: account))
    }

    private func signer(
        _ jws: ACMESignedRequest, _ wanted: ACMEMethod.Signer, _ links: ACMELinks
    ) throws -> (ACMEPublicKey, ACMEAccount?) {
        guard let keyID = jws.keyID else {
            guard wanted != .account else { throw ACMEProblem.malformed("the protected header must have kid here") }
            return (try jws.embeddedKey(), nil)
        }
        guard wanted != .newKey else { throw ACMEProblem.malformed("the protected header must have jwk here") }
        let account = api.world.read { state, _ in state.accounts.values.first { links["account/\($0.id)"] == keyID } }
        guard let account else { throw ACMEProblem(400, "accountDoesNotExist", "there is no account \(keyID)") }
        guard !account.isDeactivated else { throw ACMEProblem.unauthorized("the account is deactivated") }
        return (account.key, account)
    }

    private func failed(_ failure: ACMEFailures.Kind) -> SandboxAnswer {
        switch failure {
        case .unavailable:
            SandboxAnswer(
                503, headers: [("Content-Type", "text/html; charset=UTF-8")],
                body: Array("<html><head><title>503 Service Temporarily Unavailable</title></head></html>\n".utf8))
        case .serverInternal: ACMEProblem(500, "serverInternal", "an internal error occurred").answer
        case .rateLimited: ACMEProblem.rateLimited(api.world.failures.retryAfter).answer
        case .reset, .resetAfterwards, .badNonce, .invalidOrder: .reset
        }
    }

    /// With the payload in the place of the body that carries it.
    private func exchange(_ id: String, _ request: SandboxRequest, _ answer: SandboxAnswer) -> SandboxExchange {
        var exchange = SandboxExchange(id, request, answer)
        // What is no JSON is told as nothing.
        if request.method == "POST", let jws = try? ACMESignedRequest(body: request.body) {
            exchange.request = (try? JSONValue(parsing: jws.payload)) ?? .null
        }
        return exchange
    }
}
