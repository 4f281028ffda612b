/// Starts jobs for a step of a job: `bot.run-each` is its one user, the engine implements it. The jobs belong to the
/// requester of the asking job and have the limits of a command that is typed.
package protocol JobStarter: Sendable {
    /// What would be started, as a person would type it. Throws `ActionError` when it cannot be: no such command, a
    /// wrong argument, a missing role.
    func commandLine(of start: JobStart, for jobID: JobID) async throws(ActionError) -> String
    /// Starts it, once for each key; asked again, it returns the number of the job that was started then.
    func start(_ start: JobStart, for jobID: JobID, key: String) async throws(ActionError) -> JobID
}

/// A command that a step asks for.
package struct JobStart: Sendable, Hashable {
    /// The name of the action that starts commands, which the check of definitions knows.
    package static let action = "bot.run-each"

    /// The command's whole name: `preview remove`.
    package var command: String
    /// By name, as text that a person would type.
    package var arguments: [String: String]

    package init(command: String, arguments: [String: String]) {
        self.command = command
        self.arguments = arguments
    }
}
