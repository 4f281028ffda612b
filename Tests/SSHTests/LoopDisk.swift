import Foundation
import TestSupport

/// A disk in a file, as a block device of this machine; its partitions are devices too. It goes with `end`.
struct LoopDisk: Sendable {
    /// Whether one can be had: by root, where the kernel has loop devices, and with the tools that are tried on it.
    static var isThere: Bool {
        geteuid() == 0 && access("/dev/loop-control", W_OK) == 0
            && ["losetup", "growpart", "sfdisk", "mkfs.ext4", "mkfs.xfs"].allSatisfy {
                tool($0) != nil
            }
    }

    /// Whether ext4 may be grown here while it is mounted: the kernel asks for CAP_SYS_RESOURCE, number 24
    /// (capabilities(7)).
    static var mayGrowMountedExt: Bool {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("CapEff:") }),
            let bits = UInt64(line.split(separator: "\t").last ?? "", radix: 16)
        else { return false }
        return bits & 1 << 24 != 0
    }

    let folder: TemporaryFolder
    /// `/dev/loop3`.
    let device: String
    var mount: String { folder.path("mount") }

    /// Bytes of the disk; `table` is what sfdisk(8) reads, nil: no partitions.
    init(size: Int, table: String? = nil) async throws {
        folder = try TemporaryFolder()
        try await LoopDisk.run("truncate", "--size", String(size), folder.path("disk"))
        if let table {
            let made = try await RunningProgram.run(
                try LoopDisk.found("sfdisk"), ["--quiet", folder.path("disk")], input: table)
            guard made.code == 0 else { throw Failure(description: made.text) }
        }
        device = try await LoopDisk.run("losetup", "--find", "--show", "--partscan", folder.path("disk"))
            .trimmingCharacters(in: .whitespacesAndNewlines)
        if table != nil { try await LoopDisk.run("partx", "--update", device) }
        try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
    }

    /// The disk gets larger, as a cloud's disk does under a running host.
    func grow(to size: Int) async throws {
        try await LoopDisk.run("truncate", "--size", String(size), folder.path("disk"))
        try await LoopDisk.run("losetup", "--set-capacity", device)
    }

    func mount(_ device: String) async throws { try await LoopDisk.run("mount", device, mount) }

    func end() async {
        // What is not mounted any more is fine.
        _ = try? await LoopDisk.run("umount", mount)
        _ = try? await LoopDisk.run("losetup", "--detach", device)
    }

    @discardableResult
    static func run(_ name: String, _ arguments: String...) async throws -> String {
        let done = try await RunningProgram.run(try found(name), arguments)
        guard done.code == 0 else { throw Failure(description: "\(name): \(done.text)") }
        return done.text
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static func tool(_ name: String) -> String? {
        ["/usr/bin", "/usr/sbin", "/bin", "/sbin"].map { "\($0)/\(name)" }
            .first(where: FileManager.default.isExecutableFile(atPath:))
    }

    private static func found(_ name: String) throws -> String {
        guard let path = tool(name) else { throw Failure(description: "there is no \(name)") }
        return path
    }
}
