/// What every program of OpenSSH is told when the bot runs it: host keys are pinned, nobody is asked for anything, no
/// agent and no key but the given one is used, and a dead connection is noticed (ssh_config(5)).
package struct OpenSSHOptions: Sendable {
    /// How long one connection may take to be made, seconds.
    package static let connectTimeout = 15

    /// In the order in which OpenSSH reads them; the first of a name counts.
    package var values: [(name: String, value: String)] {
        [
            ("IdentityFile", keyFile), ("UserKnownHostsFile", knownHostsFile),
        ] + OpenSSHOptions.everywhere
    }

    private var keyFile: String
    private var knownHostsFile: String

    /// Two files that OpenSSH reads: a private key, and the host keys that are trusted.
    package init(keyFile: String, knownHostsFile: String) {
        self.keyFile = keyFile
        self.knownHostsFile = knownHostsFile
    }

    /// Those that do not hang on the host.
    package static let everywhere: [(name: String, value: String)] = [
        ("BatchMode", "yes"), ("StrictHostKeyChecking", "yes"), ("GlobalKnownHostsFile", "none"),
        ("UpdateHostKeys", "no"), ("CheckHostIP", "no"), ("IdentitiesOnly", "yes"), ("IdentityAgent", "none"),
        ("AddKeysToAgent", "no"), ("ForwardAgent", "no"), ("ForwardX11", "no"), ("PermitLocalCommand", "no"),
        ("PreferredAuthentications", "publickey"), ("ConnectTimeout", String(connectTimeout)),
        ("ServerAliveInterval", "15"), ("ServerAliveCountMax", "3"), ("LogLevel", "ERROR"),
    ]

    /// For a command line.
    package var arguments: [String] { OpenSSHOptions.arguments(values) }

    /// `-o Name=value` for each.
    package static func arguments(_ values: [(name: String, value: String)]) -> [String] {
        values.flatMap { ["-o", "\($0.name)=\($0.value)"] }
    }

    /// Lines of a section of a configuration file. The values must be plain: nothing is quoted.
    package static func lines(_ values: [(name: String, value: String)]) -> String {
        values.map { "  \($0.name) \($0.value)\n" }.joined()
    }

    /// What its programs see of the environment: where programs are, and nothing of the bot's.
    package static let environment = ["PATH": "/usr/bin:/bin:/usr/local/bin", "LC_ALL": "C", "SHELL": "/bin/sh"]
}
