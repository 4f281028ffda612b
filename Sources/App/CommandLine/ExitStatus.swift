import ArgumentParser

/// What the program's exit says: 0 done, 1 the thing asked for failed, 2 usage, 3 the bot cannot be reached or started,
/// 4 the bot has ended because it lost its lease.
enum ExitStatus: Int32 {
    case done = 0
    case failed = 1
    case usage = 2
    case unreachable = 3
    case leaseLost = 4

    var code: ExitCode { ExitCode(rawValue) }
}

/// Ends the program with a message for the person who called it.
struct Complaint: Error {
    var message: String
    var status: ExitStatus

    init(_ message: String, _ status: ExitStatus = .failed) {
        self.message = message
        self.status = status
    }
}
