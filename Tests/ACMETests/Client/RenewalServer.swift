import Foundation
import TestSupport

/// acme2certifier, an ACME server that says when to renew, on a free port of 127.0.0.1. It checks no challenge.
enum RenewalServer {
    /// Whether it can be started here; in CI it must be.
    static var isThere: Bool { hasPackage || Project.isCI }

    private static var hasPackage: Bool {
        let libraries = "\(Project.root)/.venv/lib"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: libraries)) ?? []  // no venv: not there
        return versions.contains {
            FileManager.default.fileExists(atPath: "\(libraries)/\($0)/site-packages/acme2certifier")
        }
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Runs one for as long as `body` runs, which gets the URL of its directory and its root in PEM.
    static func run<Value: Sendable>(_ body: (_ directory: String, _ root: String) async throws -> Value) async throws
        -> Value
    {
        let folder = try TemporaryFolder()
        let program = try await RunningProgram(
            "\(Project.root)/.venv/bin/python3",
            ["\(Project.root)/Tests/ACMETests/acme2certifier_server.py", folder.url.path], in: folder)
        let result: Result<Value, any Error>
        do {
            let directory: String? = await eventually(within: .seconds(60)) {
                if !program.isRunning { return "" }
                return program.output.hasSuffix("/directory\n")
                    ? program.output.split(separator: "\n").first.map(String.init) : nil
            }
            guard let directory, !directory.isEmpty else { throw Failure(description: program.text) }
            let root = try String(contentsOfFile: folder.path("ca.pem"), encoding: .utf8)
            result = .success(try await body(directory, root))
        } catch { result = .failure(error) }
        await program.end()
        return try result.get()
    }
}
