import Domain
import Foundation

/// Makes a check of a commit, or brings the one up to date that this job has made before.
struct CheckRunAction: RepeatableAction, Plannable {
    enum Status: String, CaseIterable, Sendable {
        case queued
        case inProgress = "in_progress"
        case completed
    }

    /// Characters of a check's summary (docs.github.com, "Create a check run": 65535).
    static let maxSummary = 65_535

    private let target: RepositoryTarget
    private let commit: String
    private let name: String
    private let status: Status
    private let conclusion: String?
    private let title: String
    private let summary: String
    private let detailsURL: String?
    private let annotations: [CheckAnnotation]

    static func type(_ client: GitHubClient?) -> ActionType {
        ActionType(
            "github.check-run", "Makes a check of a commit, or brings the job's own up to date; needs a GitHub App",
            effect: .changes,
            outputs: [
                .init("check_run", .integer(nil), "GitHub's number for the check"),
                .init("url", .text(nil), "Its page"),
            ]
        ) { CheckRunAction(&$0, client) }
    }

    init(_ input: inout InputReader, _ client: GitHubClient?) {
        target = RepositoryTarget(&input, client)
        commit = input.commit("The full id of the commit")
        name = input.text("name", "The check's name; one for each job")
        status = input.choice("status", "How it stands", of: Status.self) ?? .queued
        conclusion = input.textIfAny(
            "conclusion", "How it ended, when it is completed", pattern: GitHubName.conclusion)
        title = input.text("title", "One line about the outcome")
        summary = input.text("summary", "More about it; shown as it is, not as Markdown")
        detailsURL = input.textIfAny("details_url", "Where to read on", pattern: GitHubName.link)
        annotations = CheckRunAction.annotations(&input)
    }

    private static func annotations(_ input: inout InputReader) -> [CheckAnnotation] {
        let given = input.any(
            "annotations",
            "Remarks on lines: a list of {path, start_line, end_line, level: notice | warning | failure, message}")
        guard given != .null else { return [] }
        guard let items = given.arrayValue, items.count <= CheckAnnotation.most else {
            input.report(
                "annotations are not a list of at most \(CheckAnnotation.most)", field: "annotations",
                fix: "give a list of objects")
            return []
        }
        let read = items.compactMap(CheckAnnotation.init)
        if read.count < items.count {
            input.report(
                "\(items.count - read.count) of the annotations cannot be read", field: "annotations",
                fix: "each has path, start_line, end_line, level (notice, warning or failure) and message")
        }
        return read
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try checkConclusion()
        return try await target.attempt(doing) { client, repository in
            let shown = "Check '\(name)' of \(repository) \(GitHubName.short(commit))"
            let state = conclusion ?? status.rawValue
            guard let found = try await find(context, client, repository) else {
                return ActionPlan(changes: ["\(shown): new, \(state)"])
            }
            let before = found.conclusion ?? found.status ?? ""
            return ActionPlan(changes: ["\(shown): \(before) → \(state)"])
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try checkConclusion()
        return try await target.attempt(doing, changes: true) { client, repository in
            let found = try await find(context, client, repository)
            var missing = annotations
            if let found, !missing.isEmpty, found.output?.annotationsCount ?? 0 > 0 {
                // GitHub adds them to those that are there: after a crash none may come twice.
                let there = try await client.annotations(ofCheck: found.id, in: repository)
                missing.removeAll { there.contains($0) }
            }
            var check = found
            repeat {
                let part = Array(missing.prefix(CheckAnnotation.perRequest))
                missing.removeFirst(part.count)
                check = try await write(part, to: check?.id, context, client, repository)
            } while !missing.isEmpty
            return result(check)
        }
    }

    private func write(
        _ part: [CheckAnnotation], to check: Int?, _ context: ActionContext, _ client: GitHubClient,
        _ repository: RepositoryName
    ) async throws -> CheckRun {
        let call = GitHubCall(
            repository, "/check-runs" + (check.map { "/\($0)" } ?? ""), method: check == nil ? "POST" : "PATCH",
            body: request(part, isNew: check == nil, context, client))
        return try await client.send(call).decode(CheckRun.self)
    }

    private func request(
        _ part: [CheckAnnotation], isNew: Bool, _ context: ActionContext, _ client: GitHubClient
    ) -> JSONValue {
        var output: [String: JSONValue] = [
            "title": .string(title.cut(to: 255)),
            "summary": .string(client.markdown.text(summary, limit: CheckRunAction.maxSummary)),
        ]
        if !part.isEmpty { output["annotations"] = .array(part.map(\.json)) }
        var members: [String: JSONValue] = [
            "name": .string(name.cut(to: 255)), "status": .string(status.rawValue), "output": .object(output),
            "external_id": .string(externalID(context)),
        ]
        if isNew { members["head_sha"] = .string(commit) }
        if let detailsURL { members["details_url"] = .string(detailsURL) }
        if status == .completed {
            members["conclusion"] = .string(conclusion ?? "")
            members["completed_at"] = .string(context.time.now.formatted(.iso8601))
        }
        return .object(members)
    }

    private func find(_ context: ActionContext, _ client: GitHubClient, _ repository: RepositoryName) async throws
        -> CheckRun?
    {
        let runs = try await client.checkRuns(named: name.cut(to: 255), of: commit, in: repository)
        return runs.first { $0.externalId == externalID(context) }
    }

    /// The same for all steps of a job, so that the last one ends what the first one began.
    private func externalID(_ context: ActionContext) -> String { "defimon/job/\(context.jobID)" }

    private func checkConclusion() throws(ActionError) {
        guard (status == .completed) == (conclusion != nil) else {
            throw ActionError(
                status == .completed
                    ? "the check '\(name)' is completed and has no conclusion"
                    : "the check '\(name)' has a conclusion and is not completed",
                hint: "give conclusion with status: completed, and only then")
        }
    }

    private func result(_ check: CheckRun?) -> JSONValue {
        [
            "check_run": .int(Int64(check?.id ?? 0)), "url": .string(check?.htmlUrl ?? ""),
            "summary": .string("check '\(GitHubText.line(name, atMost: 100))': \(conclusion ?? status.rawValue)"),
        ]
    }

    private var doing: String { "the check '\(name.prefix(100))' of \(GitHubName.short(commit)) cannot be written" }
}
