import NIOCore
import NIOPosix
import Synchronization
import TestSupport

/// A TCP connection of bytes, for requests that no client library sends.
final class RawConnection: Sendable {
    private final class Collector: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let state = Mutex<(text: String, isEnded: Bool)>(("", false))

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data))
            state.withLock { $0.text += text }
        }

        func channelInactive(context: ChannelHandlerContext) { state.withLock { $0.isEnded = true } }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { state.withLock { $0.isEnded = true } }
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed = event { state.withLock { $0.isEnded = true } }
        }
    }

    private let collector: Collector
    private let channel: any Channel

    init(port: Int) async throws {
        let collector = Collector()
        self.collector = collector
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .channelInitializer { $0.pipeline.addHandler(collector) }
            .connect(host: "127.0.0.1", port: port).get()
    }

    /// All that has been received.
    var received: String { collector.state.withLock { $0.text } }
    /// Whether the server has closed its side.
    var isEnded: Bool { collector.state.withLock { $0.isEnded } }

    func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }
    func close() { channel.close(promise: nil) }

    /// Waits for a text in what is received.
    func receives(_ text: String) async -> Bool {
        await eventually { self.received.contains(text) ? true : nil } ?? false
    }
    /// Waits until the server has closed its side.
    func ends() async -> Bool { await eventually { self.isEnded ? true : nil } ?? false }
}
