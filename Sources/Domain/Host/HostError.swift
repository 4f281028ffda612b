/// Why a command on a host has no result.
package struct HostError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// The settings name no such host, or what they say cannot be used, or the command is out of bounds: the same
        /// again gives the same. Nothing ran.
        case notUsable
        /// No connection was made, so nothing ran. `passes` when it may be there later: refused, timed out.
        case notConnected(passes: Bool)
        /// The connection ended before the command's end was known: it may have run, and may run still.
        case lost
        /// It took longer than its limit. It was ended where the host has `timeout`.
        case tookTooLong
        /// The host took the connection and ran something else than was asked: a login shell that is none, a command
        /// that its `authorized_keys` forces.
        case refused
        /// The asking task was cancelled. The command may run still.
        case cancelled
    }

    package var host: String
    package var kind: Kind
    /// What happened, without the host's name.
    package var reason: String
    package var hint: String?
    /// What it had written until then.
    package var output: String?

    package init(_ host: String, _ kind: Kind, _ reason: String, hint: String? = nil, output: String? = nil) {
        self.host = host
        self.kind = kind
        self.reason = reason
        self.hint = hint
        self.output = output
    }

    /// False when it is certain that nothing ran.
    package var mayHaveRun: Bool {
        switch kind {
        case .notUsable, .notConnected: false
        case .lost, .tookTooLong, .refused, .cancelled: true
        }
    }

    package var description: String { "host \(host): \(reason)" }

    /// As an action says it. `changes`: whether the command would have changed something; `isRepeatable`: whether it does
    /// no harm to run it again.
    package func actionError(changes: Bool, isRepeatable: Bool = false) -> ActionError {
        let passes =
            switch kind {
            case .notConnected(let passes): passes
            case .lost: !changes || isRepeatable
            case .notUsable, .tookTooLong, .refused, .cancelled: false
            }
        return ActionError(
            description, retry: passes ? .later(afterMilliseconds: nil) : .never,
            mayHaveTakenEffect: changes && mayHaveRun, hint: hint, details: output)
    }

    /// There is no host of that name.
    package static func unknown(_ host: String, among names: [String]) -> HostError {
        let known = names.isEmpty ? "none is set" : "set are: " + names.joined(separator: ", ")
        return HostError(
            String(host.prefix(100)), .notUsable, "there is no such host; \(known)",
            hint: NearestName.of(host, in: names).map { "did you mean '\($0)'?" }
                ?? "add 'hosts: {<name>: {address: …, user: …, key: …, known_hosts: …}}' to defimon.yaml")
    }
}
