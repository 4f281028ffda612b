/// A source tree on this machine's disk.
package struct Tree: Sendable, Hashable {
    /// By what it is named, here and in steps.
    package var id: String
    /// The folder that holds its files; only regular files and folders are in it.
    package var folder: String
    package var files: Int
    /// Bytes of the files.
    package var bytes: Int64
    /// Links, devices and the like that were in the archive and are not here.
    package var leftOut: Int
}
