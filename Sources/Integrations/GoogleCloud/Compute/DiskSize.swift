import Domain

/// Sizes of disks in GiB, as Google counts them (its `sizeGb` are GiB: cloud.google.com/compute/docs/disks).
enum DiskSize {
    static let gibibyte: Int64 = 1 << 30

    /// The GiB that hold an amount: what is not whole is rounded up.
    static func gibibytes(_ quantity: Quantity) -> Int {
        let (whole, rest) = quantity.bytes.quotientAndRemainder(dividingBy: gibibyte)
        return Int(whole) + (rest > 0 ? 1 : 0)
    }

    /// What a disk has; nil when Google does not say.
    static func gibibytes(of disk: JSONValue) -> Int? {
        disk["sizeGb"]?.stringValue.flatMap { Int($0) } ?? disk["sizeGb"]?.intValue
    }

    static func words(_ gibibytes: Int) -> String {
        gibibytes >= 1024 && gibibytes % 1024 == 0 ? "\(gibibytes / 1024) TiB" : "\(gibibytes) GiB"
    }

    /// Refuses what is larger than the settings let a disk be.
    static func check(_ wanted: Int, _ what: String, most: Int) throws(ActionError) {
        guard wanted > most else { return }
        throw ActionError(
            "\(what) would have \(words(wanted)), more than the \(words(most)) that a disk may have",
            hint: "raise google_cloud.largest_disk_gib, if that is meant")
    }
}
