/// What OpenSSH refuses a connection for, in words that say what to do.
package enum OpenSSHComplaint: Sendable, Hashable {
    /// The host shows another key than the one that is trusted.
    case otherHostKey(String)
    case unknownHostKey(String)
    case openKeyFile(String)
    case refusedKey(String)

    /// Nil when it says something else. `key` and `knownHosts` are how people know the two files.
    package init?(_ errors: String, host: String, port: Int, user: String, key: String, knownHosts: String) {
        if errors.contains("REMOTE HOST IDENTIFICATION HAS CHANGED") {
            self = .otherHostKey(
                "the host shows another key than the one in \(knownHosts): find out why before you change"
                    + (knownHosts.hasPrefix("/") ? " the file" : " it"))
        } else if errors.contains("Host key verification failed") {
            self = .unknownHostKey(
                "the host's key is not in \(knownHosts): compare it and put it there (ssh-keyscan -p \(port) \(host))")
        } else if errors.contains("UNPROTECTED PRIVATE KEY FILE") {
            self = .openKeyFile("\(key) can be read by others: chmod 600 it")
        } else if errors.contains("Permission denied (") {
            self = .refusedKey(
                "the host does not let \(user) in with \(key): put its public key into the user's authorized_keys there"
            )
        } else {
            return nil
        }
    }

    package var words: String {
        switch self {
        case .otherHostKey(let words), .unknownHostKey(let words), .openKeyFile(let words), .refusedKey(let words):
            words
        }
    }
}
