import Domain

/// A disk as an instance has it.
struct AttachedDisk: Sendable {
    /// The disk's own name.
    var name: String
    /// The name under which the system finds it: `/dev/disk/by-id/google-DEVICE`.
    var device: String
    var isBoot: Bool

    static func all(of instance: JSONValue) -> [AttachedDisk] {
        (instance["disks"]?.arrayValue ?? []).compactMap { disk in
            guard let source = disk["source"]?.stringValue else { return nil }
            return AttachedDisk(
                name: ResourcePath.name(source), device: disk["deviceName"]?.stringValue ?? "",
                isBoot: disk["boot"]?.boolValue == true)
        }
    }

    private init(name: String, device: String, isBoot: Bool) {
        (self.name, self.device, self.isBoot) = (name, device, isBoot)
    }

    /// Nil when the instance has none under that device name.
    init?(at device: String, of instance: JSONValue) {
        guard let found = AttachedDisk.all(of: instance).first(where: { $0.device == device }) else { return nil }
        self = found
    }
}
