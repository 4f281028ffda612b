import Domain
import Foundation
import Outbound

/// The files of certificates to trust that the settings name.
struct TrustedFiles: ExpirySource {
    /// Relative paths start here.
    let folder: String
    var paths: Set<String> = []

    /// A file's bytes. Throws a `Complaint`.
    func bytes(_ path: String) throws -> [UInt8] {
        let url = path.hasPrefix("/") ? URL(filePath: path) : URL(filePath: folder).appending(path: path)
        do { return Array(try Data(contentsOf: url)) } catch {
            throw Complaint("the certificates \(path) cannot be read", .unreachable)
        }
    }

    func expiries() async -> [Expiry] {
        paths.sorted().compactMap { path in
            guard let pem = try? bytes(path) else { return nil }  // it could at the start, and is used no more
            return Expiry(name: "certificates \(path)", authorities: pem)
        }
    }
}
