import Foundation

/// A folder of the bot alone, with a path short enough for sockets: a Unix socket's path has at most 107 bytes, and
/// `ssh` adds 17 while it makes one. It goes with the value; what a bot that was killed has left is removed by the next.
package final class PrivateFolder: Sendable {
    private static let beginning = "defimon-ssh-"
    /// How old one must be that nobody holds: younger ones may be held in a moment, seconds.
    private static let youngest = 60.0

    package let path: String
    /// Of a file in it that is locked as long as this process lives.
    private let lock: Int32

    /// Makes it, mode 0700. Throws `Failure`.
    package convenience init() throws(Failure) {
        let usual = FileManager.default.temporaryDirectory.path
        try self.init(in: usual.utf8.count <= 50 ? usual : "/tmp")
    }

    /// Makes one in a folder. Throws `Failure`.
    package init(in parent: String) throws(Failure) {
        PrivateFolder.removeLeft(in: parent)
        var template = Array("\(parent)/\(PrivateFolder.beginning)XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw Failure(
                description: "no private folder can be made in \(parent): \(String(cString: strerror(errno)))")
        }
        path = String(cString: made)
        lock = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw Failure(description: "the private folder \(path) cannot be locked")
        }
    }

    deinit {
        remove()
        if lock >= 0 { close(lock) }
    }

    /// Why a folder or a file of it could not be made.
    package struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        package var description: String
    }

    /// The path of a file of it.
    package func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file that only the bot may read, and returns its path.
    package func write(_ bytes: some Sequence<UInt8>, to name: String) throws(Failure) -> String {
        let file = path(name)
        // Before it has its mode the folder keeps others out.
        guard
            FileManager.default.createFile(
                atPath: file, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
        else { throw Failure(description: "\(file) cannot be written") }
        return file
    }

    /// Removes a file; one that is not there is fine.
    package func remove(_ name: String) { unlink(path(name)) }

    /// With all that is in it.
    package func remove() {
        try? FileManager.default.removeItem(atPath: path)  // nothing can be done when it is gone already
    }

    /// Removes folders whose process has died: a key may be in them.
    private static func removeLeft(in parent: String) {
        // A folder that cannot be looked through keeps what is in it.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        for name in names where name.hasPrefix(beginning) {
            let path = "\(parent)/\(name)"
            var state = stat()
            guard lstat(path, &state) == 0, state.st_uid == geteuid(), state.st_mode & S_IFMT == S_IFDIR,
                Date().timeIntervalSince1970 - Double(state.st_mtim.tv_sec) > youngest
            else { continue }
            let lock = open("\(path)/lock", O_RDWR | O_CLOEXEC)
            // Without a lock it was left before it had one.
            guard lock < 0 || flock(lock, LOCK_EX | LOCK_NB) == 0 else {
                close(lock)
                continue
            }
            try? FileManager.default.removeItem(atPath: path)  // the next one tries again
            if lock >= 0 { close(lock) }
        }
    }
}
