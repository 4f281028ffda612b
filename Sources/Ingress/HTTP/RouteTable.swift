import Domain
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// Finds what answers a request. The server's own router answers 404 to a wrong method, and can be told the right
/// answer only for methods that are known beforehand.
struct RouteTable: HTTPResponder {
    typealias Context = ConnectionContext

    /// Requests to paths that nobody serves are counted under this name.
    static let nobody = Source("http")

    private let exact: [String: [Route]]
    private let withParameters: [(segments: [Substring], routes: [Route])]
    private let refusals: RefusalDesk
    /// Answers what no route does; nil: such a path is not there.
    private let everythingElse: (@Sendable (RequestScope) -> Response)?

    init(
        _ routes: [Route], refusals: RefusalDesk, everythingElse: (@Sendable (RequestScope) -> Response)? = nil
    ) {
        let byPath = Dictionary(grouping: routes, by: \.path)
        exact = byPath.filter { !$0.key.contains("{") }
        withParameters = byPath.filter { $0.key.contains("{") }.map { (RouteTable.segments($0.key), $0.value) }
        self.refusals = refusals
        self.everythingElse = everythingElse
    }

    func respond(to request: Request, context: ConnectionContext) async throws -> Response {
        let scope = RequestScope(request: request, channel: context.channel)
        guard let (routes, parameters) = find(scope.path), let first = routes.first else {
            if let everythingElse { return everythingElse(scope) }
            return refusals.answer(Refusal(.notFound, "there is nothing at this path"), RouteTable.nobody, scope)
        }
        let isHead = request.method == .head
        guard let route = routes.first(where: { $0.method == (isHead ? .get : request.method) }) else {
            let allowed = routes.map(\.method.rawValue).sorted().joined(separator: ", ")
            let refusal = Refusal(.methodNotAllowed, "this path takes \(allowed), not \(request.method.rawValue)")
            var response = refusals.answer(refusal, first.source, scope)
            response.headers[.allow] = allowed
            return response
        }
        let response = await route.handler(scope, parameters)
        return isHead ? response.createHeadResponse() : response
    }

    private func find(_ path: String) -> (routes: [Route], parameters: [String: String])? {
        if let routes = exact[path] { return (routes, [:]) }
        guard !withParameters.isEmpty else { return nil }
        let segments = RouteTable.segments(path)
        for (pattern, routes) in withParameters where pattern.count == segments.count {
            if let parameters = RouteTable.match(segments, pattern) { return (routes, parameters) }
        }
        return nil
    }

    private static func match(_ segments: [Substring], _ pattern: [Substring]) -> [String: String]? {
        var parameters: [String: String] = [:]
        for (segment, part) in zip(segments, pattern) {
            if part.hasPrefix("{") {
                parameters[String(part.dropFirst().dropLast())] = String(segment)
            } else if part != segment {
                return nil
            }
        }
        return parameters
    }

    private static func segments(_ path: String) -> [Substring] {
        path.split(separator: "/", omittingEmptySubsequences: false)
    }
}
