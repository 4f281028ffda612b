import Foundation

/// Reads small files whole.
enum BoundedFile {
    /// The largest file that is read, in bytes.
    static let largest = 1024 * 1024

    /// Throws `ClusterAccessError` naming the file, and why it was not read.
    static func read(_ path: String) throws(ClusterAccessError) -> [UInt8] {
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? handle.close() }  // nothing was written, so nothing can be lost
            let data = try handle.read(upToCount: largest + 1) ?? Data()
            guard data.count <= largest else {
                throw ClusterAccessError("\(path) is larger than \(largest) bytes")
            }
            return Array(data)
        } catch let error as ClusterAccessError {
            throw error
        } catch {
            let reason = FileManager.default.fileExists(atPath: path) ? "cannot be read" : "does not exist"
            throw ClusterAccessError("\(path) \(reason)", hint: "check the path and who may read it")
        }
    }
}
