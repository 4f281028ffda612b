package import Domain

/// The section `hosts` of the settings: machines that are reached by SSH, by names of your own.
package struct SSHSettings: Sendable {
    /// Hosts at most.
    static let mostHosts = 1000
    /// Hosts in a row through which another is reached, at most.
    static let longestJump = 4

    package var hosts: [String: SSHHostSettings]

    package init() { hosts = [:] }

    package init(_ input: inout InputReader) {
        hosts = input.everyNamed("Each host by a name of yours, such as geth-0") { _, host in SSHHostSettings(&host) }
        if hosts.count > SSHSettings.mostHosts {
            input.report("there are \(hosts.count) hosts, more than \(SSHSettings.mostHosts)", field: "")
        }
        for name in hosts.keys.sorted() {
            if !SSHSettings.isName(name) {
                input.report(
                    "'\(name.prefix(80))' is no name for a host", field: name,
                    fix: "use a-z, 0-9, '.' and '-', a letter or digit first, at most 63")
            }
            if let complaint = jumpComplaint(name) {
                input.report(complaint.message, field: name, fix: complaint.fix)
            }
        }
    }

    /// The hosts through which one is reached, the nearest to the bot first, and itself last. Nil when there is no such
    /// host; the settings' reader has seen that the row ends.
    func chain(to name: String) -> [(name: String, host: SSHHostSettings)]? {
        var row: [(name: String, host: SSHHostSettings)] = []
        var next: String? = name
        while let name = next {
            guard let host = hosts[name], row.count <= SSHSettings.longestJump else { return nil }
            row.append((name, host))
            next = host.jump
        }
        return row.reversed()
    }

    private func jumpComplaint(_ name: String) -> (message: String, fix: String)? {
        var seen = [name]
        var next = hosts[name]?.jump
        while let jump = next {
            guard let host = hosts[jump] else {
                // Told once, at the host that names it.
                guard seen.count == 1 else { return nil }
                return (
                    "host '\(name)' is reached through '\(jump)', and there is no such host",
                    NearestName.of(jump, in: hosts.keys.sorted()).map { "did you mean '\($0)'?" }
                        ?? "add it to hosts"
                )
            }
            if seen.contains(jump) {
                return (
                    "host '\(name)' is reached in a circle: \((seen + [jump]).joined(separator: " → "))",
                    "let one of them be reached without 'jump'"
                )
            }
            seen.append(jump)
            if seen.count > SSHSettings.longestJump + 1 {
                return (
                    "host '\(name)' is reached through more than \(SSHSettings.longestJump) others",
                    "let it be reached through fewer"
                )
            }
            next = host.jump
        }
        return nil
    }

    /// No sign of it means anything to `ssh`.
    static func isName(_ name: String) -> Bool {
        func isPlain(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) }
        return (1...63).contains(name.utf8.count) && name.utf8.first.map(isPlain) == true
            && name.utf8.allSatisfy { isPlain($0) || $0 == 0x2D || $0 == 0x2E }
    }

    /// The section as the settings' reader knows it.
    package static let section = SettingsSection(
        name: "hosts", summary: "Machines that the bot reaches by SSH"
    ) { input in
        _ = SSHSettings(&input)
    }
}
