import Domain
import Logging
import Outbound
import ServiceLifecycle
import Synchronization

/// The certificate of the bot's own listener, in files that somebody else renews. A pair that cannot be used is told, and
/// the one before stays.
final class CertificateFiles: ExpirySource {
    /// Its name among secrets that are read again.
    static let name = "tls"

    private let chain: String
    private let key: String
    private let served: ServedCertificate
    private let onSecret: @Sendable (Secret) -> Void
    private let state = Mutex<String?>(nil)

    /// Absolute paths; `readAgain` must be called once before anything is served.
    init(
        chain: String, key: String, served: ServedCertificate, onSecret: @escaping @Sendable (Secret) -> Void
    ) {
        self.chain = chain
        self.key = key
        self.served = served
        self.onSecret = onSecret
    }

    /// Why the files cannot be used just now; nil when they can.
    var complaint: String? { state.withLock { $0 } }

    /// Reads both, and serves them when they are new.
    func readAgain() -> SecretRereading {
        var found = SecretRereading()
        do {
            let bundle = try read()
            state.withLock { $0 = nil }
            guard bundle != served.bundle else { return found }
            onSecret(bundle.key)
            served.replace(with: bundle)
            found.rotated.append(CertificateFiles.name)
        } catch {
            let words = (error as? BoundedFile.Unread)?.message ?? "\(error)"
            let complaint = "the listener's certificate of \(chain) and \(key) cannot be used: \(words)"
            state.withLock { $0 = complaint }
            found.failures.append(.init(name: CertificateFiles.name, reason: complaint))
        }
        return found
    }

    func expiries() async -> [Expiry] {
        served.bundle.flatMap { Expiry(name: "the listener's certificate", chain: Array($0.chain.utf8)) }.map { [$0] }
            ?? []
    }

    private func read() throws -> CertificateBundle {
        try CertificatePair.bundle(
            name: CertificateFiles.name, chain: try BoundedFile.read(chain), key: try BoundedFile.read(key))
    }
}

/// Looks at the files every minute: who renews them tells nobody.
struct CertificateFilesService: Service {
    static let interval = Duration.seconds(60)

    let files: CertificateFiles
    let time: any TimeSource
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown { await look() }
    }

    private func look() async {
        var told = files.complaint
        while !Task.isCancelled {
            do { try await time.sleep(for: CertificateFilesService.interval) } catch { return }
            _ = files.readAgain()
            let complaint = files.complaint
            if let complaint, complaint != told {
                logger.error(
                    "The listener's certificate cannot be renewed, the old one stays",
                    metadata: ["reason": "\(complaint)"])
            }
            told = complaint
        }
    }
}
