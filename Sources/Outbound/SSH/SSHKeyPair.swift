package import Domain
import Foundation

/// An Ed25519 key pair in OpenSSH's forms, made by the system's ssh-keygen(1).
package struct SSHKeyPair: Sendable {
    /// How long ssh-keygen may take.
    private static let limit = Duration.seconds(30)

    /// Without a passphrase and without the line feed at its end.
    package let privateKey: Secret
    /// One line: `ssh-ed25519 AAAA…` and a comment.
    package let publicKey: String

    /// Why there is no key; nothing of one is in it.
    package struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        package var description: String
    }

    /// Makes a new one with a comment of one word. Throws `Failure` or `CancellationError`.
    package static func make(comment: String) async throws -> SSHKeyPair {
        let folder = try folder()
        defer { folder.remove() }
        let file = folder.path("key")
        try await run(["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file])
        return SSHKeyPair(privateKey: Secret(try read(file)), publicKey: try read("\(file).pub"))
    }

    /// The public key that belongs to a private one, which must have no passphrase. Throws `Failure` or
    /// `CancellationError`.
    package static func publicKey(of privateKey: Secret) async throws -> String {
        let folder = try folder()
        defer { folder.remove() }
        let file: String
        // OpenSSH reads no key without a line feed at its end.
        do { file = try folder.write("\(privateKey.reveal())\n".utf8, to: "key") } catch {
            throw Failure(description: error.description)
        }
        // An empty passphrase, so that it asks for none.
        return try await run(["-y", "-P", "", "-f", file]).trimmingLineFeed
    }

    private static func folder() throws(Failure) -> PrivateFolder {
        do { return try PrivateFolder() } catch { throw Failure(description: error.description) }
    }

    @discardableResult
    private static func run(_ arguments: [String]) async throws -> String {
        let program = ChildProgram("ssh-keygen", arguments, environment: OpenSSHOptions.environment)
        let result: ChildProgram.Result
        do { result = try await program.run(within: limit) } catch let failure as ChildProgram.Failure {
            switch failure {
            case .notRun(let reason):
                throw Failure(description: "OpenSSH's ssh-keygen cannot be run: \(reason); install openssh-client")
            case .tookTooLong: throw Failure(description: "ssh-keygen took longer than \(DurationText.human(limit))")
            case .wroteTooMuch: throw Failure(description: "ssh-keygen wrote too much")
            }
        }
        guard result.isSuccess else {
            let reason =
                result.errors.contains("passphrase") ? "it has a passphrase" : "it is no private key, or broken"
            throw Failure(description: arguments.first == "-y" ? reason : "ssh-keygen made no key")
        }
        return result.output
    }

    private static func read(_ file: String) throws(Failure) -> String {
        guard let data = FileManager.default.contents(atPath: file), !data.isEmpty else {
            throw Failure(description: "ssh-keygen left no key behind")
        }
        return String(decoding: data, as: UTF8.self).trimmingLineFeed
    }
}

extension String {
    fileprivate var trimmingLineFeed: String { hasSuffix("\n") ? String(dropLast()) : self }
}
