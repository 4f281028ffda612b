import Domain

extension DiskSize {
    /// What a disk has; nil when Google does not say.
    static func gibibytes(of disk: JSONValue) -> Int? {
        disk["sizeGb"]?.stringValue.flatMap { Int($0) } ?? disk["sizeGb"]?.intValue
    }

    /// Refuses what is larger than the settings let a disk be.
    static func check(_ wanted: Int, _ what: String, most: Int) throws(ActionError) {
        try check(wanted, what, most: most, setting: "google_cloud.largest_disk_gib")
    }
}
