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
        guard let path = KubernetesKubectl.path else { throw CocoaError(.fileNoSuchFile) }
        let program = try await RunningProgram(
            path, arguments, environment: ["KUBECONFIG": configuration, "HOME": folder.url.path], input: input,
            in: folder)
        if let isEnough {
            _ = await eventually(within: .seconds(60)) {
                isEnough(program.output) || !program.isRunning ? true : nil
            }
            await program.end(SIGKILL)
        }
        let status = await program.ended(within: .seconds(60))
        return Outcome(status: status, output: program.output, errors: program.errors)
    }
}
