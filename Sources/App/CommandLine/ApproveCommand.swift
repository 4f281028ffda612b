import ArgumentParser

/// `defimon approve 42`: what an approver would type in chat.
struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Allow a waiting job to do what its plan says.")

    @Argument(help: "The job's number.")
    var job: Int64

    @Argument(help: "Why; people read it.")
    var reason: [String] = []

    @OptionGroup var location: BotLocation

    func run() async throws { try await FreezeCommand.ask(Self.line("approve", job, reason), location) }

    /// Quotes would hold words together that are joined all the same.
    static func line(_ word: String, _ job: Int64, _ reason: [String]) -> String {
        let words = reason.joined(separator: " ").filter { !"\"'“”".contains($0) }
        return words.isEmpty ? "\(word) \(job)" : "\(word) \(job) \(words)"
    }
}

/// `defimon deny 42 "why"`.
struct DenyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deny", abstract: "Forbid a waiting job to do what its plan says.")

    @Argument(help: "The job's number.")
    var job: Int64

    @Argument(help: "Why; people read it.")
    var reason: [String] = []

    @OptionGroup var location: BotLocation

    func run() async throws {
        try await FreezeCommand.ask(ApproveCommand.line("deny", job, reason), location)
    }
}
