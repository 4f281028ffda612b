import Domain
import Logging
import NIOCertificateReloading
import NIOSSL

/// What a TLS listener shows: the certificate that is served just now; before there is one, a passing one.
struct ListenerCertificate: Sendable {
    /// For a TLS listener; each new connection takes what is served then.
    let configuration: TLSConfiguration

    /// Throws `IngressError` when what is served cannot be used.
    init(_ served: ServedCertificate, logger: Logger) throws(IngressError) {
        do {
            let passing = try PassingCertificate()
            // It is told of changes, and never runs by itself.
            let reloader = TimedCertificateReloader(
                refreshInterval: .seconds(86_400),
                certificateSource: .init(
                    location: .memory { Array((served.bundle?.chain ?? passing.chain).utf8) }, format: .pem),
                privateKeySource: .init(
                    location: .memory { Array((served.bundle?.key ?? passing.key).reveal().utf8) }, format: .pem))
            try reloader.reload()
            var configuration = try TLSConfiguration.makeServerConfiguration(certificateReloader: reloader)
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            self.configuration = configuration
            served.onChange { bundle in
                do {
                    try reloader.reload()
                    logger.notice("The listener shows a new certificate", metadata: ["certificate": "\(bundle.mark)"])
                } catch {
                    logger.error(
                        "The listener cannot use a new certificate, and keeps the one before",
                        metadata: ["certificate": "\(bundle.mark)", "error": "\(error)"])
                }
            }
        } catch {
            throw IngressError("the listener's certificate cannot be used: \(error)")
        }
    }
}
