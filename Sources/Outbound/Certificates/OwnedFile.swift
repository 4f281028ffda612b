import Domain
import Foundation

/// A file that only the bot may read, mode 0600. It is written beside its place and moved there, with a flush before and
/// after, so that a crash leaves the old one or the new one.
struct OwnedFile: Sendable {
    let path: String

    private var folder: String { URL(filePath: path).deletingLastPathComponent().path }

    /// Nil when there is none. Throws `ActionError`, also when it has more than `most` bytes.
    func contents(atMost most: Int) throws(ActionError) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if file < 0, errno == ENOENT { return nil }
        guard file >= 0 else { throw failure("\(path) cannot be read") }
        defer { close(file) }
        var state = stat()
        guard fstat(file, &state) == 0, state.st_mode & S_IFMT == S_IFREG else {
            throw ActionError("\(path) cannot be read: it is no file")
        }
        var bytes = [UInt8](repeating: 0, count: most + 1)
        var count = 0
        while count <= most {
            let more = bytes.withUnsafeMutableBytes {
                Foundation.read(file, $0.baseAddress?.advanced(by: count), most + 1 - count)
            }
            if more < 0, errno == EINTR { continue }
            guard more >= 0 else { throw failure("\(path) cannot be read") }
            if more == 0 { return Array(bytes.prefix(count)) }
            count += more
        }
        throw ActionError("\(path) has more than \(most) bytes, so it is no certificate")
    }

    /// Writes it, unless it is there with these bytes and this mode. Folders that are missing are made, mode 0700. Throws
    /// `ActionError`.
    func write(_ bytes: [UInt8]) throws(ActionError) {
        if try holds(bytes) { return }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw ActionError("the folder \(folder) cannot be made", hint: "check who may write there")
        }
        let new = "\(folder)/.defimon-\(UUID().uuidString)"
        let file = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("\(path) cannot be written") }
        defer { unlink(new) }  // it is not there any more when it was moved
        let isWritten = OwnedFile.write(bytes, to: file) && fsync(file) == 0
        let reason = errno
        close(file)
        guard isWritten else { throw failure("\(path) cannot be written", reason) }
        guard rename(new, path) == 0 else { throw failure("\(path) cannot be put into its place") }
        try flushFolder()
    }

    private func holds(_ bytes: [UInt8]) throws(ActionError) -> Bool {
        var state = stat()
        guard lstat(path, &state) == 0, state.st_mode & S_IFMT == S_IFREG, state.st_mode & 0o777 == 0o600,
            Int(state.st_size) == bytes.count
        else { return false }
        return try contents(atMost: bytes.count) == bytes
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

    private func flushFolder() throws(ActionError) {
        let handle = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard handle >= 0 else { throw failure("the folder \(folder) cannot be opened") }
        defer { close(handle) }
        guard fsync(handle) == 0 else { throw failure("the folder \(folder) cannot be flushed") }
    }

    private func failure(_ what: String, _ reason: Int32 = errno) -> ActionError {
        ActionError("\(what): \(String(cString: strerror(reason)).lowercased())", hint: "check who may write there")
    }
}
