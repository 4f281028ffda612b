import Domain
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import ServiceLifecycle

/// Serves one listener.
struct ListenerService: Service, CustomStringConvertible {
    let listener: Listener
    let limits: Limits
    let addresses: ListeningAddresses
    let open: OpenConnections
    let logger: Logger

    var description: String { "listener \(listener.place)" }

    func run() async throws {
        switch listener.place {
        case .tcp(let address, let audience):
            try await serve(.hostname(address.host, port: address.port)) { channel in
                let bound = ListenAddress(host: address.host, port: channel.localAddress?.port ?? address.port)
                logger.info("Listening", metadata: ["address": "\(bound)"])
                addresses.isUp(bound, audience)
            }
        case .socket(let path):
            let socket = try await ControlSocket(path: path)
            defer { socket.remove() }
            try await serve(.unixDomainSocket(path: socket.bindPath)) { channel in
                do {
                    try socket.publish()
                    logger.info("Listening", metadata: ["address": "\(path)"])
                    addresses.socketIsUp(path)
                } catch {
                    // Nobody could connect: the service ends, and with it the bot's start.
                    logger.error("The socket could not be put into its place", metadata: ["error": "\(error)"])
                    channel.close(promise: nil)
                }
            }
        }
    }

    private func serve(
        _ address: BindAddress, onServerRunning: @escaping @Sendable (any Channel) async -> Void
    ) async throws {
        let connection = ConnectionLimits(limits)
        // The size of a header is bound by the decoder: 80 KiB in all, 1,000 fields; beyond it the answer is 400.
        let channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                ConnectionGuardInstaller(limits: connection, count: open.of(listener.place))
            ],
            idleTimeout: TimeAmount(connection.idleTimeout))
        var configuration = ApplicationConfiguration(address: address, backlog: 1024)
        configuration.availableConnectionsDelegate = MaximumAvailableConnections(limits.connections, logger: logger)
        // It tells of its start itself, and names the socket's passing place.
        var quiet = logger
        quiet.logLevel = max(quiet.logLevel, .notice)
        var server = HTTPServerBuilder.http1(configuration: channel)
        if let served = listener.certificate {
            server = try .tls(server, tlsConfiguration: try ListenerCertificate(served, logger: logger).configuration)
        }
        let application = Application(
            responder: listener.table, server: server, configuration: configuration,
            onServerRunning: onServerRunning, logger: quiet)
        do {
            try await application.run()
        } catch let error as IOError {
            throw IngressError("cannot listen on \(listener.place): \(error)")
        }
    }
}
