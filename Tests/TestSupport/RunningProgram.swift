package import Foundation
import Synchronization

/// A program that a test started. It is ended when the value goes.
package final class RunningProgram: Sendable {
    private let process = Process()
    /// Standard output and standard error together.
    package let output: URL

    /// Starts `executable` with `arguments`. Its output goes into a file of `folder`.
    package init(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], in folder: TemporaryFolder,
        directory: String? = nil
    ) throws {
        output = folder.url.appending(path: "output-\(UUID().uuidString)")
        try Data().write(to: output)
        let file = try FileHandle(forWritingTo: output)
        process.executableURL = URL(filePath: executable)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = file
        process.standardError = file
        if let directory { process.currentDirectoryURL = URL(filePath: directory) }
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// What it has written so far.
    package var text: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

    /// Sends a signal, and returns when it has ended, with its exit code.
    @discardableResult
    package func end(_ signal: Int32 = SIGTERM) async -> Int32 {
        if process.isRunning { kill(process.processIdentifier, signal) }
        return await ended()
    }

    /// Returns when it has ended by itself, with its exit code; after a minute it is killed.
    package func ended(within limit: Duration = .seconds(120)) async -> Int32 {
        let isOver = await eventually(within: limit) { process.isRunning ? nil : true }
        if isOver == nil { kill(process.processIdentifier, SIGKILL) }
        _ = await eventually { process.isRunning ? nil : true }
        return process.terminationStatus
    }
}

/// Where the project's own things are.
package enum Project {
    /// The root of the checkout.
    package static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// The program under test: `DEFIMON_BINARY`, else the one that was built beside the tests.
    package static var binary: String {
        if let named = ProcessInfo.processInfo.environment["DEFIMON_BINARY"] { return named }
        return URL(filePath: ProcessInfo.processInfo.arguments[0]).deletingLastPathComponent().appending(
            path: "defimon"
        ).path
    }

    /// A program of Debian or of the project's virtual environment; nil when it is not there.
    package static func program(_ name: String) -> String? {
        ["\(root)/.venv/bin/\(name)", "/usr/bin/\(name)", "/usr/sbin/\(name)", "/usr/local/bin/\(name)"]
            .first(where: FileManager.default.isExecutableFile(atPath:))
    }

    /// True in CI, where everything that tests need must be there.
    package static var isCI: Bool { ProcessInfo.processInfo.environment["CI"] == "true" }
}
