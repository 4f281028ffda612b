/// One thing to be made larger, from the disk upwards.
enum GrowthStep: Sendable, Hashable {
    /// A partition of a disk, to where the next one or the disk ends.
    case partition(String, disk: String, number: String)
    /// An LVM physical volume, to the size of its device.
    case physicalVolume(String)
    /// An LVM logical volume, by all that is free in its group.
    case logicalVolume(String)
    /// ext2 to ext4: while it is mounted, and else after a check, without which it is refused.
    case ext(String, isMounted: Bool)
    /// XFS, by where it is mounted.
    case xfs(String)

    /// What is run, in this order; with the codes that are fine.
    var commands: [(arguments: [String], codes: Set<Int>)] {
        switch self {
        // growpart(1) ends with 1 when there is nothing to grow.
        case .partition(_, let disk, let number): [(["growpart", disk, number], [0, 1])]
        case .physicalVolume(let device): [(["pvresize", device], [0])]
        case .logicalVolume(let device): [(["lvextend", "--extents", "+100%FREE", device], [0])]
        case .ext(let device, true): [(["resize2fs", device], [0])]
        // e2fsck(8) ends with 1 when it has mended something.
        case .ext(let device, false): [(["e2fsck", "-f", "-p", device], [0, 1]), (["resize2fs", device], [0])]
        case .xfs(let mount): [(["xfs_growfs", mount], [0])]
        }
    }

    var words: String {
        switch self {
        case .partition(let device, let disk, _): "partition \(device) grows on \(disk)"
        case .physicalVolume(let device): "LVM's physical volume \(device) grows"
        case .logicalVolume(let device): "LVM's logical volume \(device) takes all that is free in its group"
        case .ext(let device, _): "the filesystem on \(device) grows"
        case .xfs(let mount): "the filesystem at \(mount) grows"
        }
    }
}
