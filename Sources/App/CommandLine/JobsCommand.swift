import ArgumentParser
import Domain
import Foundation
import Ledger

/// `defimon jobs list|show|queue|cancel|retry`.
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "List, show, cancel and retry jobs.",
        subcommands: [List.self, Show.self, Queue.self, Cancel.self, Retry.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The latest jobs; works without a running bot.")
        @Option(help: "Only jobs in these states, separated by commas.") var state: String?
        @Option(help: "Only jobs of this command.") var command: String?
        @Option(help: "At most this many, up to 1000.") var limit = 50
        @Flag(help: "Print JSON.") var json = false
        @OptionGroup var location: BotLocation

        func run() async throws {
            let filter = JobFilter(states: try states(), command: command, limit: limit)
            let page = JobPage(try await OfflineLedger.reader(location).jobs(filter), limit: filter.limit)
            if json { return try Terminal.json(page) }
            if page.jobs.isEmpty { return Terminal.say("no jobs") }
            Terminal.table(
                ["job", "state", "command", "by", "asked", "took"],
                page.jobs.map { job in
                    let took = job.startedAt.flatMap { start in job.endedAt.map { DurationText.human($0.since(start)) }
                    }
                    return [
                        "\(job.id)", job.state.words, job.commandLine, job.requester,
                        job.createdAt.rfc3339.prefix(19) + "Z",
                        took ?? "",
                    ]
                })
        }

        private func states() throws -> Set<JobState>? {
            guard let state else { return nil }
            return Set(
                try state.split(separator: ",").map { word in
                    guard let known = JobState(rawValue: String(word)) else {
                        throw Complaint(
                            "there is no state '\(word)'; there are: "
                                + JobState.allCases.map(\.rawValue).joined(separator: ", "), .usage)
                    }
                    return known
                })
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One job with its steps and reports; works without a running bot.")
        @Argument(help: "The job's number.") var id: JobID
        @Flag(help: "Print JSON.") var json = false
        @OptionGroup var location: BotLocation

        func run() async throws {
            let reader = try OfflineLedger.reader(location)
            guard let job = try await reader.job(id: id) else { throw Complaint("there is no job \(id)") }
            let details = JobDetails(
                job: job, steps: try await reader.steps(jobID: id),
                reports: try await reader.outbox(subject: "job/\(id)"))
            if json { try Terminal.json(details) } else { JobPrinting.show(details) }
        }
    }

    struct Queue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Waiting jobs in their order, each with the reason.")
        @Flag(help: "Print JSON.") var json = false
        @OptionGroup var location: BotLocation

        func run() async throws {
            let queue = try await withBot(location) { try await $0.get("/api/v1/queue", as: QueueListing.self) }
            if json { return try Terminal.json(queue) }
            if queue.queue.isEmpty { return Terminal.say("nothing waits") }
            Terminal.table(
                ["job", "command", "by", "reason"],
                queue.queue.map { ["\($0.id)", $0.commandLine, $0.requester, $0.reason] })
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Stop a job.")
        @Argument(help: "The job's number.") var id: JobID
        @OptionGroup var location: BotLocation

        func run() async throws {
            let answer = try await withBot(location) { bot in
                try await bot.post("/api/v1/jobs/\(id)/cancel", [String: String](), as: MessageListing.self)
            }
            Terminal.say(answer.message)
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Ask for an ended job's command again.")
        @Argument(help: "The job's number.") var id: JobID
        @OptionGroup var location: BotLocation

        func run() async throws {
            let answer = try await withBot(location) { bot in
                try await bot.post("/api/v1/jobs/\(id)/retry", [String: String](), as: RunListing.self)
            }
            Terminal.say(answer.text)
            if !answer.isAccepted { throw ExitStatus.failed.code }
        }
    }
}

/// The ledger's file, read without a bot.
enum OfflineLedger {
    static func reader(_ location: BotLocation) throws -> any LedgerPast {
        let path = try location.paths().ledger
        do { return try SQLiteLedger.readOnly(path: path) } catch {
            throw Complaint("\(error)", .unreachable)
        }
    }
}
