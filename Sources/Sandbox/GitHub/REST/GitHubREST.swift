import Domain
import Foundation

/// GitHub's REST API, version 2022-11-28 (docs.github.com/rest), the part that a deployment bot needs.
struct GitHubREST: Sendable {
    /// Values of `X-GitHub-Api-Version` that are taken.
    static let versions: Set<String> = ["2022-11-28"]

    let world: GitHubWorld
    let authority: GitHubAuthority
    let limit: GitHubRateLimit
    let failures: GitHubStandIn.Failures
    let hooks: GitHubHooks
    let archives: GitHubArchives

    var routes: [GitHubRoute] {
        appRoutes + accountRoutes + repositoryRoutes + pullRoutes + commentRoutes + deploymentRoutes + checkRoutes
            + actionRoutes + statusRoutes + deliveryRoutes
    }

    /// Answers a request of the API.
    func answer(_ request: SandboxRequest, routes: [GitHubRoute]) async -> SandboxAnswer {
        let credential = GitHubAuthority.credential(of: request)
        let actor = credential.flatMap { try? authority.actor($0) }  // who it is not is said below
        let bucket = actor?.bucket ?? "127.0.0.1"
        var answer: SandboxAnswer
        do {
            try check(request)
            answer = try await handle(request, credential: credential, routes)
        } catch let error as GitHubError {
            answer = error.answer
        } catch {
            answer = GitHubError(500, "Server Error: \(error)").answer
        }
        answer = tagged(answer, request)
        // Nothing is taken off for an answer that says "not modified", nor for asking about the limit itself.
        let isFree = answer.status == 304 || request.path == "/rate_limit"
        let standing = limit.count(bucket, cost: isFree ? 0 : 1)
        if standing.used > standing.limit, !isFree {
            answer = GitHubREST.primaryLimit(bucket, reset: standing.reset)
        }
        return headed(answer, standing)
    }

    private func check(_ request: SandboxRequest) throws {
        guard let agent = request.header("user-agent"), !agent.isEmpty else {
            throw GitHubError(
                403,
                "Request forbidden by administrative rules. Please make sure your request has a User-Agent header "
                    + "(https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required).")
        }
        if let version = request.header("x-github-api-version"), !GitHubREST.versions.contains(version) {
            throw GitHubError(400, "Unsupported 'X-GitHub-Api-Version' header: \(version)")
        }
    }

    private func handle(
        _ request: SandboxRequest, credential: String?, _ routes: [GitHubRoute]
    ) async throws -> SandboxAnswer {
        let segments = request.path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        for route in routes where route.method == request.method {
            guard let parameters = route.parameters(of: segments) else { continue }
            let actor = try admit(credential, to: route.access)
            let shape = GitHubShape(api: "http://\(request.host)")
            return try await route.handle(
                GitHubCall(request: request, parameters: parameters, actor: actor, shape: shape))
        }
        throw GitHubError.notFound
    }

    /// Who asks, if such a one may ask that.
    private func admit(_ credential: String?, to access: GitHubRoute.Access) throws -> GitHubActor? {
        if case .app = access {
            guard let credential else { throw GitHubError.badToken }
            try authority.check(appToken: credential)
            return nil
        }
        guard let credential else {
            if case .anybody = access { return nil }
            // A private repository is not there for those who do not say who they are.
            if case .token = access { throw GitHubError.notFound }
            throw GitHubError.requiresAuthentication
        }
        let actor = try authority.actor(credential)
        switch access {
        case .user where actor.app != nil: throw GitHubError.notForApps
        case .installation where actor.app == nil: throw GitHubError(403, "You must authenticate via a GitHub App.")
        default: return actor
        }
    }

    /// Gives the answer a tag, and leaves its body out when the asker has it already.
    private func tagged(_ answer: SandboxAnswer, _ request: SandboxRequest) -> SandboxAnswer {
        guard (200..<300).contains(answer.status), answer.status != 204, !answer.body.isEmpty else { return answer }
        let hash = "\"\(Hex.encode(SHA256Digest.of(answer.body)))\""
        let tag = request.method == "GET" ? "W/\(hash)" : hash
        var answer = answer
        if request.method == "GET", let known = request.header("if-none-match") {
            let tags = known.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            if tags.contains(where: { $0 == tag || $0 == hash }) {
                answer = SandboxAnswer(304)
            }
        }
        answer.headers.append(("ETag", tag))
        return answer
    }

    private func headed(_ answer: SandboxAnswer, _ standing: GitHubRateLimit.Standing) -> SandboxAnswer {
        var answer = answer
        let given = Set(answer.headers.map { $0.0.lowercased() })
        answer.headers += standing.headers.filter { !given.contains($0.0.lowercased()) }
        answer.headers += GitHubREST.commonHeaders
        return answer
    }

    /// Headers of every answer.
    static var commonHeaders: [(String, String)] {
        let id = (0..<5).map { _ in String(UInt16.random(in: 0x1000 ... .max), radix: 16, uppercase: true) }
        return [
            ("Server", "github.com"), ("X-GitHub-Media-Type", "github.v3; format=json"),
            ("X-GitHub-Api-Version-Selected", "2022-11-28"), ("X-GitHub-Request-Id", id.joined(separator: ":")),
            ("Cache-Control", "private, max-age=60, s-maxage=60"),
            ("Vary", "Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding, Accept, X-Requested-With"),
        ]
    }

    static func primaryLimit(_ who: String, reset: Int) -> SandboxAnswer {
        var error = GitHubError(
            403,
            "API rate limit exceeded for \(who). If you reach out to GitHub Support for help, please include the "
                + "request ID and timestamp.")
        error.headers = [
            ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", String(reset)), ("X-RateLimit-Resource", "core"),
        ]
        return error.answer
    }

    static func secondaryLimit(_ status: Int, retryAfter seconds: Int) -> SandboxAnswer {
        var error = GitHubError(
            status,
            "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out "
                + "to GitHub Support for help, please include the request ID.")
        error.headers = [("Retry-After", String(seconds))]
        return error.answer
    }
}

extension GitHubREST {
    /// A list, by pages; empty when that failure is on.
    func list(_ call: GitHubCall, _ items: [JSONValue]) -> SandboxAnswer {
        let isEmpty = failures.takesEmptyList(call.request.method, call.request.path)
        let page = GitHubPage(isEmpty ? [] : items, of: call.request, base: call.shape.api)
        return .json(200, .array(page.items), headers: page.headers)
    }

    /// A list inside an object that also has the number of all.
    func list(_ call: GitHubCall, named name: String, _ items: [JSONValue]) -> SandboxAnswer {
        let items = failures.takesEmptyList(call.request.method, call.request.path) ? [] : items
        let page = GitHubPage(items, of: call.request, base: call.shape.api)
        return .json(
            200, ["total_count": GitHubShape.number(items.count), name: .array(page.items)], headers: page.headers)
    }

    /// 201 with the address of what was made.
    func created(_ members: [String: JSONValue]) -> SandboxAnswer {
        .json(201, .object(members), headers: members["url"]?.stringValue.map { [("Location", $0)] } ?? [])
    }
}
