import Foundation
import Subprocess
import SystemPackage

/// A program that the bot runs to its end: by its arguments and never by a shell, with the environment that is given and
/// nothing else, and bounds on time and output. It and all that it started end with it.
package struct ChildProgram: Sendable {
    /// How it ended.
    package struct Result: Sendable {
        package var isSuccess: Bool
        package var output: String
        package var errors: String
    }

    /// Why there is no result.
    package enum Failure: Error, Sendable, Hashable {
        /// It is not there, or may not be run.
        case notRun(String)
        case tookTooLong
        /// It wrote more than the bound.
        case wroteTooMuch
    }

    /// A path, or a name that is looked for in the `PATH` of `environment`.
    package var executable: String
    package var arguments: [String]
    package var environment: [String: String]
    package var directory: String
    /// A file that it reads; nothing when it is nil.
    package var inputFile: String?
    /// The most that it may write to each of its two streams, in bytes.
    package var longestOutput = 1 << 20

    package init(
        _ executable: String, _ arguments: [String], environment: [String: String], directory: String = "/"
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
    }

    /// Throws `Failure`, or `CancellationError`.
    package func run(within limit: Duration) async throws -> Result {
        let output = ProgramOutput(bound: longestOutput)
        let errors = ProgramOutput(bound: longestOutput)
        let isSuccess = try await run(within: limit, output: output, errors: errors, mayOverflow: false)
        return Result(
            isSuccess: isSuccess, output: String(decoding: output.parts.beginning, as: UTF8.self),
            errors: String(decoding: errors.parts.beginning, as: UTF8.self))
    }

    /// Runs it and keeps of what it writes as much as fits, whatever becomes of it. Returns whether it ended with 0.
    /// Throws `Failure`, but for `wroteTooMuch`, or `CancellationError`.
    package func run(within limit: Duration, output: ProgramOutput, errors: ProgramOutput) async throws -> Bool {
        try await run(within: limit, output: output, errors: errors, mayOverflow: true)
    }

    private func run(
        within limit: Duration, output: ProgramOutput, errors: ProgramOutput, mayOverflow: Bool
    ) async throws -> Bool {
        let configuration = try configuration()
        // From a file: swift-subprocess ends the whole process when a program exits before it has read what it is given.
        let source: FileDescriptor
        do { source = try FileDescriptor.open(FilePath(inputFile ?? "/dev/null"), .readOnly) } catch {
            throw Failure.notRun("what it is to read cannot be opened: \(error)")
        }
        do {
            return try await withThrowingTaskGroup(of: Bool?.self) { group in
                group.addTask {
                    let result = try await Subprocess.run(
                        configuration, input: .fileDescriptor(source, closeAfterSpawningProcess: true),
                        output: .sequence, error: .sequence
                    ) { program in
                        async let errorsRead: Void = Self.keep(program.standardError, errors, mayOverflow)
                        try await Self.keep(program.standardOutput, output, mayOverflow)
                        try await errorsRead
                    }
                    return result.terminationStatus.isSuccess
                }
                group.addTask {
                    try await Task.sleep(for: limit)
                    return nil
                }
                defer { group.cancelAll() }
                guard let result = try await group.next() ?? nil else { throw Failure.tookTooLong }
                return result
            }
        } catch let failure as Failure {
            throw failure
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            try Task.checkCancellation()
            throw Failure.notRun("\(error)")
        }
    }

    private static func keep(
        _ stream: SubprocessOutputSequence, _ kept: ProgramOutput, _ mayOverflow: Bool
    ) async throws {
        for try await buffer in stream {
            buffer.withUnsafeBytes { kept.append($0) }
            if !mayOverflow, kept.leftOut > 0 { throw Failure.wroteTooMuch }
        }
    }

    private func configuration() throws(Failure) -> Configuration {
        guard let path = path() else { throw Failure.notRun("there is no program '\(executable)'") }
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(2))]
        let environment = Dictionary(
            uniqueKeysWithValues: self.environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) })
        return Configuration(
            executable: .path(FilePath(path)), arguments: Arguments(arguments), environment: .custom(environment),
            workingDirectory: FilePath(directory), platformOptions: options)
    }

    /// As execvp(3) finds it.
    private func path() -> String? {
        let candidates =
            executable.contains("/")
            ? [executable]
            : (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").map {
                "\($0)/\(executable)"
            }
        return candidates.first { access($0, X_OK) == 0 }
    }
}
