/// How a command on a host ended, and what it wrote.
package struct HostCommandResult: Sendable, Hashable {
    package enum Ending: Sendable, Hashable, CustomStringConvertible {
        case exited(Int)
        /// By a signal's number. A shell tells both in one number, so a program that exits with 128 + n counts as ended by signal n.
        case signaled(Int)

        package init(shellStatus: Int) {
            self = (129...192).contains(shellStatus) ? .signaled(shellStatus - 128) : .exited(shellStatus)
        }

        /// The number that a shell calls `$?`.
        package var shellStatus: Int {
            switch self {
            case .exited(let code): code
            case .signaled(let signal): 128 + signal
            }
        }

        package var description: String {
            switch self {
            case .exited(let code): "exit code \(code)"
            case .signaled(let signal): "signal \(signal)"
            }
        }
    }

    /// One of its streams.
    package struct Text: Sendable, Hashable {
        package var text: String
        /// Bytes in its middle that were left out; where they were, the text says so.
        package var leftOut: Int

        package init(_ text: String, leftOut: Int = 0) {
            self.text = text
            self.leftOut = leftOut
        }
    }

    package var ending: Ending
    package var output: Text
    package var errors: Text

    package init(_ ending: Ending, output: Text, errors: Text) {
        self.ending = ending
        self.output = output
        self.errors = errors
    }

    package var isSuccess: Bool { ending == .exited(0) }

    /// What it said last, for an error: the end of its errors, or of its output when there are none.
    package var lastWords: String {
        let text = errors.text.allSatisfy(\.isWhitespace) ? output.text : errors.text
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix(while: \.isWhitespace) }
        return String(lines.filter { !$0.isEmpty }.suffix(4).joined(separator: "; ").suffix(500))
    }
}
