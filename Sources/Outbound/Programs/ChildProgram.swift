import Foundation
import Subprocess
import SystemPackage

/// A program that the bot runs to its end: by its arguments and never by a shell, with the environment that is given and
/// nothing else, nothing to read, and bounds on time and output. It and all that it started end with it.
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
        guard let path = path() else { throw Failure.notRun("there is no program '\(executable)'") }
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(2))]
        let environment = Dictionary(
            uniqueKeysWithValues: self.environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) })
        let configuration = Configuration(
            executable: .path(FilePath(path)), arguments: Arguments(arguments), environment: .custom(environment),
            workingDirectory: FilePath(directory), platformOptions: options)
        do {
            return try await withThrowingTaskGroup(of: Result?.self) { group in
                group.addTask {
                    let result = try await Subprocess.run(
                        configuration, output: .string(limit: longestOutput), error: .string(limit: longestOutput))
                    return Result(
                        isSuccess: result.terminationStatus.isSuccess, output: result.standardOutput,
                        errors: result.standardError)
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
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw error.code == .outputLimitExceeded ? Failure.wroteTooMuch : Failure.notRun("\(error)")
        } catch {
            throw Failure.notRun("\(error)")
        }
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
