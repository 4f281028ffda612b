package import Domain
import Outbound

/// One host, and how the bot proves to it who it is.
package struct SSHHostSettings: Sendable {
    /// A name or an address.
    package var address: String
    package var port: Int
    package var user: String
    /// Nil only where the settings have a problem.
    package var key: SecretReference?
    /// The text, or the path of a file of it.
    package var knownHosts: KnownHostsPlace
    /// Another host through which this one is reached.
    package var jump: String?
    /// Whether commands run as root, by `sudo -n`.
    package var usesSudo: Bool

    package enum KnownHostsPlace: Sendable, Hashable {
        case text(String)
        case file(String)
    }

    package init(_ input: inout InputReader) {
        address = input.text("address", "The host's name or address")
        port = input.integer("port", "Its port", in: 1...65_535, default: 22)
        user = input.text("user", "The user there")
        key = input.secret("key", "The bot's private key in OpenSSH's or PEM form, without a passphrase")
        let text = input.optionalText(
            "known_hosts", "The host's public keys, one a line, as ssh-keyscan prints them or without the host's name")
        let file = input.optionalText("known_hosts_file", "Instead of 'known_hosts': a file of them")
        jump = input.optionalText("jump", "The name of another host of this section, through which it is reached")
        usesSudo = input.flag("sudo", "Commands run as root, by sudo -n")
        knownHosts = file.map { .file($0) } ?? .text(text ?? "")
        for (name, text) in [("address", address), ("user", user), ("known_hosts_file", file ?? "")]
        where !text.isEmpty && !SecureCopyTarget.isPlain(text) {
            input.report(
                "'\(name)' holds signs that it may not", field: name,
                fix: "letters, digits and ._/+:~- can be given, and no - at the beginning")
        }
        switch (input.isGiven("known_hosts"), input.isGiven("known_hosts_file")) {
        case (false, false):
            input.report(
                "no key of the host is given, and none is trusted at first sight", field: "known_hosts",
                fix: "give 'known_hosts' or 'known_hosts_file': compare what ssh-keyscan prints with what the host's "
                    + "console shows")
        case (true, true):
            input.report("known_hosts is given twice", field: "known_hosts_file", fix: "leave one of them out")
        case (true, false):
            guard let text else { break }
            do throws(KnownHosts.Complaint) { _ = try KnownHosts(text) } catch {
                input.report(
                    "'known_hosts' cannot be used: \(error)", field: "known_hosts",
                    fix: "one key a line, such as ssh-ed25519 AAAA…")
            }
        case (false, true): break
        }
    }
}
