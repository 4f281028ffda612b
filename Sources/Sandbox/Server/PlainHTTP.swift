import Domain
import NIOCore
import NIOHTTP1
import NIOPosix

/// One request by plain HTTP/1.1, as a stand-in sends it to whoever it must look at.
enum PlainHTTP {
    /// The largest answer, in bytes.
    static let largest = 64 * 1024

    struct Answer: Sendable {
        var status = 0
        var body: [UInt8] = []
    }

    private typealias Channel = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    /// Gets `path` of the host `name` from a server at `address`. Throws `SandboxServerError` or NIO's errors, also when it
    /// takes longer than `limit`.
    static func get(
        _ path: String, of name: String, at address: ListenAddress, within limit: Duration = .seconds(10)
    ) async throws -> Answer {
        try await withThrowingTaskGroup(of: Answer.self) { group in
            group.addTask { try await ask(path, name, address) }
            group.addTask {
                try await SystemTime().sleep(for: limit)
                throw SandboxServerError("no answer within \(DurationText.human(limit))")
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() else { throw CancellationError() }
            return answer
        }
    }

    private static func ask(_ path: String, _ name: String, _ address: ListenAddress) async throws -> Answer {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(5))
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try Channel(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { parts, writer in
            let headers: HTTPHeaders = ["Host": name, "User-Agent": "defimon-sandbox", "Connection": "close"]
            try await writer.write(.head(HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: headers)))
            try await writer.write(.end(nil))
            return try await collect(parts)
        }
    }

    private static func collect(_ parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>) async throws -> Answer {
        var answer = Answer()
        for try await part in parts {
            switch part {
            case .head(let head): answer.status = Int(head.status.code)
            case .body(let bytes):
                answer.body += bytes.readableBytesView
                guard answer.body.count <= largest else {
                    throw SandboxServerError("the answer is larger than \(largest) bytes")
                }
            case .end: return answer
            }
        }
        throw SandboxServerError("the connection was closed before the answer was whole")
    }
}
