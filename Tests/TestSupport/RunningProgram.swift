import Foundation
import Subprocess
import Synchronization
import SystemPackage

/// A program that a test started. It is ended when the value goes.
///
/// Nothing here blocks a thread of the concurrency pool, as `waitUntilExit` of Foundation's `Process` does, and programs
/// that are started side by side get none of each other's descriptors.
package final class RunningProgram: Sendable {
    private let outputFile: FilePath
    private let errorFile: FilePath
    /// Its process id.
    package let id: Int32
    private let run: Task<Int32, any Error>
    private let code: Exit

    private final class Exit: Sendable {
        let code = Mutex<Int32?>(nil)
    }

    /// Starts `executable` with `arguments`, reading `input`; its environment that of the tests with `environment` over it.
    /// Its output goes into a file of `folder`. Throws when it cannot be started.
    package init(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], input: String? = nil,
        in folder: TemporaryFolder, directory: String? = nil
    ) async throws {
        let name = UUID().uuidString
        outputFile = FilePath(folder.path("output-\(name)"))
        errorFile = FilePath(folder.path("errors-\(name)"))
        let source = try FileDescriptor.open(
            FilePath(input.map { try folder.write($0, to: "input-\(name)") } ?? "/dev/null"), .readOnly)
        let output = try RunningProgram.create(outputFile)
        let errors = try RunningProgram.create(errorFile)
        var overrides: [Environment.Key: String?] = [:]
        for (name, value) in environment { overrides[Environment.Key(stringLiteral: name)] = value }
        let configuration = Configuration(
            executable: .path(FilePath(executable)), arguments: Arguments(arguments),
            environment: .inherit.updating(overrides), workingDirectory: directory.map { FilePath($0) })
        let (starts, started) = AsyncStream.makeStream(of: Int32.self)
        let exit = Exit()
        code = exit
        run = Task {
            defer { started.finish() }
            let result = try await Subprocess.run(
                configuration, input: .fileDescriptor(source, closeAfterSpawningProcess: true),
                output: .fileDescriptor(output, closeAfterSpawningProcess: true),
                error: .fileDescriptor(errors, closeAfterSpawningProcess: true)
            ) { started.yield($0.processIdentifier.value) }
            let code = result.terminationStatus.number
            exit.code.withLock { $0 = code }
            return code
        }
        var start = starts.makeAsyncIterator()
        guard let id = await start.next() else {
            _ = try await run.value
            throw CocoaError(.executableLoad)
        }
        self.id = id
    }

    deinit { run.cancel() }

    package var isRunning: Bool { code.code.withLock { $0 == nil } }

    /// What it has written to standard output so far.
    package var output: String { RunningProgram.text(outputFile) }

    /// What it has written to standard error so far.
    package var errors: String { RunningProgram.text(errorFile) }

    /// The output, then the errors.
    package var text: String { output + errors }

    /// Sends a signal, and returns when it has ended, with its exit code.
    @discardableResult
    package func end(_ signal: Int32 = SIGTERM) async -> Int32 {
        if isRunning { kill(id, signal) }
        return await ended()
    }

    /// Returns when it has ended, with its exit code or the number of the signal that ended it; it is killed when it
    /// takes longer than that.
    package func ended(within limit: Duration = .seconds(120)) async -> Int32 {
        let killer = Task {
            try await Task.sleep(for: limit)
            if isRunning { kill(id, SIGKILL) }
        }
        defer { killer.cancel() }
        // Waiting for a program that was started does not fail; -1 is no exit code.
        return (try? await run.value) ?? -1
    }

    private static func create(_ path: FilePath) throws -> FileDescriptor {
        try FileDescriptor.open(path, .writeOnly, options: [.create, .append], permissions: [.ownerReadWrite])
    }

    private static func text(_ path: FilePath) -> String {
        (try? String(contentsOfFile: path.string, encoding: .utf8)) ?? ""  // what is half written is read the next time
    }

    /// Runs a program to its end and returns its exit code and what it wrote, the errors last.
    package static func run(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], input: String? = nil,
        within limit: Duration = .seconds(60)
    ) async throws -> (code: Int32, text: String) {
        let folder = try TemporaryFolder()
        let program = try await RunningProgram(
            executable, arguments, environment: environment, input: input, in: folder)
        let code = await program.ended(within: limit)
        return withExtendedLifetime(folder) { (code, program.text) }
    }
}

extension TerminationStatus {
    fileprivate var number: Int32 {
        switch self {
        case .exited(let code), .signaled(let code): code
        }
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
