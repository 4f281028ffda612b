import Domain
import Outbound

/// What is really run on a host: the command, between two marks on each of its streams. Those on standard error tell
/// whether it began, and how it ended, apart from what `ssh` itself says: 255 is a code that both may end with. Those on
/// standard output keep apart what a login shell says before, and tell that all of it has come.
struct RemoteScript: Sendable {
    // $1: what the marks begin with, $2: seconds, $3: sudo or nothing, $4: tag or nothing. A timeout that is run by sudo may end what
    // sudo runs.
    private static let script = """
        mark=$1 seconds=$2 sudo=$3 tag=$4
        shift 4
        PATH=$PATH:/usr/sbin:/sbin
        if [ -n "$tag" ]; then set -- env "DEFIMON_STEP=$tag" "$@"; fi
        if command -v timeout >/dev/null 2>&1; then set -- timeout -k 5 "$seconds" "$@"; fi
        if [ -n "$sudo" ]; then set -- sudo -n -- "$@"; fi
        printf '%s began\\n' "$mark"
        printf '%s began\\n' "$mark" >&2
        "$@"
        code=$?
        printf '\\n%s ended %s\\n' "$mark" "$code"
        printf '\\n%s ended %s\\n' "$mark" "$code" >&2
        exit "$code"
        """

    /// A text that nobody else knows.
    let mark: String
    let command: HostCommand
    let usesSudo: Bool

    /// The one text that the user's shell there gets.
    var text: String {
        let seconds = max(1, command.limit.components.seconds)
        return "exec "
            + ShellWords.joined(
                [
                    "/bin/sh", "-c", RemoteScript.script, "sh", mark, String(seconds), usesSudo ? "sudo" : "",
                    command.tag ?? "",
                ]
                    + command.arguments)
    }

    /// What standard error tells.
    struct Reading: Sendable {
        var hasBegun: Bool
        /// Nil when the end is not known.
        var shellStatus: Int?
        /// Without the marks.
        var errors: HostCommandResult.Text
        /// What stands before the first mark or without any: the words of `ssh` and of the login shell.
        var preface: String
    }

    func read(_ errors: ProgramOutput) -> Reading {
        let leftOut = errors.leftOut
        var (beginning, end) = errors.parts
        let status = leftOut == 0 ? takeEnd(&beginning) : takeEnd(&end)
        var preface = String(decoding: beginning, as: UTF8.self)
        var hasBegun = status != nil
        if let place = RemoteScript.last(beginMark, in: beginning) {
            preface = String(decoding: beginning[..<place], as: UTF8.self)
            beginning.removeSubrange(..<(place + beginMark.count))
            hasBegun = true
        }
        return Reading(
            hasBegun: hasBegun, shellStatus: status, errors: RemoteScript.text(beginning, end, leftOut: leftOut),
            preface: preface)
    }

    private var beginMark: [UInt8] { Array("\(mark) began\n".utf8) }
    private var endMark: [UInt8] { Array("\n\(mark) ended ".utf8) }

    /// Takes the last mark away, with what stands behind it, and returns the code that it tells. Nil when it is not there.
    private func takeEnd(_ bytes: inout [UInt8]) -> Int? {
        guard let place = RemoteScript.last(endMark, in: bytes) else { return nil }
        let digits = bytes[(place + endMark.count)...]
        guard let length = digits.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let status = Int(String(decoding: digits[..<length], as: UTF8.self))
        bytes.removeSubrange(place...)
        return status
    }

    /// Whether all of standard output has come.
    func isWhole(_ output: ProgramOutput) -> Bool {
        var (beginning, end) = output.parts
        return (output.leftOut == 0 ? takeEnd(&beginning) : takeEnd(&end)) != nil
    }

    /// What was kept of standard output, as text that says where something is missing.
    func text(_ output: ProgramOutput) -> HostCommandResult.Text {
        let leftOut = output.leftOut
        var (beginning, end) = output.parts
        if leftOut == 0 { _ = takeEnd(&beginning) } else { _ = takeEnd(&end) }
        if let place = RemoteScript.last(beginMark, in: beginning) {
            beginning.removeSubrange(..<(place + beginMark.count))
        }
        return RemoteScript.text(beginning, end, leftOut: leftOut)
    }

    private static func text(_ beginning: [UInt8], _ end: [UInt8], leftOut: Int) -> HostCommandResult.Text {
        let start = String(decoding: beginning, as: UTF8.self)
        guard leftOut > 0 else { return .init(start) }
        return .init(
            "\(start)\n… (\(leftOut) bytes left out) …\n\(String(decoding: end, as: UTF8.self))", leftOut: leftOut)
    }

    private static func last(_ pattern: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= pattern.count else { return nil }
        return stride(from: bytes.count - pattern.count, through: 0, by: -1).first { place in
            bytes[place] == pattern[0] && bytes[place..<(place + pattern.count)].elementsEqual(pattern)
        }
    }
}
