import Foundation
import TestSupport

/// A real kubectl: `DEFIMON_KUBECTL`, the checkout's `.venv/bin/kubectl`, or the one on PATH.
struct KubernetesKubectl: Sendable {
    static let path: String? = {
        let environment = ProcessInfo.processInfo.environment
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let onPath = (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/kubectl" }
        let all =
            [environment["DEFIMON_KUBECTL"], root.appending(path: ".venv/bin/kubectl").path].compactMap { $0 } + onPath
        return all.first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    /// In CI it must be there.
    static var isThere: Bool { path != nil || ProcessInfo.processInfo.environment["CI"] == "true" }

    struct Outcome: Sendable {
        var status: Int32
        var output: String
        var errors: String
    }

    let folder: TemporaryFolder
    let configuration: String

    init(kubeconfig: String) throws {
        folder = try TemporaryFolder()
        configuration = try folder.write(kubeconfig, to: "config")
    }

    /// Runs it with standard input from a text; it is ended after `seconds`.
    func callAsFunction(_ arguments: String..., input: String = "", seconds: Int = 60) async throws -> Outcome {
        let process = Process()
        guard let path = KubernetesKubectl.path else { throw CocoaError(.fileNoSuchFile) }
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments = ["\(seconds)", path] + arguments
        process.environment = ["KUBECONFIG": configuration, "HOME": folder.url.path, "PATH": "/usr/bin:/bin"]
        let name = UUID().uuidString
        let files = try ["in", "out", "err"].map { part in
            let file = try folder.write(part == "in" ? input : "", to: "\(name).\(part)")
            return file
        }
        process.standardInput = FileHandle(forReadingAtPath: files[0])
        process.standardOutput = FileHandle(forWritingAtPath: files[1])
        process.standardError = FileHandle(forWritingAtPath: files[2])
        let status = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        return Outcome(
            status: status, output: try String(contentsOfFile: files[1], encoding: .utf8),
            errors: try String(contentsOfFile: files[2], encoding: .utf8))
    }
}
