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

    /// Runs it with standard input from a text. It is ended when its output is as wanted, and after a minute.
    func callAsFunction(
        _ arguments: String..., input: String = "", until isEnough: (@Sendable (String) -> Bool)? = nil
    ) async throws -> Outcome {
        let process = Process()
        guard let path = KubernetesKubectl.path else { throw CocoaError(.fileNoSuchFile) }
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.environment = ["KUBECONFIG": configuration, "HOME": folder.url.path, "PATH": "/usr/bin:/bin"]
        let name = UUID().uuidString
        let files = try ["in", "out", "err"].map { part in
            try folder.write(part == "in" ? input : "", to: "\(name).\(part)")
        }
        process.standardInput = FileHandle(forReadingAtPath: files[0])
        process.standardOutput = FileHandle(forWritingAtPath: files[1])
        process.standardError = FileHandle(forWritingAtPath: files[2])
        let (ends, end) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = {
            end.yield($0.terminationStatus)
            end.finish()
        }
        try process.run()
        let id = process.processIdentifier
        let output = files[1]
        let status = await withTaskGroup(of: Void.self) { group in
            group.addTask {
                _ = await eventually(within: .seconds(60)) {
                    // What cannot be read yet is not enough.
                    guard let isEnough, let text = try? String(contentsOfFile: output, encoding: .utf8) else {
                        return nil as Bool?
                    }
                    return isEnough(text) ? true : nil
                }
                if !Task.isCancelled { kill(id, SIGKILL) }
            }
            defer { group.cancelAll() }
            for await code in ends { return code }
            return -1
        }
        return Outcome(
            status: status, output: try String(contentsOfFile: files[1], encoding: .utf8),
            errors: try String(contentsOfFile: files[2], encoding: .utf8))
    }
}
