import Domain
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Looks at the certificate that a server shows, be it expired or of an unknown issuer. The handshake is broken off
/// when the certificate is there, so that no unverified connection ever exists and nothing can be sent through one.
package enum TLSProbe {
    /// Why there is no certificate.
    package struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        package var message: String
        /// Whether no way leads there from here, as to IPv6 addresses where the machine has none.
        package var isUnreachable = false
        package var description: String { message }
    }

    /// How long the connection and the handshake may take, each.
    private static let patience = TimeAmount.seconds(10)
    /// What the system says when it knows no way there.
    private static let noWay: Set<Int32> = [ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL, EAFNOSUPPORT, ETIMEDOUT]

    /// Connects to `host` (a name or an address) and reads the certificate it shows for `serverName` (nil, or an
    /// address: no name is asked for). Throws `Failure`, or `CancellationError`.
    package static func certificate(host: String, port: Int, serverName: String?) async throws -> PeerCertificate {
        let address: HostAddress
        do {
            // Never empty when it does not throw.
            guard let first = try await HostAddress.resolve(host).first else { throw Failure(message: "no address") }
            address = first
        } catch let failure as HostAddress.Failure {
            throw Failure(message: failure.words(host))
        }
        return try await certificate(address: address, port: port, serverName: serverName)
    }

    package static func certificate(address: HostAddress, port: Int, serverName: String?) async throws
        -> PeerCertificate
    {
        let finding = Finding()
        let channel = try await connect(address, port, serverName, finding)
        let limit = channel.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
        defer { limit.cancel() }
        await withTaskCancellationHandler {
            // It ends always: by the verdict, by an error, or by the limit.
            try? await channel.closeFuture.get()
        } onCancel: {
            channel.close(promise: nil)
        }
        try Task.checkCancellation()
        guard let der = finding.der else {
            throw Failure(message: finding.error ?? "no TLS handshake within \(patience.nanoseconds / 1_000_000_000) s")
        }
        do { return try PeerCertificate(der: der) } catch {
            throw Failure(message: "the certificate cannot be read: \(error)")
        }
    }

    private static func connect(_ address: HostAddress, _ port: Int, _ serverName: String?, _ finding: Finding)
        async throws -> any Channel
    {
        // A name is asked for only where it is one: an address may not stand in SNI (RFC 6066 §3).
        let name = serverName.flatMap { (try? SocketAddress(ipAddress: $0, port: 0)) == nil ? $0 : nil }
        do {
            let context = try NIOSSLContext(configuration: .makeClientConfiguration())
            return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(patience)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let tls = try NIOSSLClientHandler(context: context, serverHostname: name) { chain, verdict in
                            finding.see(chain.first)
                            verdict.succeed(NIOSSLVerificationResult.failed)
                        }
                        try channel.pipeline.syncOperations.addHandlers([tls, EndOnError(finding: finding)])
                    }
                }
                .connect(to: SocketAddress(ipAddress: address.text, port: port)).get()
        } catch let error as IOError {
            throw Failure(
                message: String(cString: strerror(error.errnoCode)).lowercased(),
                isUnreachable: noWay.contains(error.errnoCode))
        } catch is ChannelError {
            throw Failure(
                message: "no connection within \(patience.nanoseconds / 1_000_000_000) s", isUnreachable: true)
        } catch {
            throw Failure(message: "no connection: \(error)")
        }
    }

    /// What the event loop saw, for the task that waits.
    private final class Finding: Sendable {
        private let state = Mutex<(der: [UInt8]?, error: String?)>((nil, nil))

        var der: [UInt8]? { state.withLock { $0.der } }
        var error: String? { state.withLock { $0.error } }

        func see(_ certificate: NIOSSLCertificate?) {
            guard let certificate else { return fail("the server shows no certificate") }
            do {
                let der = try certificate.toDERBytes()
                state.withLock { $0.der = der }
            } catch {
                fail("the certificate cannot be read: \(error)")
            }
        }

        func fail(_ message: String) { state.withLock { $0.error = $0.error ?? message } }
    }

    private final class EndOnError: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let finding: Finding

        init(finding: Finding) { self.finding = finding }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            finding.fail("the server does not speak TLS as we do: \(error)")
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            finding.fail("the server closed the connection during the TLS handshake")
            context.fireChannelInactive()
        }
    }
}

extension HostAddress.Failure {
    /// In words, for people.
    package func words(_ host: String) -> String {
        switch self {
        case .unresolved(let why): "the name \(host) does not resolve: \(why)"
        case .refused(let address):
            "\(host) is \(address), an address of the machine's own link or of a cloud's metadata, which is never asked"
        }
    }
}
