import Domain
import Foundation
import SystemPackage

/// Reads one secret from the environment or from a file, as it is now, or from the secret store as it was when its
/// contents were taken.
struct SecretReader: Sendable {
    /// What a secret store held.
    struct Stored: Sendable {
        var place: String
        var secrets: [String: Secret]
    }

    /// The largest secret, in bytes.
    static let largest = StoredSecret.largest

    var environment: [String: String]
    /// Relative paths of secret files start here.
    var folder: String
    /// Nil until it was asked.
    var stored: Stored?

    func read(_ reference: SecretReference) throws(MissingSecret) -> Secret {
        switch reference {
        case .environment(let name):
            guard let value = environment[name], !value.isEmpty else {
                throw MissingSecret("the environment variable \(name) is not set, and a secret is to be read from it")
            }
            return Secret(value)
        case .file(let path): return try read(path.hasPrefix("/") ? path : "\(folder)/\(path)")
        case .stored(let name):
            guard let stored else {
                throw MissingSecret("the secret store is not read yet, and '\(name)' is to be read from it")
            }
            guard let secret = stored.secrets[name] else {
                throw MissingSecret(
                    "there is no secret '\(name)' in \(stored.place), or it is empty; put it there with: "
                        + "defimon secrets put \(name)")
            }
            return secret
        }
    }

    /// The file is opened once, so that what is checked is what is read, also behind the symbolic links by which
    /// Kubernetes replaces mounted secrets.
    private func read(_ path: String) throws(MissingSecret) -> Secret {
        let state: Stat
        let data: Data
        do {
            let file = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? file.close() }  // nothing was written
            state = try FileDescriptor(rawValue: file.fileDescriptor).stat()
            guard state.type == .regular else { throw MissingSecret("the secret file \(path) is no file") }
            data = try file.read(upToCount: SecretReader.largest + 2) ?? Data()
        } catch let error as MissingSecret {
            throw error
        } catch {
            throw MissingSecret("the secret file \(path) cannot be read")
        }
        if let complaint = SecretReader.complaint(
            mode: state.permissions, owner: state.userID.rawValue, reader: geteuid())
        {
            throw MissingSecret("the secret file \(path) \(complaint)")
        }
        let bytes = data.last == 0x0a ? data.dropLast() : data
        guard bytes.count <= SecretReader.largest else {
            throw MissingSecret("the secret file \(path) is larger than \(SecretReader.largest) bytes")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard !text.isEmpty else { throw MissingSecret("the secret file \(path) is empty") }
        return Secret(text)
    }

    /// What is wrong with who may read a file, nil when nothing is. A file of root's that is given to the bot by its
    /// group is what Kubernetes mounts for a pod with `fsGroup`: there is no narrower way there.
    static func complaint(mode: FilePermissions, owner: UInt32, reader: UInt32) -> String? {
        let mode = mode.rawValue & 0o777
        let refused: FilePermissions.RawValue = owner == 0 && reader != 0 ? 0o037 : 0o077
        guard mode & refused != 0 else { return nil }
        return "can be read by others (mode \(String(mode, radix: 8))); chmod 600 it, or for a mounted Kubernetes "
            + "Secret set defaultMode: 0400 at the volume"
    }
}
