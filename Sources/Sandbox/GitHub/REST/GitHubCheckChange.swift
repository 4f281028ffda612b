import Domain
import Foundation

/// What a request says about a check run: read and checked before anything changes.
struct GitHubCheckChange {
    private static let conclusions = [
        "action_required", "cancelled", "failure", "neutral", "success", "skipped", "stale", "timed_out",
    ]

    private let status: String?
    private let conclusion: String?
    private let members: GitHubMembers
    private let output: GitHubMembers?
    private let annotations: [JSONValue]

    init(_ members: GitHubMembers, isNew: Bool) throws {
        self.members = members
        let conclusion = try members.choice("conclusion", of: GitHubCheckChange.conclusions)
        let status = try members.choice("status", of: ["queued", "in_progress", "completed"])
        if status == "completed", conclusion == nil, isNew {
            throw GitHubError.invalidRequest(
                "No subschema in \"anyOf\" matched.\n\"conclusion\" wasn't supplied.\n"
                    + "completed is not a member of [\"queued\", \"in_progress\"].")
        }
        if status == "completed", conclusion == nil { throw GitHubError.missing("conclusion") }
        self.conclusion = conclusion
        // A conclusion alone ends the run.
        self.status = conclusion == nil ? status : "completed"
        output = try members.members["output"].map { value in
            guard let object = value.objectValue else {
                throw GitHubError.invalidRequest("For 'properties/output', it is not an object.")
            }
            return GitHubMembers(object)
        }
        annotations = try output?.list("annotations") ?? []
        try check(isNew: isNew)
    }

    private func check(isNew: Bool) throws {
        guard let output else { return }
        if isNew || output.members["title"] != nil { _ = try output.needed("title") }
        _ = try output.needed("summary")
        _ = try output.bounded("summary", "CheckRun", GitHubREST.maxOutput)
        _ = try output.bounded("text", "CheckRun", GitHubREST.maxOutput)
        guard annotations.count <= GitHubREST.maxAnnotations else {
            throw GitHubError.invalidRequest(
                "No more than \(GitHubREST.maxAnnotations) items are allowed; \(annotations.count) were supplied.")
        }
        for annotation in annotations {
            let one = GitHubMembers(annotation.objectValue ?? [:])
            for name in ["path", "message"] { _ = try one.needed(name) }
            for name in ["start_line", "end_line"] where one.members[name]?.intValue == nil {
                throw GitHubError.missing(name)
            }
            guard try one.choice("annotation_level", of: ["notice", "warning", "failure"]) != nil else {
                throw GitHubError.missing("annotation_level")
            }
        }
    }

    func apply(to run: inout GitHubStandIn.CheckRun, now: Int64) throws {
        if let status { run.status = status }
        if let conclusion { run.conclusion = conclusion }
        if let id = try members.text("external_id") { run.externalID = id }
        if let url = try members.text("details_url") {
            guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
                throw GitHubError.validation("CheckRun", field: "details_url", code: "custom", message: "must be a URL")
            }
            run.detailsURL = url
        }
        if let output {
            if let title = try output.text("title") { run.title = title }
            run.summary = try output.text("summary")
            if let text = try output.text("text") { run.text = text }
            run.annotations += annotations
        }
        run.startedAt = try time("started_at") ?? run.startedAt ?? now
        if run.status == "completed" { run.completedAt = try time("completed_at") ?? now }
    }

    private func time(_ name: String) throws -> Int64? {
        guard let text = try members.text(name) else { return nil }
        guard let date = Date(rfc3339: text) else {
            throw GitHubError.invalidRequest("\(text) is not a valid date-time.")
        }
        return date.microseconds
    }
}
