import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import TestSupport

/// A TLS server on a free loopback port with a certificate made by openssl. It answers every connection's first bytes
/// with one HTTP answer, and counts the bytes that it was sent through TLS.
struct TLSServer: Sendable {
    var port: Int
    private let channel: any Channel

    static func start(
        certificate: Certificate, answer: String = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nup"
    ) async throws
        -> TLSServer
    {
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificate.certificatePath).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: certificate.keyPath, format: .pem)))
        let context = try NIOSSLContext(configuration: configuration)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        NIOSSLServerHandler(context: context), Answerer(answer: answer),
                    ])
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return TLSServer(port: channel.localAddress?.port ?? 0, channel: channel)
    }

    func stop() async { try? await channel.close() }

    private final class Answerer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let answer: String

        init(answer: String) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        }

        // A probe breaks the handshake off; that is what it is for.
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

/// A self-signed certificate and its key.
struct Certificate: Sendable {
    var certificatePath: String
    var keyPath: String

    /// Made by `openssl req`; `days` may be negative for one that has ended.
    static func make(in folder: String, names: String, days: Int) async throws -> Certificate {
        let made = Certificate(certificatePath: folder + "/cert.pem", keyPath: folder + "/key.pem")
        let arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            String(days),
            "-subj", "/O=Defimon tests/CN=test server", "-addext", "subjectAltName=\(names)", "-keyout", made.keyPath,
            "-out", made.certificatePath,
        ]
        guard try await RunningProgram.run("/usr/bin/openssl", arguments).code == 0 else {
            throw CocoaError(.executableLoad)
        }
        return made
    }

    var pem: [UInt8] { get throws { Array(try Data(contentsOf: URL(filePath: certificatePath))) } }
}
