import Domain
import Foundation

/// Secrets in a folder, each in a file: mode 0700, files 0600. A file is written beside its place and moved there, with a
/// flush before and after, so that a crash leaves the old secret or the new one.
struct FolderSecretStore: SecretStore {
    /// What a file is called until it is whole; no name begins like that.
    private static let unfinished = ".new-"

    /// Made when the first secret is saved.
    let folder: String
    let redactor: Redactor

    var place: String { "the folder \(folder)" }

    func all() throws(SecretStoreError) -> [String: Secret] {
        guard access(folder, F_OK) == 0 else { return [:] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder).filter(StoredSecret.isName).sorted()
        } catch {
            throw SecretStoreError("the folder \(folder) cannot be read")
        }
        var found: [String: Secret] = [:]
        var bytes = 0
        for name in names {
            do {
                let secret = try SecretReader(environment: [:], folder: folder).read(.file(name))
                redactor.add(secret)
                found[name] = secret
                bytes += secret.reveal().utf8.count
            } catch { throw SecretStoreError("\(error)") }
            guard bytes <= StoredSecret.largestStore else {
                throw SecretStoreError(
                    "the secrets in the folder \(folder) have more than \(StoredSecret.largestStore) bytes in all")
            }
        }
        return found
    }

    func save(_ name: String, _ secret: Secret) throws(SecretStoreError) {
        try put(name, secret) { new, path throws(SecretStoreError) in
            guard rename(new, path) == 0 else { throw failure("the secret '\(name)' cannot be put into its place") }
        }
    }

    func add(_ name: String, _ secret: Secret) throws(SecretStoreError) -> Bool {
        try StoredSecret.check(name, secret)
        guard try all()[name] == nil else { return false }
        var isNew = true
        try put(name, secret) { new, path throws(SecretStoreError) in
            // Unlike a move it never takes the place of another file, which somebody else may have just made.
            guard link(new, path) != 0 else { return }
            guard errno == EEXIST else { throw failure("the secret '\(name)' cannot be put into its place") }
            isNew = false
        }
        return isNew
    }

    /// Writes a secret beside its place and lets `place` bring it there.
    private func put(
        _ name: String, _ secret: Secret,
        _ place: (_ new: String, _ path: String) throws(SecretStoreError) -> Void
    ) throws(SecretStoreError) {
        try StoredSecret.check(name, secret)
        redactor.add(secret)
        var others = try all()
        others[name] = secret
        guard others.values.reduce(0, { $0 + $1.reveal().utf8.count }) <= StoredSecret.largestStore else {
            throw SecretStoreError(
                "with '\(name)' the secrets in the folder \(folder) would have more than \(StoredSecret.largestStore) "
                    + "bytes in all")
        }
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw failure("the folder \(folder) cannot be made") }
        let new = "\(folder)/\(FolderSecretStore.unfinished)\(UUID().uuidString)"
        let file = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("the secret '\(name)' cannot be written") }
        defer { unlink(new) }  // it is not there any more when it was moved
        // Who reads a secret's file leaves out its last line feed.
        let isWritten = FolderSecretStore.write(Array(secret.reveal().utf8) + [0x0a], to: file) && fsync(file) == 0
        let reason = errno
        close(file)
        guard isWritten else { throw failure("the secret '\(name)' cannot be written", reason) }
        try place(new, "\(folder)/\(name)")
        try flushFolder()
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
