/// A file for a host.
package struct HostFile: Sendable, Hashable {
    /// Bytes of one at most.
    package static let largest = 16 * 1024 * 1024

    /// Where it goes: absolute.
    package var path: String
    package var contents: [UInt8]
    /// Four octal digits, as chmod(1) takes them: `0644`.
    package var mode: String
    /// `user` or `user:group`; nil: who writes it.
    package var owner: String?

    package init(path: String, contents: [UInt8], mode: String, owner: String? = nil) {
        self.path = path
        self.contents = contents
        self.mode = mode
        self.owner = owner
    }

    /// What hinders that it is written at all; nil when nothing does.
    package var complaint: String? {
        if !path.hasPrefix("/") || path.hasSuffix("/") || path.utf8.count > 4000
            || path.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
        {
            return "'\(path.prefix(100))' is no absolute path of a file"
        }
        if contents.count > HostFile.largest {
            return "\(path) is \(contents.count) bytes, more than \(HostFile.largest)"
        }
        return nil
    }
}
