/// A program to run on a host, by its arguments and never by a shell string: no sign in them means anything.
package struct HostCommand: Sendable, Hashable {
    /// Arguments at most, the program's name among them.
    package static let mostArguments = 200
    /// Bytes of all arguments together.
    package static let longestArguments = 64 * 1024
    /// Bytes that it may be given to read.
    package static let longestInput = 64 * 1024 * 1024
    /// How long it may run at the most.
    package static let longestTime = Duration.seconds(24 * 3600)

    /// The program, looked for in the host's `PATH`, and what it is given.
    package var arguments: [String]
    /// What it reads; nothing when it is empty.
    package var input: [UInt8]
    /// After that time, in whole seconds, it is ended there too, where coreutils' `timeout` is.
    package var limit: Duration
    /// Is in the environment of all that it starts, as `DEFIMON_STEP`, so that it can be found and ended: letters,
    /// digits and `-`.
    package var tag: String?
    /// Bytes that are kept of each of its two streams; of a longer one the middle is left out.
    package var longestOutput: Int

    package init(
        _ arguments: [String], input: [UInt8] = [], limit: Duration, tag: String? = nil,
        longestOutput: Int = 128 * 1024
    ) {
        self.arguments = arguments
        self.input = input
        self.limit = limit
        self.tag = tag
        self.longestOutput = longestOutput
    }

    /// What hinders that it is run at all; nil when nothing does.
    package var complaint: String? {
        if arguments.first?.isEmpty ?? true { return "there is no program to run" }
        if arguments[0].contains("=") { return "the program's name holds '='" }
        if arguments.count > HostCommand.mostArguments {
            return "there are \(arguments.count) arguments, more than \(HostCommand.mostArguments)"
        }
        if arguments.contains(where: { $0.utf8.contains(0) }) { return "an argument holds a NUL" }
        let bytes = arguments.reduce(0) { $0 + $1.utf8.count }
        if bytes > HostCommand.longestArguments {
            return "the arguments are \(bytes) bytes together, more than \(HostCommand.longestArguments)"
        }
        if input.count > HostCommand.longestInput {
            return "its input is \(input.count) bytes, more than \(HostCommand.longestInput)"
        }
        if limit < .seconds(1) || limit > HostCommand.longestTime { return "its time limit must be from 1s to 24h" }
        if let tag, tag.isEmpty || tag.utf8.count > 100 || !tag.utf8.allSatisfy(HostCommand.isTagSign) {
            return "its tag holds other signs than letters, digits and '-'"
        }
        return nil
    }

    private static func isTagSign(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D: true
        default: false
        }
    }
}
