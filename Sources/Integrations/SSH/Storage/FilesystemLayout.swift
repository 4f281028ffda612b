import Domain

/// A filesystem and all that it lies on, as it is now.
struct FilesystemLayout: Sendable, Hashable {
    /// What may be left over at the end of a device: filesystems grow in whole groups of blocks.
    static let slack: Int64 = 16 << 20

    /// A partition that it lies on, and whether there is room behind it.
    struct Partition: Sendable, Hashable {
        var device: BlockDevice
        var disk: BlockDevice
        var number: String
        var canGrow: Bool
    }

    /// An LVM physical volume that it lies on.
    struct PhysicalVolume: Sendable, Hashable {
        var device: BlockDevice
        /// Bytes of its device that it does not use.
        var unused: Int64
    }

    var device: BlockDevice
    /// Where it is mounted; nil: nowhere.
    var mount: String?
    /// `ext4`, `xfs`, …
    var type: String
    /// Bytes, as its own tools report it.
    var size: Int64
    var partitions: [Partition] = []
    var physicalVolumes: [PhysicalVolume] = []
    var group: VolumeGroup?

    /// Bytes of all disks together.
    var diskSize: Int64 { device.disks.reduce(0) { $0 + $1.size } }

    /// What must be done, from the disk upwards; what is below decides what is above. Empty: it fills its disk.
    var steps: [GrowthStep] {
        let growing = partitions.filter(\.canGrow)
        var steps = growing.map { GrowthStep.partition($0.device.path, disk: $0.disk.path, number: $0.number) }
        if let group {
            // LVM keeps 1 MiB for itself, and uses whole extents.
            let room = group.extent + (2 << 20)
            let volumes = physicalVolumes.filter { volume in
                volume.unused >= room || growing.contains { $0.device == volume.device }
            }
            steps += volumes.map { .physicalVolume($0.device.path) }
            if !volumes.isEmpty || group.free >= group.extent { steps.append(.logicalVolume(device.path)) }
        }
        if !steps.isEmpty || !fillsDevice { steps.append(filesystemStep) }
        return steps
    }

    var fillsDevice: Bool { size + FilesystemLayout.slack > device.size }

    private var filesystemStep: GrowthStep {
        if type == "xfs", let mount { return .xfs(mount) }
        return .ext(device.path, isMounted: mount != nil)
    }

    var title: String { "\(type) on \(device.path)\(mount.map { " at \($0)" } ?? "")" }
}
