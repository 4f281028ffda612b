import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle

/// An HTTP/1.1 server of a stand-in, usually plain and on a free port of the loopback address. One closure answers all
/// requests; it may also cut the connection, as broken systems do.
struct SandboxServer: Service {
    /// The largest request body, in bytes; larger ones get 413.
    static let maxBody = 8 * 1024 * 1024

    let name: String
    let host: String
    let requestedPort: Int
    private let tls: TLSConfiguration?
    private let listening = ListeningPort()
    private let respond: @Sendable (SandboxRequest) async throws -> SandboxAnswer

    init(
        _ name: String, host: String = "127.0.0.1", port: Int = 0, tls: TLSConfiguration? = nil,
        respond: @escaping @Sendable (SandboxRequest) async throws -> SandboxAnswer
    ) {
        self.name = name
        self.host = host
        requestedPort = port
        self.tls = tls
        self.respond = respond
    }

    /// The port it listens on; waits until it does. Throws `SandboxServerError` when it cannot or no longer does.
    func port() async throws -> Int { try await listening.value() }

    /// `http://127.0.0.1:PORT`; waits until it listens.
    func url() async throws -> String {
        let address = host.contains(":") ? "[\(host)]" : host
        return "http://\(address):\(try await port())"
    }

    private func builder() throws -> HTTPServerBuilder {
        let http = HTTPServerBuilder.http1(configuration: .init(idleTimeout: .seconds(120)))
        return try tls.map { try .tls(http, tlsConfiguration: $0) } ?? http
    }

    func run() async throws {
        let responder = CallbackResponder { (request: Request, context: SandboxContext) in
            await answer(request, context)
        }
        var logger = Logger(label: "sandbox.\(name)")
        // Why it ends is thrown; what Hummingbird says besides is noise about connections that are cut on purpose.
        logger.logLevel = .critical
        let application = Application(
            responder: responder,
            server: try builder(),
            configuration: .init(address: .hostname(host, port: requestedPort)),
            onServerRunning: { channel in
                if let port = channel.localAddress?.port { listening.open(port) }
            },
            logger: logger)
        defer { listening.fail(SandboxServerError("the \(name) stand-in no longer listens")) }
        do {
            try await application.run()
        } catch {
            let reason = SandboxServerError("the \(name) stand-in cannot listen on \(host):\(requestedPort): \(error)")
            listening.fail(reason)
            throw reason
        }
    }

    private func answer(_ request: Request, _ context: SandboxContext) async -> Response {
        do {
            let body = try await request.body.collect(upTo: SandboxServer.maxBody)
            let answer = try await respond(SandboxRequest(request, body: Array(body.readableBytesView)))
            guard answer.isReset else { return answer.response }
            await context.reset()
            return Response(status: .internalServerError)
        } catch let error as any HTTPResponseError {
            return SandboxAnswer.text(Int(error.status.code), "\(error.status.reasonPhrase)\n").response
        } catch {
            return SandboxAnswer.text(500, "\(name) stand-in: \(error)\n").response
        }
    }
}

/// Why a stand-in's server is not there.
package struct SandboxServerError: Error, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

/// Keeps the channel of a request, so that a stand-in can cut it.
struct SandboxContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// Ends the connection with a TCP reset instead of an answer.
    func reset() async {
        // Both calls fail only when the other side was faster, and then the connection is gone as it should be.
        if let socket = channel as? any SocketOptionProvider {
            try? await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        }
        try? await channel.close()
    }
}
