import Domain
import Foundation

/// Secrets that the bot makes, each in a file of a folder: mode 0700, files 0600. A file is written beside its place and
/// moved there, with a flush before and after, so that a crash leaves the old secret or the new one.
struct FolderSecretStore: SecretStore {
    /// Characters of a name.
    static let longestName = 100
    /// What a file is called until it is whole; no name begins like that.
    private static let unfinished = ".new-"

    /// Made when the first secret is saved.
    let folder: String
    let redactor: Redactor

    func save(_ name: String, _ secret: Secret) throws(SecretStoreError) {
        let path = try path(of: name)
        let bytes = Array(secret.reveal().utf8)
        guard !bytes.isEmpty, bytes.count <= SecretReader.largest else {
            throw SecretStoreError(
                "the secret '\(name)' must have 1 to \(SecretReader.largest) bytes, and it has \(bytes.count)")
        }
        redactor.add(secret)
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw failure("the folder \(folder) cannot be made") }
        let new = "\(folder)/\(FolderSecretStore.unfinished)\(UUID().uuidString)"
        let file = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("the secret '\(name)' cannot be written") }
        defer { unlink(new) }  // it is not there any more when it was moved
        // Who reads a secret's file leaves out its last line feed.
        let isWritten = FolderSecretStore.write(bytes + [0x0a], to: file) && fsync(file) == 0
        let reason = errno
        close(file)
        guard isWritten else { throw failure("the secret '\(name)' cannot be written", reason) }
        guard rename(new, path) == 0 else { throw failure("the secret '\(name)' cannot be put into its place") }
        try flushFolder()
    }

    func secret(named name: String) throws(SecretStoreError) -> Secret? {
        let path = try path(of: name)
        guard access(path, F_OK) == 0 else { return nil }
        let secret: Secret
        do { secret = try SecretReader(environment: [:], folder: folder).read(.file(path)) } catch {
            throw SecretStoreError("\(error)")
        }
        redactor.add(secret)
        return secret
    }

    func names() throws(SecretStoreError) -> [String] {
        guard access(folder, F_OK) == 0 else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).filter(FolderSecretStore.isName).sorted()
        } catch {
            throw SecretStoreError("the folder \(folder) cannot be read")
        }
    }

    /// Lower-case letters, digits, dots, underscores and dashes, and a letter or digit first: no way out of the folder.
    static func isName(_ name: String) -> Bool {
        let first = Set("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
        let others = first.union("._-".utf8)
        return name.utf8.count <= longestName && name.utf8.first.map(first.contains) == true
            && name.utf8.allSatisfy(others.contains)
    }

    private func path(of name: String) throws(SecretStoreError) -> String {
        guard FolderSecretStore.isName(name) else {
            throw SecretStoreError(
                "'\(name.prefix(FolderSecretStore.longestName))' is not a secret's name: at most "
                    + "\(FolderSecretStore.longestName) of a-z, 0-9, '.', '_', '-', a letter or digit first")
        }
        return "\(folder)/\(name)"
    }

    private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var written = 0
            while written < bytes.count {
                let count = Foundation.write(file, bytes.baseAddress?.advanced(by: written), bytes.count - written)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                written += count
            }
            return true
        }
    }

    private func flushFolder() throws(SecretStoreError) {
        let handle = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard handle >= 0 else { throw failure("the folder \(folder) cannot be opened") }
        defer { close(handle) }
        guard fsync(handle) == 0 else { throw failure("the folder \(folder) cannot be flushed") }
    }

    private func failure(_ what: String, _ reason: Int32 = errno) -> SecretStoreError {
        SecretStoreError("\(what): \(String(cString: strerror(reason)))")
    }
}
