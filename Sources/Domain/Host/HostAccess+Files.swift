import Crypto

extension HostFile {
    /// SHA-256 of its contents, 64 hexadecimal digits.
    package var digest: String { Hex.encode(SHA256.hash(data: contents)) }
}

extension HostAccess {
    /// Looks at a file; nil when there is none. Throws `HostError`, with `notUsable` when something else is in its place.
    package func state(of path: String, on host: String, within limit: Duration, for job: JobID)
        async throws(HostError) -> HostFileState?
    {
        let result = try await run(
            HostCommand(["sh", "-c", HostFileScript.look, "sh", path], limit: limit), on: host, for: job)
        let lines = result.output.text.split(separator: "\n").map(String.init)
        if result.isSuccess, lines == ["none"] { return nil }
        guard result.isSuccess, lines.count == 2, let mode = lines[1].split(separator: " ").first,
            let owner = lines[1].split(separator: " ").last, lines[0].utf8.count == 64
        else { throw failure(result, "\(path) cannot be looked at", host) }
        return HostFileState(
            digest: lines[0], mode: String(repeating: "0", count: max(0, 4 - mode.count)) + mode, owner: String(owner))
    }

    /// Writes a file, wholly or not at all: it gets its name when all of it is there, by its digest. A file that is a
    /// symbolic link is replaced, not what it leads to. Throws `HostError`.
    package func upload(_ file: HostFile, to host: String, within limit: Duration, for job: JobID)
        async throws(HostError)
    {
        if let complaint = file.complaint { throw HostError(host, .notUsable, complaint) }
        let result = try await run(
            HostCommand(
                [
                    "sh", "-c", HostFileScript.write, "sh", file.path, file.mode, file.owner ?? "", file.digest,
                    String(file.contents.count),
                ], input: file.contents, limit: limit), on: host, for: job)
        guard result.isSuccess else { throw failure(result, "\(file.path) cannot be written", host) }
    }

    /// What a text file holds; nil when there is none. Throws `HostError`, also when it has more than `most` bytes.
    package func contents(of path: String, atMost most: Int, on host: String, within limit: Duration, for job: JobID)
        async throws(HostError) -> String?
    {
        let result = try await run(
            HostCommand(
                ["sh", "-c", HostFileScript.read, "sh", path, String(most)], limit: limit, longestOutput: most + 1024),
            on: host, for: job)
        let text = result.output.text
        if result.isSuccess, text == "none\n" { return nil }
        guard result.isSuccess, text.hasPrefix("there\n"), result.output.leftOut == 0 else {
            throw failure(result, "\(path) cannot be read", host)
        }
        return String(text.dropFirst("there\n".count))
    }

    private func failure(_ result: HostCommandResult, _ what: String, _ host: String) -> HostError {
        let words = result.lastWords
        return HostError(host, .notUsable, words.isEmpty ? "\(what): \(result.ending)" : "\(what): \(words)")
    }
}

/// What is run on a host to read and write files: POSIX sh and coreutils. Paths are arguments, never part of it.
private enum HostFileScript {
    static let look = """
        set -eu
        if [ -h "$1" ] && [ ! -e "$1" ]; then echo 'it is a symbolic link that leads nowhere' >&2; exit 1; fi
        if [ ! -e "$1" ]; then echo none; exit 0; fi
        if [ ! -f "$1" ]; then echo 'it is no file' >&2; exit 1; fi
        digest=$(sha256sum <"$1")
        echo "${digest%% *}"
        stat -L -c '%a %U:%G' -- "$1"
        """

    static let read = """
        set -eu
        if [ -h "$1" ] && [ ! -e "$1" ]; then echo 'it is a symbolic link that leads nowhere' >&2; exit 1; fi
        if [ ! -e "$1" ]; then echo none; exit 0; fi
        if [ ! -f "$1" ]; then echo 'it is no file' >&2; exit 1; fi
        size=$(wc -c <"$1")
        if [ "$size" -gt "$2" ]; then echo "it has $size bytes, more than $2" >&2; exit 1; fi
        echo there
        cat -- "$1"
        """

    // What is cut off on its way has another digest, and never gets the name.
    static let write = """
        set -eu
        if [ -e "$1" ] && [ ! -f "$1" ]; then echo 'something else than a file is there' >&2; exit 1; fi
        folder=$(dirname -- "$1")
        if [ ! -d "$folder" ]; then echo "there is no folder $folder" >&2; exit 1; fi
        umask 077
        new=$(mktemp "$folder/.defimon-XXXXXXXX")
        trap 'rm -f -- "$new"' EXIT
        trap 'exit 1' HUP INT TERM
        cat >"$new"
        digest=$(sha256sum <"$new")
        if [ "${digest%% *}" != "$4" ]; then echo "not all of its $5 bytes have come" >&2; exit 1; fi
        if [ -n "$3" ]; then chown -- "$3" "$new"; fi
        chmod -- "$2" "$new"
        sync -- "$new" 2>/dev/null || :
        mv -f -- "$new" "$1"
        """
}
