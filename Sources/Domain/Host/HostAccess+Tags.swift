extension HostAccess {
    /// Whether anything runs on a host that was started with this tag. Throws `HostError`, also when the host gives no
    /// clear answer: what runs already must not be started again.
    package func isRunning(_ tag: String, on host: String, for job: JobID) async throws(HostError) -> Bool {
        let command = HostCommand(["sh", "-c", TagScript.look, "sh", tag], limit: .seconds(20))
        let result = try await run(command, on: host, for: job)
        switch result.output.text.split(whereSeparator: \.isNewline) {
        case ["running"]: return true
        case ["none"]: return false
        default: throw HostError(host, .refused, "what runs there cannot be looked at: \(result.lastWords)")
        }
    }

    /// Ends all on a host that was started with this tag: by SIGTERM, and by SIGKILL what runs still after 5 s. Throws
    /// `HostError`.
    package func end(_ tag: String, on host: String, for job: JobID) async throws(HostError) {
        let command = HostCommand(["sh", "-c", TagScript.end, "sh", tag], limit: .seconds(20))
        let result = try await run(command, on: host, for: job)
        guard result.isSuccess else {
            throw HostError(host, .refused, "what runs there could not be ended: \(result.lastWords)")
        }
    }
}

/// Looks through the environments of processes, which proc(5) shows to their user and to root.
private enum TagScript {
    static let look = """
        if grep -qszx -- "DEFIMON_STEP=$1" /proc/[0-9]*/environ; then echo running; else echo none; fi
        """

    static let end = """
        ids() { grep -lszx -- "DEFIMON_STEP=$1" /proc/[0-9]*/environ | sed 's|^/proc/||; s|/environ$||'; }
        send() { ids "$2" | while read -r id; do kill -s "$1" "$id" 2>/dev/null || :; done; }
        send TERM "$1"
        for second in 1 2 3 4 5; do
          [ -n "$(ids "$1")" ] || exit 0
          sleep 1
        done
        send KILL "$1"
        sleep 1
        if [ -n "$(ids "$1")" ]; then echo "it outlives SIGKILL" >&2; exit 1; fi
        """
}
