import Outbound

/// A file that the settings of a cluster name: its kubeconfig, a token, a certificate.
enum ClusterFile {
    /// Throws `ClusterAccessError` naming the file, and why it was not read.
    static func read(_ path: String) throws(ClusterAccessError) -> [UInt8] {
        do { return try BoundedFile.read(path) } catch { throw ClusterAccessError(error.message, hint: error.hint) }
    }
}
