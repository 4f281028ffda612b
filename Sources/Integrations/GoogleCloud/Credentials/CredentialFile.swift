import Domain
import Foundation
import Outbound

/// A file of credentials, which is read each time that it is needed.
struct CredentialFile: Sendable {
    let path: String

    /// A relative path starts in `base`.
    init(_ path: String, base: String) {
        self.path = path.hasPrefix("/") ? path : URL(filePath: base).appending(path: path).path
    }

    /// Where relative paths in it start.
    var folder: String { URL(filePath: path).deletingLastPathComponent().path }

    /// Throws `GoogleFailure` naming the file, and why it was not read.
    func bytes() throws -> [UInt8] {
        do { return try BoundedFile.read(path) } catch { throw GoogleFailure(error.message, hint: error.hint) }
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
