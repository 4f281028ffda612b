/// Runs commands on hosts that the settings name. Actions of every integration reach hosts through it and in no other
/// way; `SSH` implements it.
package protocol HostAccess: Sendable {
    /// Names of the hosts, sorted.
    var names: [String] { get }
    /// Runs a command to its end. Connections are kept for what the same job runs next. A command that ends with a code
    /// other than 0 or by a signal is a result; `HostError` tells when there is none, and whether it may have run.
    func run(_ command: HostCommand, on host: String, for job: JobID) async throws(HostError) -> HostCommandResult
}

/// No hosts: for a check of definitions, which reaches none.
package struct NoHosts: HostAccess {
    package init() {}
    package var names: [String] { [] }

    package func run(_ command: HostCommand, on host: String, for job: JobID) async throws(HostError)
        -> HostCommandResult
    {
        throw .unknown(host, among: [])
    }
}
