/// A folder of a host that is reached by SSH, and how the bot proves to it who it is.
package struct SecureCopyTarget: Sendable, Hashable {
    package var host: String
    package var port: Int
    package var user: String
    /// The folder there; absolute, or from the user's home on.
    package var folder: String
    /// The file of the bot's private key, without a passphrase, mode 0600.
    package var keyFile: String
    /// The file of the host keys that are trusted, as OpenSSH writes it.
    package var knownHostsFile: String

    package init(host: String, port: Int, user: String, folder: String, keyFile: String, knownHostsFile: String) {
        self.host = host
        self.port = port
        self.user = user
        self.folder = folder
        self.keyFile = keyFile
        self.knownHostsFile = knownHostsFile
    }

    /// `user@host:folder`.
    package var words: String { "\(user)@\(host):\(folder)" }

    /// Whether a text can be a host, user, folder or file name here: nothing that OpenSSH would read as an option, a
    /// quote or a pattern.
    package static func isPlain(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 1024 && !text.hasPrefix("-")
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "._/+:~-".utf8.contains(byte)
                }
            }
    }
}
