import Domain

/// What LVM says of a logical volume's group (lvs(8)).
struct VolumeGroup: Sendable, Hashable {
    static let options = "vg_name,vg_free,vg_extent_size"

    var name: String
    /// Bytes that no volume has.
    var free: Int64
    /// Bytes.
    var extent: Int64

    /// Out of `lvs --reportformat json --units b --nosuffix`. Nil when it is something else.
    init?(lvs text: String) {
        guard let row = LVMReport.row(text, "lv"), let name = row["vg_name"]?.stringValue,
            let free = BlockDevice.number(row["vg_free"]), let extent = BlockDevice.number(row["vg_extent_size"])
        else { return nil }
        self.name = name
        self.free = free
        self.extent = extent
    }
}

/// LVM's reports in JSON (lvmreport(7)).
enum LVMReport {
    /// The one row of a report.
    static func row(_ text: String, _ kind: String) -> JSONValue? {
        guard let json = try? JSONValue(parsing: Array(text.utf8)),  // what is no JSON has no rows either
            let rows = json["report"]?.arrayValue?.first?[kind]?.arrayValue, rows.count == 1
        else { return nil }
        return rows[0]
    }

    /// Bytes of a device that its physical volume does not use, out of `pvs`.
    static func unused(pvs text: String) -> Int64? {
        guard let row = row(text, "pv"), let device = BlockDevice.number(row["dev_size"]),
            let volume = BlockDevice.number(row["pv_size"])
        else { return nil }
        return device - volume
    }
}
