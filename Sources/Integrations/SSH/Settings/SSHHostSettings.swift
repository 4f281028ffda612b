package import Domain
import Outbound

/// One host, and how the bot proves to it who it is.
package struct SSHHostSettings: Sendable {
    package var place: Place
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

    package enum Place: Sendable, Hashable {
        /// A name or an address.
        case address(String)
        /// A server of Hetzner Cloud, which says where it is; `isInside`: reached by its private address.
        case hetzner(server: String, isInside: Bool)
    }

    package enum KnownHostsPlace: Sendable, Hashable {
        case text(String)
        case file(String)
        /// The secret may come later than the bot.
        case secret(SecretReference)
    }

    // Nil is never seen: the text is constant and compiles. Names of servers are host names (RFC 1123).
    private static let server = try? Pattern("[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?")

    package init(_ input: inout InputReader) {
        let address = input.optionalText("address", "The host's name or address")
        let server = input.optionalText(
            "hetzner", "Instead of 'address': the name of a server of Hetzner Cloud, which says where it is",
            pattern: SSHHostSettings.server)
        let isInside = input.flag("inside", "With 'hetzner': it is reached by its address inside its network")
        place = server.map { .hetzner(server: $0, isInside: isInside) } ?? .address(address ?? "")
        port = input.integer("port", "Its port", in: 1...65_535, default: 22)
        user = input.text("user", "The user there")
        key = input.secret("key", "The bot's private key in OpenSSH's or PEM form, without a passphrase")
        let keys = input.textOrSecret(
            "known_hosts",
            "The host's public keys, one a line, as ssh-keyscan prints them or without the host's name; or where they are "
                + "kept: {stored: name}, which may come later than the bot")
        let file = input.optionalText("known_hosts_file", "Instead of 'known_hosts': a file of them")
        jump = input.optionalText("jump", "The name of another host of this section, through which it is reached")
        usesSudo = input.flag("sudo", "Commands run as root, by sudo -n")
        knownHosts =
            switch (file, keys) {
            case (let file?, _): .file(file)
            case (nil, .secret(let reference)?): .secret(reference)
            case (nil, .text(let text)?): .text(text)
            case (nil, nil): .text("")
            }
        SSHHostSettings.checkPlace(&input)
        for (name, text) in [("address", address ?? ""), ("user", user), ("known_hosts_file", file ?? "")]
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
            guard case .text(let text)? = keys else { break }
            do throws(KnownHosts.Complaint) { _ = try KnownHosts(text) } catch {
                input.report(
                    "'known_hosts' cannot be used: \(error)", field: "known_hosts",
                    fix: "one key a line, such as ssh-ed25519 AAAA…")
            }
        case (false, true): break
        }
    }
    private static func checkPlace(_ input: inout InputReader) {
        switch (input.isGiven("address"), input.isGiven("hetzner")) {
        case (false, false):
            input.report(
                "nothing says where the host is", field: "address",
                fix: "give 'address', or 'hetzner' with a server's name")
        case (true, true):
            input.report("two things say where the host is", field: "hetzner", fix: "leave 'address' or 'hetzner' out")
        case (true, false), (false, true): break
        }
        if input.isGiven("inside"), !input.isGiven("hetzner") {
            input.report("'inside' is for 'hetzner' only", field: "inside", fix: "leave it out")
        }
    }
}
