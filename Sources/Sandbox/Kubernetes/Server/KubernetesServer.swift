import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// From Hummingbird's requests to the API and back, with the failures that are switched on.
struct KubernetesServer: Sendable {
    /// Kubernetes' own bound of a request body, in bytes.
    static let maxBody = 3 * 1024 * 1024

    let api: KubernetesAPI
    let store: ClusterStore
    let time: any TimeSource
    let failures: FailureSwitch
    let counter: RequestCounter
    let control: ControlRoutes
    let bearerToken: Secret?
    let access: AccessControl
    let bookmarkInterval: Duration

    func respond(to request: Request) async -> Response {
        do {
            return try await served(request)
        } catch let status as KubernetesStatus {
            return response(status)
        } catch {
            return response(.internalError("\(error)"))
        }
    }

    private func served(_ request: Request) async throws -> Response {
        var headers: [String: String] = [:]
        for field in request.headers {
            let name = field.name.canonicalName
            headers[name] = headers[name].map { "\($0),\(field.value)" } ?? field.value
        }
        let parsed = KubernetesRequest(
            method: request.method.rawValue, uri: request.uri.string, headers: headers,
            body: try await body(of: request))
        if parsed.path.hasPrefix("/_sandbox/") { return response(try control.answer(parsed)) }
        counter.count(parsed, store.read { $0.kinds })
        let slow = failures.current.slow
        if slow > 0 { try await time.sleep(for: .milliseconds(slow)) }
        var isCut = false
        switch failures.takeFate() {
        case .served: break
        case .tooManyRequests(let seconds): throw KubernetesStatus.tooManyRequests(retryAfterSeconds: seconds)
        case .internalError: throw KubernetesStatus.internalError("a failure of the sandbox is switched on")
        case .cut: isCut = true
        }
        try authorize(parsed)
        return response(try api.answer(parsed), request, isCut: isCut)
    }

    private func body(of request: Request) async throws -> [UInt8] {
        if ["GET", "HEAD"].contains(request.method.rawValue) { return [] }
        do {
            return Array(buffer: try await request.body.collect(upTo: KubernetesServer.maxBody))
        } catch is NIOTooManyBytesError {
            throw KubernetesStatus.tooLarge(KubernetesServer.maxBody)
        }
    }

    private func authorize(_ request: KubernetesRequest) throws {
        if let user = access.user(request) { return try access.check(request, by: user) }
        guard let bearerToken, !["/livez", "/readyz", "/healthz", "/version"].contains(request.path) else { return }
        let given = request.headers["authorization"] ?? ""
        guard given.hasPrefix("Bearer "),
            ConstantTime.equals(Array(given.dropFirst(7).utf8), Array(bearerToken.reveal().utf8))
        else {
            throw KubernetesStatus.unauthorized
        }
    }

    private func response(_ status: KubernetesStatus) -> Response {
        var response = response(.json(status.code, status.json))
        for (name, value) in status.headers {
            if let name = HTTPField.Name(name) { response.headers[name] = value }
        }
        return response
    }

    private func response(_ answer: KubernetesAnswer) -> Response {
        switch answer {
        case .json(let code, let value, let type):
            Response(
                status: .init(code: code), headers: [.contentType: type],
                body: .init(byteBuffer: ByteBuffer(string: value.canonicalText + "\n")))
        case .text(let text):
            Response(
                status: .ok, headers: [.contentType: "text/plain"], body: .init(byteBuffer: ByteBuffer(string: text)))
        case .watch, .log: response(.internalError("a stream is answered with its request"))
        }
    }

    private func response(_ answer: KubernetesAnswer, _ request: Request, isCut: Bool) -> Response {
        switch answer {
        case .watch(let watch):
            let stream = WatchStream(
                request: watch, store: store, time: time, bookmarkInterval: bookmarkInterval, isCut: isCut,
                expires: failures.takeExpiry())
            return Response(
                status: .ok, headers: [.contentType: "application/json"],
                body: streaming(request) {
                    try await stream.run(&$0)
                })
        case .log(let log):
            let stream = LogStream(request: log, store: store, isCut: isCut)
            return Response(
                status: .ok, headers: [.contentType: "text/plain"],
                body: streaming(request) {
                    try await stream.run(&$0)
                })
        case .json(let code, let value, let type) where isCut:
            let text = value.canonicalText
            let body = ResponseBody(contentLength: text.utf8.count) { writer in
                try await writer.write(ByteBuffer(bytes: text.utf8.prefix(text.utf8.count / 2)))
                throw CancellationError()  // the server closes a connection whose answer broke off
            }
            return Response(status: .init(code: code), headers: [.contentType: type], body: body)
        default: return response(answer)
        }
    }

    /// A body that ends when the client goes: a watch that nobody reads any more must not stay.
    private func streaming(
        _ request: Request, _ run: @escaping @Sendable (inout any ResponseBodyWriter) async throws -> Void
    ) -> ResponseBody {
        ResponseBody { writer in
            let shared = writer
            try await request.body.consumeWithCancellationOnInboundClose { _ in
                var writer = shared
                try await run(&writer)
            }
            try await writer.finish(nil)
        }
    }
}
