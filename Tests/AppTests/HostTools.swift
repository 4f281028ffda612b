import Foundation
import Outbound
import TestSupport

/// A host that a bot reaches by OpenSSH, with small programs in place of systemd's and of those that tell of disks. They
/// keep what is so in files of one folder, and write down what changes something.
struct HostTools: Sendable {
    private static let programs = [
        "systemctl": """
        #!/bin/sh
        cd "$(dirname "$0")"
        verb=$1
        for last; do :; done
        . ./unit
        [ ! -e "unit-$last" ] || . "./unit-$last"
        case $verb in
        show)
          echo "LoadState=loaded"; echo "ActiveState=$active"; echo "SubState=$sub"; echo "UnitFileState=enabled"
          echo "Result=success"; echo "Type=simple"; echo "InvocationID=1"; echo "ExecMainStartTimestampMonotonic=1"
          exit 0 ;;
        start) active=active sub=running ;;
        stop) active=inactive sub=dead ;;
        esac
        echo "$*" >>asked
        while [ "$verb" = reset-failed ] && [ -e hold ]; do sleep 0.1; done
        if [ "$verb" = start ] && [ -e broken ]; then
          printf 'active=failed sub=failed\\n' >"unit-$last"
          echo "Job for $3 failed" >&2
          exit 1
        fi
        printf 'active=%s sub=%s\\n' $active $sub >"unit-$last"
        """,
        "journalctl": """
        #!/bin/sh
        echo "the journal: $*"
        """,
        "findmnt": """
        #!/bin/sh
        echo '{"filesystems":[{"source":"/dev/sdb","target":"/srv/ethereum","fstype":"ext4"}]}'
        """,
        "lsblk": """
        #!/bin/sh
        cd "$(dirname "$0")"
        echo lsblk >>looked
        echo '{"blockdevices":[{"name":"/dev/sdb","kname":"/dev/sdb","type":"disk","size":'"$(cat disk)"'}]}'
        """,
        "df": """
        #!/bin/sh
        echo "Filesystem Type 1B-blocks Used Avail Use% IUse% Mounted on"
        echo "/dev/sdb ext4 2199023255552 1099511627776 1099511627776 50% 1% /srv/ethereum"
        """,
        "dumpe2fs": """
        #!/bin/sh
        cd "$(dirname "$0")"
        echo "Block count: $(($(cat filesystem) / 4096))"
        echo "Block size: 4096"
        """,
        "resize2fs": """
        #!/bin/sh
        cd "$(dirname "$0")"
        echo "resize2fs $*" >>asked
        cp disk filesystem
        """,
    ]
    private static let gibibyte = 1 << 30

    private let folder: TemporaryFolder
    let server: SSHServer

    static func start() async throws -> HostTools {
        let folder = try TemporaryFolder()
        for (name, text) in programs {
            try folder.write(text + "\n", to: name)
            chmod(folder.path(name), 0o755)
        }
        let server = try await SSHServer.start(more: ["SetEnv PATH=\(folder.path("")):/usr/bin:/bin"])
        return HostTools(folder: folder, server: server)
    }

    /// The section `hosts` of a bot's settings that knows it by this name.
    func settings(_ name: String) -> String {
        """

        hosts:
          \(name):
            address: \(server.target.host)
            port: \(server.target.port)
            user: \(server.target.user)
            key: {file: \(server.target.keyFile)}
            known_hosts_file: \(server.target.knownHostsFile)

        """
    }

    /// How large the disk and its filesystem are.
    func set(disk: Int? = nil, filesystem: Int? = nil) throws {
        if let disk { try folder.write("\(disk * HostTools.gibibyte)\n", to: "disk") }
        if let filesystem { try folder.write("\(filesystem * HostTools.gibibyte)\n", to: "filesystem") }
    }

    /// In GiB.
    var filesystem: Int { (Int(lines("filesystem").first ?? "") ?? 0) / HostTools.gibibyte }

    /// How the unit is: `active=active sub=running`.
    func set(unit: String) throws { try folder.write(unit + "\n", to: "unit") }

    /// `hold`: resetting a unit does not end; `broken`: none starts.
    func set(_ switchName: String, _ isOn: Bool) throws {
        if isOn {
            try folder.write("", to: switchName)
        } else {
            try FileManager.default.removeItem(atPath: folder.path(switchName))
        }
    }

    /// What was asked to change something.
    var asked: [String] { lines("asked") }
    /// How often somebody looked at the disk.
    var looks: Int { lines("looked").count }

    private func lines(_ name: String) -> [String] {
        // What is not there yet holds nothing.
        ((try? String(contentsOfFile: folder.path(name), encoding: .utf8)) ?? "")
            .split(separator: "\n").map(String.init)
    }
}
