import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// A real HTTP server on a free loopback port that answers as a test says, and remembers what it was asked.
package final class ScriptedServer: Sendable {
    package struct Request: Sendable {
        package var method: String
        /// With the query.
        package var path: String
        /// Names in lower case.
        package var headers: [String: String]
        package var body: [UInt8]

        package var text: String { String(decoding: body, as: UTF8.self) }
    }

    package struct Answer: Sendable {
        package var status: Int
        package var headers: [String: String]
        package var body: String
        /// What is sent instead of `body` when it is no text.
        package var bytes: [UInt8]?
        /// What is sent instead of either, each part only once the one before has had time to arrive by itself.
        package var parts: [String]?

        package init(
            status: Int = 200, headers: [String: String] = ["Content-Type": "application/json"], body: String = ""
        ) {
            self.status = status
            self.headers = headers
            self.body = body
        }
    }

    package let url: String
    package let port: Int
    private let seen: Log

    private final class Log: Sendable {
        let requests = Mutex<[Request]>([])
    }

    private init(port: Int, seen: Log) {
        url = "http://127.0.0.1:\(port)"
        self.port = port
        self.seen = seen
    }

    /// All requests so far.
    package var requests: [Request] { seen.requests.withLock { $0 } }

    /// Runs a server for as long as `body` runs.
    package static func run<Value: Sendable>(
        answering answer: @escaping @Sendable (Request) async -> Answer,
        _ body: @escaping @Sendable (ScriptedServer) async throws -> Value
    ) async throws -> Value {
        let seen = Log()
        let responder = CallbackResponder<BasicRequestContext> { request, _ in
            let bytes = try await request.body.collect(upTo: 16 * 1024 * 1024)
            var headers: [String: String] = [:]
            for field in request.headers { headers[field.name.canonicalName] = field.value }
            let heard = Request(
                method: request.method.rawValue, path: request.uri.description, headers: headers,
                body: Array(buffer: bytes))
            seen.requests.withLock { $0.append(heard) }
            let answer = await answer(heard)
            var fields = HTTPFields()
            for (name, value) in answer.headers { if let name = HTTPField.Name(name) { fields[name] = value } }
            if let parts = answer.parts {
                return Response(
                    status: .init(code: answer.status), headers: fields,
                    body: ResponseBody { writer in
                        for part in parts {
                            try await writer.write(ByteBuffer(string: part))
                            try await Task.sleep(for: .milliseconds(100))
                        }
                        try await writer.finish(nil)
                    })
            }
            return Response(
                status: .init(code: answer.status), headers: fields,
                body: .init(byteBuffer: answer.bytes.map { ByteBuffer(bytes: $0) } ?? ByteBuffer(string: answer.body)))
        }
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        // A client that keeps its connection open at the end is no error here.
        var logger = Logger(label: "scripted-server")
        logger.logLevel = .critical
        let application = Application(
            responder: responder,
            configuration: .init(address: .hostname("127.0.0.1", port: 0), serverName: nil),
            onServerRunning: { channel in continuation.yield(channel.localAddress?.port ?? 0) },
            logger: logger)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await application.run()
                return nil
            }
            group.addTask {
                var iterator = ports.makeAsyncIterator()
                guard let port = await iterator.next() else { throw CancellationError() }
                return try await body(ScriptedServer(port: port, seen: seen))
            }
            defer { group.cancelAll() }
            while let value = try await group.next() { if let value { return value } }
            throw CancellationError()
        }
    }
}
