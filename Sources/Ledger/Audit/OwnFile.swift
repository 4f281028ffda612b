import Domain
import Foundation

/// Small files of the audit that only their owner may read: every error names the file.
enum OwnFile {
    /// Runs what waits for a disk off the cooperative pool.
    static func offPool<Value: Sendable>(
        _ body: @escaping @Sendable () throws(AuditSealError) -> Value
    ) async throws(AuditSealError) -> Value {
        let result: Result<Value, AuditSealError> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                do throws(AuditSealError) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The text of a file that nobody else may read; nil when it is not there.
    static func read(_ path: String) throws(AuditSealError) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw failed("look at", path)
        }
        guard status.st_mode & 0o077 == 0 else {
            throw AuditSealError("\(path) may be read by others: chmod 600 \(path)")
        }
        do { return try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw AuditSealError("\(path) cannot be read: look at its owner and mode")
        }
    }

    /// Puts a file of this text in place as a whole, flushed; `mayReplace` says whether one may be there already.
    static func write(
        _ text: String, to path: String, mode: mode_t, mayReplace: Bool
    ) throws(AuditSealError) {
        let temporary = "\(path).\(getpid()).tmp"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failed("make", temporary) }
        defer {
            close(descriptor)
            unlink(temporary)
        }
        guard fchmod(descriptor, mode) == 0 else { throw failed("set the mode of", temporary) }
        try write(Array(text.utf8), descriptor, path)
        if mayReplace {
            guard rename(temporary, path) == 0 else { throw failed("put in place", path) }
        } else {
            guard link(temporary, path) == 0 else { throw failed("put in place", path) }
        }
        try flushFolder(of: path)
    }

    /// Adds to the end of a file, made with mode 0600 when it is not there, and flushes it.
    static func append(_ line: String, to path: String) throws(AuditSealError) {
        let isNew = !exists(path)
        let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failed("open", path) }
        defer { close(descriptor) }
        var bytes = Array((line + "\n").utf8)
        // A line that was torn by a crash stays as it is.
        var last: UInt8 = 0x0a
        let size = lseek(descriptor, 0, SEEK_END)
        if size > 0, pread(descriptor, &last, 1, size - 1) == 1, last != 0x0a { bytes.insert(0x0a, at: 0) }
        try write(bytes, descriptor, path)
        if isNew { try flushFolder(of: path) }
    }

    static func flushFolder(of path: String) throws(AuditSealError) {
        let folder = URL(filePath: path).deletingLastPathComponent().path
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failed("open", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failed("flush", folder) }
    }

    static func failed(_ what: String, _ path: String) -> AuditSealError {
        AuditSealError("cannot \(what) \(path): \(String(cString: strerror(errno)))")
    }

    private static func write(_ bytes: [UInt8], _ descriptor: Int32, _ path: String) throws(AuditSealError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failed("write", path) }
            written += count
        }
        guard fsync(descriptor) == 0 else { throw failed("flush", path) }
    }
}
