import Domain

/// A block device, and what it lies on, as `lsblk --json --bytes --paths --inverse --output NAME,KNAME,TYPE,SIZE` says
/// (lsblk(8)).
struct BlockDevice: Sendable, Hashable {
    var path: String
    /// The kernel's own name, as a path.
    var kernelPath: String
    /// `disk`, `part`, `lvm`, `loop`, `crypt`, `raid1`, …
    var type: String
    /// Bytes.
    var size: Int64
    /// What it lies on.
    var below: [BlockDevice]

    /// Nil when it is something else, or not exactly one device.
    init?(lsblk text: String) {
        guard let json = try? JSONValue(parsing: Array(text.utf8)),  // what is no JSON names no device either
            let devices = json["blockdevices"]?.arrayValue, devices.count == 1
        else { return nil }
        self.init(devices[0], depth: 0)
    }

    private init?(_ json: JSONValue, depth: Int) {
        guard depth < 16, let path = json["name"]?.stringValue, let type = json["type"]?.stringValue,
            let size = BlockDevice.number(json["size"])
        else { return nil }
        self.path = path
        kernelPath = json["kname"]?.stringValue ?? path
        self.type = type
        self.size = size
        let below = json["children"]?.arrayValue ?? []
        self.below = below.compactMap { BlockDevice($0, depth: depth + 1) }
        guard self.below.count == below.count else { return nil }
    }

    /// Old versions write numbers as text.
    static func number(_ value: JSONValue?) -> Int64? {
        switch value {
        case .int(let number)?: number
        case .string(let text)?: Int64(text)
        default: nil
        }
    }

    /// The disks at the bottom, as far as this program knows the world.
    var disks: [BlockDevice] { below.isEmpty ? [self] : below.flatMap(\.disks) }
}
