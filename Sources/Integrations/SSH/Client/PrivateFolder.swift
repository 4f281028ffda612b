import Foundation

/// A folder of the bot alone, with a path short enough for sockets: a Unix socket's path has at most 107 bytes, and
/// `ssh` adds 17 while it makes one.
struct PrivateFolder: Sendable {
    let path: String

    /// Makes it, mode 0700. Throws `Failure`.
    init() throws(Failure) {
        let usual = FileManager.default.temporaryDirectory.path
        var template = Array("\(usual.utf8.count <= 50 ? usual : "/tmp")/defimon-ssh-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw Failure(description: "no private folder can be made in \(usual): \(String(cString: strerror(errno)))")
        }
        path = String(cString: made)
    }

    struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        var description: String
    }

    func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file that only the bot may read, and returns its path.
    func write(_ bytes: some Sequence<UInt8>, to name: String) throws(Failure) -> String {
        let file = path(name)
        // Before it has its mode the folder keeps others out.
        guard
            FileManager.default.createFile(
                atPath: file, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
        else { throw Failure(description: "\(file) cannot be written") }
        return file
    }

    func remove(_ name: String) { unlink(path(name)) }

    /// With all that is in it.
    func remove() {
        try? FileManager.default.removeItem(atPath: path)  // nothing can be done when it is gone already
    }
}
