package import Domain
import Foundation

/// Signed checkpoints as lines of a file (mode 0600) that is only ever added to.
package struct CheckpointFile: CheckpointLog {
    /// The longest line, bytes.
    private static let longestLine: UInt64 = 4096

    private let path: String

    package init(path: String) { self.path = path }

    package func append(_ line: String) async throws(AuditSealError) {
        try await OwnFile.offPool { () throws(AuditSealError) in try OwnFile.append(line, to: path) }
    }

    package func lastLine() async throws(AuditSealError) -> String? {
        try await OwnFile.offPool { () throws(AuditSealError) in
            guard OwnFile.exists(path) else { return nil }
            do {
                let file = try FileHandle(forReadingFrom: URL(filePath: path))
                defer { try? file.close() }  // it was only read
                let size = try file.seekToEnd()
                try file.seek(toOffset: size - min(size, 2 * CheckpointFile.longestLine))
                let bytes = [UInt8](try file.readToEnd() ?? Data())
                // What is behind the last line end was torn by a crash.
                guard let end = bytes.lastIndex(of: 0x0a) else { return nil }
                let line = bytes[..<end].split(separator: 0x0a).last
                return line.map { String(decoding: $0, as: UTF8.self) }
            } catch {
                throw AuditSealError("\(path) cannot be read: look at its owner and mode")
            }
        }
    }

    /// Every line of a file, for a proof. Throws `AuditSealError`.
    static func lines(_ path: String) throws(AuditSealError) -> [Substring] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw AuditSealError("the file of checkpoints \(path) cannot be read")
        }
        return String(decoding: data, as: UTF8.self).split(separator: "\n")
    }
}
