import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle
import Synchronization

/// What a test's server was asked.
struct Asked: Sendable {
    var method: String
    var path: String
    var query: [String: String]
    var headers: [String: String]
    var body: [UInt8]

    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
}

/// What it answers.
enum Reply: Sendable {
    case json(JSONValue, status: Int = 200, headers: [String: String] = [:])
    case text(String, status: Int = 200, headers: [String: String] = [:])
    /// Parts that are sent one after the other; then the body ends, is cut off, or stays open until the client goes.
    case stream([String], end: End)

    enum End: Sendable {
        case whole, cut, open
    }

    static func failure(_ status: Int, _ reason: String, _ message: String = "no", causes: [JSONValue] = []) -> Reply {
        .json(
            [
                "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": .string(reason),
                "message": .string(message), "code": .int(Int64(status)), "details": ["causes": .array(causes)],
            ], status: status)
    }
}

/// Runs a server on a loopback port (0: a free one) while `body` runs; `respond` answers every request. With TLS it may
/// offer HTTP/2.
func withServer<Value: Sendable>(
    tls: TLSConfiguration? = nil, http2: Bool = false, port wanted: Int = 0,
    _ respond: @escaping @Sendable (Asked) async throws -> Reply,
    _ body: @escaping @Sendable (_ port: Int) async throws -> Value
) async throws -> Value {
    let (ports, found) = AsyncStream<Int>.makeStream()
    let responder = CallbackResponder<BasicRequestContext> { request, _ in
        try await TestServer.answer(request, respond)
    }
    let server: HTTPServerBuilder =
        try tls.map { http2 ? try .http2Upgrade(tlsConfiguration: $0) : try .tls(.http1(), tlsConfiguration: $0) }
        ?? .http1()
    let application = Application(
        responder: responder, server: server, configuration: .init(address: .hostname("127.0.0.1", port: wanted)),
        onServerRunning: { channel in found.yield(channel.localAddress?.port ?? 0) },
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    // Ended in good order: a server that is cancelled between two connections may end in a trap of NIO.
    let group = ServiceGroup(
        configuration: .init(
            services: [.init(service: application)], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    async let running: Void = group.run()
    var iterator = ports.makeAsyncIterator()
    let port = await iterator.next() ?? 0
    let outcome: Result<Value, any Error>
    do { outcome = .success(try await body(port)) } catch { outcome = .failure(error) }
    await group.triggerGracefulShutdown()
    try await running
    return try outcome.get()
}

private enum TestServer {
    struct CutOff: Error {}

    static func answer(_ request: Request, _ respond: @Sendable (Asked) async throws -> Reply) async throws -> Response
    {
        var request = request
        let bytes = try await request.collectBody(upTo: 16 * 1024 * 1024)
        let items = URLComponents(string: "http://x" + request.uri.string)?.queryItems ?? []
        let asked = Asked(
            method: request.method.rawValue, path: request.uri.path,
            query: Dictionary(items.map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 }),
            headers: Dictionary(
                request.headers.map { ($0.name.canonicalName, $0.value) }, uniquingKeysWith: { $1 }),
            body: Array(bytes.readableBytesView))
        switch try await respond(asked) {
        case .json(let value, let status, let headers):
            return response(value.canonicalText, status, headers.merging(["Content-Type": "application/json"]) { $1 })
        case .text(let text, let status, let headers): return response(text, status, headers)
        case .stream(let parts, let end):
            return Response(
                status: .ok,
                body: ResponseBody { writer in
                    for part in parts { try await writer.write(ByteBuffer(string: part)) }
                    switch end {
                    case .whole: try await writer.finish(nil)
                    case .cut: throw CutOff()
                    case .open:
                        try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(3600)) }
                        throw CutOff()
                    }
                })
        }
    }

    private static func response(_ text: String, _ status: Int, _ headers: [String: String]) -> Response {
        var fields = HTTPFields()
        for (name, value) in headers { if let field = HTTPField.Name(name) { fields[field] = value } }
        return Response(
            status: .init(code: status), headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}

/// Remembers what happened, in order.
final class Recorder<Element: Sendable>: Sendable {
    private let state = Mutex<[Element]>([])

    /// Adds one and says how many came before.
    @discardableResult
    func add(_ element: Element) -> Int {
        state.withLock {
            $0.append(element)
            return $0.count - 1
        }
    }

    var all: [Element] { state.withLock { $0 } }
}
