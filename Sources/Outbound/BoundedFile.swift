import Foundation

/// Reads small files whole: keys, certificates, settings.
package enum BoundedFile {
    /// The largest file that is read, in bytes.
    package static let largest = 1024 * 1024

    /// Why a file was not read.
    package struct Unread: Error, Hashable {
        /// Names the file.
        package var message: String
        /// What a person could try.
        package var hint: String?
    }

    /// Throws `Unread`.
    package static func read(_ path: String) throws(Unread) -> [UInt8] {
        let data: Data
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? handle.close() }  // nothing was written, so nothing can be lost
            data = try handle.read(upToCount: largest + 1) ?? Data()
        } catch {
            let reason = FileManager.default.fileExists(atPath: path) ? "cannot be read" : "does not exist"
            throw Unread(message: "\(path) \(reason)", hint: "check the path and who may read it")
        }
        guard data.count <= largest else { throw Unread(message: "\(path) is larger than \(largest) bytes") }
        return Array(data)
    }
}
