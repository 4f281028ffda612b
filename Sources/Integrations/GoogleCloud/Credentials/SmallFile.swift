import Domain
import Foundation

/// A file that is read whole, each time that it is needed.
struct SmallFile: Sendable {
    /// The largest file that is read, in bytes.
    static let largest = 1024 * 1024

    let path: String

    /// A relative path starts in `base`.
    init(_ path: String, base: String) {
        self.path = path.hasPrefix("/") ? path : URL(filePath: base).appending(path: path).path
    }

    /// Where relative paths in it start.
    var folder: String { URL(filePath: path).deletingLastPathComponent().path }

    /// Throws `GoogleFailure` naming the file, and why it was not read.
    func bytes() throws -> [UInt8] {
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? handle.close() }  // nothing was written, so nothing can be lost
            let data = try handle.read(upToCount: SmallFile.largest + 1) ?? Data()
            guard data.count <= SmallFile.largest else {
                throw GoogleFailure("\(path) is larger than \(SmallFile.largest) bytes")
            }
            return Array(data)
        } catch let error as GoogleFailure {
            throw error
        } catch {
            let reason = FileManager.default.fileExists(atPath: path) ? "cannot be read" : "does not exist"
            throw GoogleFailure("\(path) \(reason)", hint: "check the path and who may read it")
        }
    }

    /// Throws `GoogleFailure` as `bytes` does, and when there is something else than a JSON object in it.
    func json() throws -> JSONValue {
        let bytes = try bytes()
        guard let json = try? JSONValue(parsing: bytes), json.objectValue != nil else {  // its words may hold a secret
            throw GoogleFailure("\(path) holds something else than a JSON object")
        }
        return json
    }
}
