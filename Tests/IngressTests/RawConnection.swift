import NIOCore
import NIOPosix
import NIOSSL
import Outbound
import Synchronization
import TestSupport

/// A TCP connection of bytes, for requests that no client library sends; with TLS to whoever is there.
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
    private let shown: Shown

    private final class Shown: Sendable {
        let certificate = Mutex<PeerCertificate?>(nil)
    }

    init(port: Int, tls isSecure: Bool = false) async throws {
        let (collector, shown) = (Collector(), Shown())
        self.collector = collector
        self.shown = shown
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if isSecure {
                        var configuration = TLSConfiguration.makeClientConfiguration()
                        // The name is compared even where the chain is not.
                        configuration.certificateVerification = .noHostnameVerification
                        let context = try NIOSSLContext(configuration: configuration)
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: context, serverHostname: nil) { chain, verdict in
                                let der = try? chain.first?.toDERBytes()  // without one there is nothing to show
                                shown.certificate.withLock { $0 = der.flatMap { try? PeerCertificate(der: $0) } }
                                verdict.succeed(.certificateVerified)
                            })
                    }
                    try channel.pipeline.syncOperations.addHandler(collector)
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    /// What the server has shown in TLS.
    var certificate: PeerCertificate? { shown.certificate.withLock { $0 } }
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
