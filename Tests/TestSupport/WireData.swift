package import Foundation

/// The wire data of outside systems, a folder `shared/wire` beside the checkout. The project builds and tests without
/// it; suites that need it are enabled by `isThere`.
package enum WireData {
    /// The folder, nil when it is not there. `DEFIMON_WIRE` names another one.
    package static let folder: URL? = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path =
            ProcessInfo.processInfo.environment["DEFIMON_WIRE"].map { URL(filePath: $0) }
            ?? root.deletingLastPathComponent().appending(path: "shared/wire")
        return FileManager.default.fileExists(atPath: path.path) ? path : nil
    }()

    /// True when the suites that read it can run; in CI it must be there.
    package static var isThere: Bool { folder != nil || ProcessInfo.processInfo.environment["CI"] == "true" }

    /// The bytes of one file.
    package static func bytes(_ path: String) throws -> [UInt8] {
        guard let folder else { throw CocoaError(.fileNoSuchFile) }
        return Array(try Data(contentsOf: folder.appending(path: path)))
    }

    /// Names of the files directly in a folder, sorted.
    package static func files(in path: String, suffix: String = "") -> [String] {
        guard let folder else { return [] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: path).path)) ?? []
        return names.filter { $0.hasSuffix(suffix) }.sorted()
    }
}
