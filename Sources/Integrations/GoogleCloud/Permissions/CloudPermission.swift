/// One IAM permission, and Google's page that says that a method needs it.
package struct CloudPermission: Sendable, Hashable, Comparable {
    /// `compute.disks.resize`
    package var name: String
    /// Below `cloud.google.com/`.
    package var source: String

    package init(_ name: String, _ source: String) {
        self.name = name
        self.source = source
    }

    package static func < (left: CloudPermission, right: CloudPermission) -> Bool { left.name < right.name }

    /// Of a method of Compute Engine, whose page has a section "IAM Permissions".
    static func compute(_ name: String, _ method: String) -> CloudPermission {
        CloudPermission("compute.\(name)", "compute/docs/reference/rest/v1/\(method)")
    }
}
