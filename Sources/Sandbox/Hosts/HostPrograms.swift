import Foundation

/// Small programs in place of those of a host: systemd's, and those that tell of its one data disk, `/dev/sdb`. They keep
/// what is so in files of one folder, and write down what changes something. What else is looked for there is not found,
/// so that no command for a stand-in host reaches the machine that it runs on.
package struct HostPrograms: Sendable {
    /// Programs of the machine that hosts have too, because scripts of the bot need them.
    private static let real = [
        "sh", "env", "timeout", "sleep", "grep", "sed", "true", "echo", "printf", "date", "uname",
    ]
    private static let gibibyte: Int64 = 1 << 30

    /// Where they are and what they keep.
    package let folder: String

    /// Makes the folder and puts the programs there. `mount` is where the data disk's filesystem is mounted, `size` how
    /// large both are, GiB; six tenths of it are used. All units run.
    package init(folder: String, mount: String = "/srv/ethereum", size: Int = 2048) throws {
        self.folder = folder
        let manager = FileManager.default
        for name in ["programs", "root"] {
            try manager.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        for (name, text) in HostPrograms.scripts {
            let path = "\(folder)/programs/\(name)"
            let script = "#!/bin/sh\nPATH=/usr/bin:/bin\ncd \"$(dirname \"$0\")/..\" || exit 1\n\(text)\n"
            guard
                manager.createFile(
                    atPath: path, contents: Data(script.utf8), attributes: [.posixPermissions: 0o755])
            else { throw CocoaError(.fileWriteUnknown) }
        }
        for name in HostPrograms.real {
            guard let path = ["/usr/bin/\(name)", "/bin/\(name)"].first(where: manager.isExecutableFile) else {
                continue
            }
            try manager.createSymbolicLink(atPath: "\(folder)/programs/\(name)", withDestinationPath: path)
        }
        try put(mount, "mount")
        try put("active=active sub=running", "unit")
        try put("\(Int64(size) * HostPrograms.gibibyte * 6 / 10)", "used")
        try set(disk: size, filesystem: size)
    }

    /// The line of sshd_config(5) by which every command sees these programs and no others, and nothing of the
    /// environment.
    package var forcedCommand: String {
        func quoted(_ text: String) -> String { "'\(text.replacing("'", with: "'\\''"))'" }
        let environment = [("PATH", "\(folder)/programs"), ("HOME", "\(folder)/root"), ("SHELL", "/bin/sh")]
        return "ForceCommand exec /usr/bin/env -i \(environment.map { "\($0)=\(quoted($1))" }.joined(separator: " ")) "
            + #"/bin/sh -c "$SSH_ORIGINAL_COMMAND""#
    }

    // MARK: What is so

    /// How large the disk and its filesystem are, GiB.
    package func set(disk: Int? = nil, filesystem: Int? = nil) throws {
        if let disk { try put("\(Int64(disk) * HostPrograms.gibibyte)", "disk") }
        if let filesystem { try put("\(Int64(filesystem) * HostPrograms.gibibyte)", "filesystem") }
    }

    /// GiB.
    package var filesystem: Int { Int((Int64(lines("filesystem").first ?? "") ?? 0) / HostPrograms.gibibyte) }
    /// GiB.
    package var disk: Int { Int((Int64(lines("disk").first ?? "") ?? 0) / HostPrograms.gibibyte) }

    /// `hold`: resetting a unit does not end; `broken`: none starts.
    package func set(_ switchName: String, _ isOn: Bool) throws {
        if isOn {
            try put("", switchName)
        } else {
            try FileManager.default.removeItem(atPath: "\(folder)/\(switchName)")
        }
    }

    /// A file of the host, by its absolute path there; nil takes it away.
    package func put(file: String, _ text: String?) throws {
        let path = "\(folder)/root\(file)"
        let manager = FileManager.default
        guard let text else {
            if manager.fileExists(atPath: path) { try manager.removeItem(atPath: path) }
            return
        }
        try manager.createDirectory(
            atPath: URL(filePath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    }

    /// What was asked to change something, as it was typed.
    package var asked: [String] { lines("asked") }
    /// How often somebody looked at the disk.
    package var looks: Int { lines("looked").count }

    private func put(_ text: String, _ name: String) throws {
        try Data("\(text)\n".utf8).write(to: URL(filePath: "\(folder)/\(name)"), options: .atomic)
    }

    private func lines(_ name: String) -> [String] {
        // What is not there yet holds nothing.
        ((try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) ?? "")
            .split(separator: "\n").map(String.init)
    }
}
