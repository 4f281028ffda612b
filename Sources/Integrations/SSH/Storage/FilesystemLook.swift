import Domain

/// Reads how a filesystem of a host lies on its disk. Changes nothing.
struct FilesystemLook: Sendable {
    /// By which of its names it is known.
    enum Place: Sendable, Hashable {
        case mount(String)
        case device(String)
    }

    let target: HostTarget
    let place: Place
    let context: ActionContext

    /// Throws `ActionError` also when it is one that cannot be grown here.
    func layout() async throws -> FilesystemLayout {
        let found = try await source()
        guard
            let device = BlockDevice(
                lsblk: try await read([
                    "lsblk", "--json", "--bytes", "--paths", "--inverse", "--output", "NAME,KNAME,TYPE,SIZE", "--",
                    found.device,
                ]))
        else { throw failure("lsblk tells nothing of \(found.device) that can be read") }
        var layout = FilesystemLayout(
            device: device, mount: found.mount, type: found.type,
            size: try await size(of: found, on: device))
        switch device.type {
        case "lvm":
            layout.group = try await group(device)
            for below in device.below {
                try await add(partition: below, to: &layout)
                layout.physicalVolumes.append(.init(device: below, unused: try await unused(below)))
            }
        default: try await add(partition: device, to: &layout)
        }
        return layout
    }

    // MARK: The filesystem

    private struct Source {
        var device: String
        var mount: String?
        var type: String
    }

    private func source() async throws -> Source {
        switch place {
        case .mount(let path):
            guard let found = try await mounted(["--mountpoint", path]) else {
                throw failure(
                    "nothing is mounted at \(path)", hint: "give the mount point itself: findmnt --target \(path)")
            }
            return found
        case .device(let path):
            if let found = try await mounted(["--source", path]) { return found }
            let type = try await read(["blkid", "--probe", "--output", "value", "--match-tag", "TYPE", path])
            return Source(device: path, mount: nil, type: type.filter { !$0.isWhitespace })
        }
    }

    private func mounted(_ which: [String]) async throws -> Source? {
        let arguments = ["findmnt", "--json", "--canonicalize", "--output", "SOURCE,TARGET,FSTYPE"] + which
        let result = try await target.run(HostCommand(arguments, limit: .seconds(60)), changes: false, context)
        switch result.ending {
        // It found none.
        case .exited(1) where result.output.text.isEmpty: return nil
        case .exited(0): break
        default: throw target.failure(arguments, result, changes: false)
        }
        // The last of several that are mounted over each other is the one that is seen.
        guard let row = (try? JSONValue(parsing: Array(result.output.text.utf8)))?["filesystems"]?.arrayValue?.last,
            let source = row["source"]?.stringValue, let mount = row["target"]?.stringValue,
            let type = row["fstype"]?.stringValue
        else { throw failure("findmnt answers nothing that can be read") }
        // `/dev/sda1[/folder]` where a folder of it is mounted.
        return Source(device: String(source.prefix { $0 != "[" }), mount: mount, type: type)
    }

    private func size(of source: Source, on device: BlockDevice) async throws -> Int64 {
        let found: Int64?
        switch (source.type, source.mount) {
        case ("ext2", _), ("ext3", _), ("ext4", _):
            found = FilesystemSize.ext(try await read(["env", "LC_ALL=C", "dumpe2fs", "-h", device.path]))
        case ("xfs", let mount?): found = FilesystemSize.xfs(try await read(["xfs_info", mount]))
        case ("xfs", nil):
            throw failure("the xfs on \(device.path) is not mounted, and grows only when it is", hint: "mount it first")
        default:
            throw failure(
                "\(device.path) holds \(source.type.isEmpty ? "no filesystem that is known" : source.type)",
                hint: "ext2, ext3, ext4 and xfs can be grown here; grow others by hand")
        }
        guard let found else { throw failure("the size of the filesystem on \(device.path) cannot be read") }
        return found
    }

    // MARK: What it lies on

    private func add(partition device: BlockDevice, to layout: inout FilesystemLayout) async throws {
        switch (device.type, device.below.count) {
        case ("part", 1):
            let disk = device.below[0]
            guard disk.below.isEmpty else { throw unknown(disk) }
            let name = device.kernelPath.split(separator: "/").last ?? ""
            let number = try await read(["cat", "/sys/class/block/\(name)/partition"]).filter(\.isNumber)
            layout.partitions.append(
                .init(
                    device: device, disk: disk, number: number,
                    canGrow: try await canGrow(disk.path, number)))
        case ("disk", 0), ("loop", 0): break
        default: throw unknown(device)
        }
    }

    private func canGrow(_ disk: String, _ number: String) async throws -> Bool {
        let arguments = ["growpart", "--dry-run", disk, number]
        let result = try await target.run(HostCommand(arguments, limit: .seconds(60)), changes: false, context)
        switch result.ending {
        case .exited(0): return true
        case .exited(1) where (result.output.text + result.errors.text).contains("NOCHANGE"): return false
        case .exited(127):
            var error = target.failure(arguments, result, changes: false)
            error.hint = "install it on the host: apt-get install cloud-guest-utils"
            throw error
        default: throw target.failure(arguments, result, changes: false)
        }
    }

    private func group(_ device: BlockDevice) async throws -> VolumeGroup {
        let text = try await read(["lvs"] + FilesystemLook.report + [VolumeGroup.options, device.path])
        guard let group = VolumeGroup(lvs: text) else { throw failure("lvs answers nothing that can be read") }
        return group
    }

    private func unused(_ device: BlockDevice) async throws -> Int64 {
        let text = try await read(["pvs"] + FilesystemLook.report + ["dev_size,pv_size", device.path])
        guard let unused = LVMReport.unused(pvs: text) else { throw failure("pvs answers nothing that can be read") }
        return unused
    }

    private static let report = ["--reportformat", "json", "--units", "b", "--nosuffix", "--options"]

    private func unknown(_ device: BlockDevice) -> ActionError {
        failure(
            "the filesystem lies on \(device.path), which is of type \(device.type)",
            hint: "disks, partitions and LVM on them can be grown here; grow others by hand")
    }

    private func read(_ arguments: [String]) async throws -> String { try await target.read(arguments, context) }

    private func failure(_ what: String, hint: String? = nil) -> ActionError {
        ActionError("host \(target.host): \(what)", hint: hint)
    }
}
