import Domain
import Foundation
import Outbound

/// The section `backup` of the settings: where copies of the ledger go by themselves, and how many are kept.
struct BackupSettings: Sendable {
    /// The folder, as it is written; nil: `backups` beside the ledger.
    var folder: String?
    var every: Duration
    var keep: Int
    var ssh: Remote?

    /// A folder of another host that gets a copy of each.
    struct Remote: Sendable {
        var host: String
        var port: Int
        var user: String
        var folder: String
        var key: String
        var knownHosts: String

        init(_ input: inout InputReader) {
            host = input.text("host", "The host's name or address")
            port = input.integer("port", "Its port", in: 1...65_535, default: 22)
            user = input.text("user", "The user there")
            folder = input.text("folder", "The folder there; it is made in a folder that is there")
            let key = input.secret("key", "The bot's private key: {file: path}, mode 0600, without a passphrase")
            knownHosts = input.text(
                "known_hosts", "The file of host keys that are trusted, as ssh-keyscan prints them")
            if case .file(let path)? = key { self.key = path } else { self.key = "" }
            if key != nil, self.key.isEmpty {
                input.report(
                    "the key must be a file, which OpenSSH reads by itself", field: "key", fix: "key: {file: path}")
            }
            for (name, text) in [
                ("host", host), ("user", user), ("folder", folder), ("key", self.key), ("known_hosts", knownHosts),
            ] where !text.isEmpty && !SecureCopyTarget.isPlain(text) {
                input.report(
                    "'\(name)' holds signs that it may not", field: name,
                    fix: "letters, digits and ._/+:~- can be given, and no - at the beginning")
            }
        }
    }

    init(_ input: inout InputReader) {
        folder = input.optionalText("to", "The folder of the copies; backups beside the ledger unless said")
        every = input.duration("every", "How often a copy is made", default: .seconds(86_400))
        keep = input.integer("keep", "How many copies are kept; older ones are removed", in: 1...10_000, default: 7)
        ssh = input.section("ssh", "Another host that gets each copy too, by OpenSSH's sftp") { Remote(&$0) }
        if every < .seconds(60) {
            input.report("'every' must be at least 1m", field: "every", fix: "such as 24h")
        }
    }

    /// The section as the settings' reader knows it.
    static let section = SettingsSection(
        name: "backup", summary: "Copies of the ledger, made while the bot runs"
    ) { _ = BackupSettings(&$0) }

    /// Where copies of a ledger go when nothing else is said.
    static func usualFolder(beside ledger: String) -> String {
        URL(filePath: ledger).deletingLastPathComponent().appending(path: "backups").path
    }
}
