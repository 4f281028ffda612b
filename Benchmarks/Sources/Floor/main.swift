// What any receiver of webhooks must do that loses nothing, and no more: HTTP, HMAC-SHA256 of the body, one insert,
// grouped and flushed, and the answer after the commit.
//
// usage: FLOOR_SECRET=… floor PORT DATABASE
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

guard CommandLine.arguments.count == 3, let port = Int(CommandLine.arguments[1]),
    let secret = ProcessInfo.processInfo.environment["FLOOR_SECRET"]
else {
    throw FloorError("usage: FLOOR_SECRET=… floor PORT DATABASE")
}
let signature = Signature(secret: Array(secret.utf8))
let inserts = try GroupedInserts(path: CommandLine.arguments[2])
let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    .serverChannelOption(.backlog, value: 1024)
    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
    .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.configureHTTPServerPipeline()
            try pipeline.addHandler(RequestHandler(signature: signature, inserts: inserts))
        }
    }
    .bind(host: "127.0.0.1", port: port).get()
try await channel.closeFuture.get()
