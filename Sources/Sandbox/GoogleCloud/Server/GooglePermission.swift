/// A permission, and on what it must be held.
struct GooglePermission: Sendable {
    let name: String
    /// `projects/p/zones/z/disks/d`.
    let resource: String

    init(_ name: String, on resource: String) {
        self.name = name
        self.resource = resource
    }
}
