import Domain
import Foundation

/// Reads secrets from the environment and from files, and tells the redactor about each.
struct SecretReader: SecretSource {
    /// The largest secret, in bytes.
    static let largest = 64 * 1024

    var environment: [String: String]
    /// Relative paths of secret files start here.
    var folder: String
    var redactor: Redactor

    func secret(_ reference: SecretReference) throws(MissingSecret) -> Secret {
        let secret: Secret
        switch reference {
        case .environment(let name):
            guard let value = environment[name], !value.isEmpty else {
                throw MissingSecret("the environment variable \(name) is not set, and a secret is to be read from it")
            }
            secret = Secret(value)
        case .file(let path): secret = try read(path.hasPrefix("/") ? path : "\(folder)/\(path)")
        }
        redactor.add(secret)
        return secret
    }

    private func read(_ path: String) throws(MissingSecret) -> Secret {
        let attributes: [FileAttributeKey: Any]
        let data: Data
        do {
            attributes = try FileManager.default.attributesOfItem(atPath: path)
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw MissingSecret("the secret file \(path) cannot be read")
        }
        let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
        guard mode & 0o077 == 0 else {
            throw MissingSecret(
                "the secret file \(path) can be read by others (mode \(String(mode, radix: 8))); chmod 600 it")
        }
        guard data.count <= SecretReader.largest else { throw MissingSecret("the secret file \(path) is too large") }
        var text = String(decoding: data, as: UTF8.self)
        if text.hasSuffix("\n") { text.removeLast() }
        guard !text.isEmpty else { throw MissingSecret("the secret file \(path) is empty") }
        return Secret(text)
    }
}
