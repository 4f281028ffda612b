/// What was unpacked.
struct TreeContents: Sendable, Hashable, Codable {
    var files = 0
    /// Bytes of the files.
    var bytes: Int64 = 0
    /// Links, devices and the like, which are not unpacked.
    var leftOut = 0
}
