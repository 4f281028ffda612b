import Crypto
import Foundation

/// Files as backups need them: made new with mode 0600, flushed, renamed.
enum BackupFile {
    private static let chunk = 1 << 20

    /// Makes an empty file that only its owner can read. Throws when there is one already.
    static func create(_ path: String) throws(BackupError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw BackupError.system(path, "make") }
        close(descriptor)
    }

    /// Copies a file's bytes into a new one. Returns SHA-256 of what was written, in hexadecimal.
    static func copy(_ path: String, to copy: String) throws(BackupError) -> String {
        try create(copy)
        let target = open(copy, O_WRONLY | O_CLOEXEC)
        guard target >= 0 else { throw BackupError.system(copy, "open") }
        defer { close(target) }
        return try read(path) { bytes throws(BackupError) in
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = rest.withUnsafeBytes { write(target, $0.baseAddress, $0.count) }
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { throw BackupError.system(copy, "write") }
                rest = rest.dropFirst(written)
            }
        }
    }

    /// SHA-256 of a file, in hexadecimal.
    static func hash(_ path: String) throws(BackupError) -> String {
        try read(path) { _ throws(BackupError) in }
    }

    static func size(_ path: String) throws(BackupError) -> Int64 {
        var status = stat()
        guard stat(path, &status) == 0 else { throw BackupError.system(path, "look at") }
        return Int64(status.st_size)
    }

    /// Flushes a file or a folder to the disk.
    static func flush(_ path: String) throws(BackupError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BackupError.system(path, "open") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw BackupError.system(path, "flush") }
    }

    /// Gives a file another name, in one step, and flushes the name.
    static func rename(_ path: String, to name: String) throws(BackupError) {
        guard Foundation.rename(path, name) == 0 else { throw BackupError.system(path, "rename") }
        try flush(folder(of: name))
    }

    /// Gives a file to another one's owner, where that can be done: as root.
    static func giveTo(ownerOf other: String, _ path: String) throws(BackupError) {
        guard geteuid() == 0 else { return }
        var status = stat()
        guard stat(other, &status) == 0 else { throw BackupError.system(other, "look at") }
        guard chown(path, status.st_uid, status.st_gid) == 0 else { throw BackupError.system(path, "give away") }
    }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    static func folder(of path: String) -> String { URL(filePath: path).deletingLastPathComponent().path }

    /// Removes a file and what SQLite may have left beside it; there may be none of them.
    static func remove(_ path: String) {
        for suffix in ["", "-journal", "-wal", "-shm", "-lock"] { unlink(path + suffix) }
    }

    private static func read(
        _ path: String, _ use: ([UInt8]) throws(BackupError) -> Void
    ) throws(BackupError) -> String {
        let source = open(path, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw BackupError.system(path, "read") }
        defer { close(source) }
        var hasher = SHA256()
        var buffer = [UInt8](repeating: 0, count: chunk)
        while true {
            let count = buffer.withUnsafeMutableBytes { Foundation.read(source, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw BackupError.system(path, "read") }
            if count == 0 { break }
            let bytes = Array(buffer[..<count])
            hasher.update(data: bytes)
            try use(bytes)
        }
        return hasher.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
