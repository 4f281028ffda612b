/// Sizes of disks and volumes in GiB, as providers count them, whatever they call it: Google's `sizeGb` are GiB
/// (cloud.google.com/compute/docs/disks), and so is Hetzner's `size`.
package enum DiskSize {
    /// The GiB that hold an amount: what is not whole is rounded up.
    package static func gibibytes(_ quantity: Quantity) -> Int {
        let (whole, rest) = quantity.bytes.quotientAndRemainder(dividingBy: 1 << 30)
        return Int(whole) + (rest > 0 ? 1 : 0)
    }

    /// `2 TiB`, `50 GiB`
    package static func words(_ gibibytes: Int) -> String {
        gibibytes >= 1024 && gibibytes % 1024 == 0 ? "\(gibibytes / 1024) TiB" : "\(gibibytes) GiB"
    }

    /// Refuses what is larger than the named setting lets a disk be.
    package static func check(_ wanted: Int, _ what: String, most: Int, setting: String) throws(ActionError) {
        guard wanted > most else { return }
        throw ActionError(
            "\(what) would have \(words(wanted)), more than the \(words(most)) that a disk may have",
            hint: "raise \(setting), if that is meant")
    }
}
