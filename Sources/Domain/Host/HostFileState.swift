/// A file of a host as it is there.
package struct HostFileState: Sendable, Hashable {
    /// SHA-256 of what it holds, 64 hexadecimal digits.
    package var digest: String
    /// Four octal digits.
    package var mode: String
    /// `user:group`.
    package var owner: String

    package init(digest: String, mode: String, owner: String) {
        self.digest = digest
        self.mode = mode
        self.owner = owner
    }

    /// Whether a file would change nothing.
    package func fits(_ file: HostFile) -> Bool {
        digest == file.digest && mode == file.mode && fits(owner: file.owner)
    }

    /// Whether it belongs to whom it should; without a group any group does.
    package func fits(owner wanted: String?) -> Bool {
        guard let wanted else { return true }
        return wanted.contains(":") ? owner == wanted : owner.split(separator: ":").first.map(String.init) == wanted
    }
}
