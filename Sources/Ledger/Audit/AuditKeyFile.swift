package import Domain
import Foundation

/// The audit's key in a file of its own (PKCS#8, mode 0600), the public one (SubjectPublicKeyInfo) beside it with the
/// suffix `.pub`, and while one waits to take its place, that with the suffix `.new`.
package struct AuditKeyFile: AuditKeys {
    private let path: String

    package init(path: String) { self.path = path }

    package var place: String { path }
    /// The public key's file.
    package var publicPath: String { AuditKeyFile.publicPath(of: path) }
    private var waitingPath: String { path + ".new" }

    package static func publicPath(of path: String) -> String { path + ".pub" }

    package func current() async throws(AuditSealError) -> Ed25519PrivateKey? {
        try await OwnFile.offPool { () throws(AuditSealError) in
            guard let key = try read(path) else { return nil }
            // Left behind when a rotation was interrupted, or removed by somebody.
            if FileManager.default.contents(atPath: publicPath) != Data(key.publicKey.pem.utf8) {
                try writePublic(key.publicKey)
            }
            return key
        }
    }

    package func waiting() async throws(AuditSealError) -> Ed25519PrivateKey? {
        try await OwnFile.offPool { () throws(AuditSealError) in try read(waitingPath) }
    }

    package func create() async throws(AuditSealError) -> Ed25519PrivateKey {
        try await OwnFile.offPool { () throws(AuditSealError) in
            let key = try make(path)
            try writePublic(key.publicKey)
            return key
        }
    }

    package func adoptWaiting() async throws(AuditSealError) {
        try await OwnFile.offPool { () throws(AuditSealError) in
            guard let key = try read(waitingPath) else { return }
            guard rename(waitingPath, path) == 0 else { throw OwnFile.failed("put in place", path) }
            try OwnFile.flushFolder(of: path)
            try writePublic(key.publicKey)
        }
    }

    /// Makes a key that the bot takes up at its next look. Throws when one waits already, and when there is none to
    /// take the place of.
    package func makeWaiting() async throws(AuditSealError) -> Ed25519PublicKey {
        try await OwnFile.offPool { () throws(AuditSealError) in
            guard OwnFile.exists(path) else {
                throw AuditSealError("there is no key \(path) yet: the bot makes it at its first start")
            }
            guard !OwnFile.exists(waitingPath) else {
                throw AuditSealError(
                    "a key waits already in \(waitingPath): a running bot takes it up within a minute, else the next"
                        + " start does")
            }
            return try make(waitingPath).publicKey
        }
    }

    private func make(_ path: String) throws(AuditSealError) -> Ed25519PrivateKey {
        guard let key = Ed25519PrivateKey() else { throw AuditSealError("no key could be made") }
        try OwnFile.write(key.revealPEM(), to: path, mode: 0o600, mayReplace: false)
        return key
    }

    private func read(_ path: String) throws(AuditSealError) -> Ed25519PrivateKey? {
        guard let text = try OwnFile.read(path) else { return nil }
        guard let key = Ed25519PrivateKey(pem: text) else {
            throw AuditSealError("\(path) is no private key of Ed25519 in PEM (PKCS#8, not encrypted)")
        }
        return key
    }

    private func writePublic(_ key: Ed25519PublicKey) throws(AuditSealError) {
        try OwnFile.write(key.pem, to: publicPath, mode: 0o644, mayReplace: true)
    }
}
