import NIOCore
import NIOHTTP1

/// Puts a `ConnectionGuard` behind the HTTP decoder of a new connection, and before it a handler that tells the guard
/// when the first bytes of a request come. The server lets handlers be added at the end of the pipeline only, where
/// neither can be seen; this one is added there and places them.
final class ConnectionGuardInstaller: ChannelInboundHandler, RemovableChannelHandler {
    /// It looks at nothing.
    typealias InboundIn = Never

    private let limits: ConnectionLimits
    private let count: OpenConnections.Count

    init(limits: ConnectionLimits, count: OpenConnections.Count) {
        self.limits = limits
        self.count = count
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let connectionGuard = ConnectionGuard(limits: limits, count: count)
            try pipeline.addHandler(connectionGuard, position: .after(decoder))
            try pipeline.addHandler(FirstByteHandler(connectionGuard), position: .first)
        } catch {
            // A connection without deadlines is not served.
            context.close(promise: nil)
        }
    }
}

/// Tells a `ConnectionGuard` when bytes come.
private final class FirstByteHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connectionGuard: ConnectionGuard

    init(_ connectionGuard: ConnectionGuard) {
        self.connectionGuard = connectionGuard
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connectionGuard.bytesCame()
        context.fireChannelRead(data)
    }
}
