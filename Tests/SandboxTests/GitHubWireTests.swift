import Domain
import Outbound
import Sandbox
import TestSupport
import Testing

/// The stand-in's answers and payloads beside GitHub's own.
@Suite(.enabled(if: WireData.isThere)) struct GitHubWireTests {
    /// Every member of GitHub's is in the stand-in's, with the same kind of value; `skipping` names those that belong to
    /// what the example is about alone.
    private func compare(_ wire: JSONValue?, _ ours: JSONValue?, skipping: Set<String> = [], path: String) {
        for (name, value) in wire?.objectValue ?? [:] where !skipping.contains(name) {
            guard let mine = ours?[name] else {
                Issue.record("\(path).\(name) is missing")
                continue
            }
            switch (value, mine) {
            case (.object, .object): compare(value, mine, skipping: skipping, path: "\(path).\(name)")
            case (.array(let theirs), .array(let items)):
                if let first = theirs.first, let item = items.first {
                    compare(first, item, skipping: skipping, path: "\(path).\(name).0")
                }
            case (.string, .string), (.bool, .bool), (.int, .int), (.null, _), (_, .null): break
            default:
                Issue.record(
                    "\(path).\(name) is \(mine.canonicalText.prefix(60)), GitHub has \(value.canonicalText.prefix(60))")
            }
        }
    }

    private func recorded(_ name: String) throws -> JSONValue {
        try JSONValue(parsing: try WireData.bytes("github/rest/\(name).json")).at(path: "response.body") ?? .null
    }

    private func payload(_ name: String) throws -> JSONValue {
        try JSONValue(parsing: try WireData.bytes("github/\(name)"))
    }

    @Test func answersHaveTheMembersOfTheRecordedOnes() async throws {
        let time = VirtualTime()
        let fixture = try GitHubFixture(time: time) { $0.repositories[0].workflows = [] }
        let app = try GitHubFixture.appHeaders(GitHubFixture.claims(at: time.now))
        try await running(fixture.services) {
            let number = try await fixture.open()
            let sha = fixture.head(number)
            compare(
                try recorded("get_app"), try await fixture.get("/app", app).json, skipping: ["permissions"], path: "app"
            )
            let installation = try await fixture.get("/orgs/acme/installation", app).json
            compare(try recorded("get_org_installation"), installation, skipping: ["permissions"], path: "installation")
            let token = try await fixture.call(
                "POST", "/app/installations/\(installation["id"]?.plainText ?? "")/access_tokens", nil, app
            ).json
            compare(try recorded("create_installation_access_token"), token, skipping: ["permissions"], path: "token")
            let headers = ["Authorization": "Bearer \(token["token"]?.plainText ?? "")"]
            let comment = try await fixture.post("/issues/\(number)/comments", ["body": "First comment"]).json
            compare(try recorded("create_issue_comment"), comment, path: "comment")
            compare(try recorded("update_issue_comment.documented"), comment, path: "comment")
            let deployment = try await fixture.post("/deployments", ["ref": "main"]).json
            compare(try recorded("create_deployment"), deployment, skipping: ["payload"], path: "deployment")
            let statuses = "/deployments/\(deployment["id"]?.plainText ?? "")/statuses"
            let status = try await fixture.post(statuses, ["state": "queued"]).json
            compare(try recorded("create_deployment_status"), status, path: "status")
            compare(
                try recorded("list_deployment_statuses").at(path: "0"),
                try await fixture.get(repo: statuses).at(path: "0"),
                path: "statuses")
            for name in ["create_check_run", "create_check_run.no_annotations"] {
                var body =
                    try JSONValue(parsing: try WireData.bytes("github/rest/\(name).json")).at(path: "request.body")?
                    .objectValue ?? [:]
                body["head_sha"] = .string(sha)
                let run = try await fixture.call("POST", "/repos/acme/api/check-runs", .object(body), headers)
                #expect(run.status == 201, "\(name)")
                compare(try recorded(name), try run.json, skipping: ["permissions"], path: "check run")
            }
            compare(try recorded("rate_limit"), try await fixture.get("/rate_limit").json, path: "limit")
        }
    }

    @Test func errorsAreThoseOfTheRecordedOnes() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            func check(_ name: String, _ answer: JSONValue?) throws {
                #expect(answer?["message"] == (try recorded(name))["message"], "\(name)")
            }
            try check("error.401_bad_credentials", await fixture.get("/user", ["Authorization": "Bearer x"]).json)
            try check("get_app.401_bad_jwt", await fixture.get("/app", ["Authorization": "Bearer x"]).json)
            try check("written.error.404", await fixture.get("/repos/acme/none").json)
            try check(
                "written.error.409_deployment_conflict",
                await fixture.post("/deployments", ["ref": "main", "required_contexts": ["ci"]]).json)
        }
    }

    @Test func payloadsHaveTheMembersOfRealOnes() async throws {
        let hooks = [GitHubStandIn.Hook(target: .integration, secret: Secret("x"))]
        let fixture = try GitHubFixture(hooks: hooks)
        try await running(fixture.services) {
            let number = try await fixture.open()
            try await fixture.github.push(number, repository: "acme/api")
            try await fixture.github.finishWorkflow(repository: "acme/api", commit: fixture.head(number))
            try await fixture.github.comment(on: number, repository: "acme/api", by: "olivia", text: "/build")
            try await fixture.github.close(number, repository: "acme/api")
            try await fixture.github.reopen(number, repository: "acme/api")
            try await fixture.github.merge(number, repository: "acme/api")
            try await fixture.github.ping(repository: "acme/api")
            let deployment = try await fixture.post("/deployments", ["ref": "main", "required_contexts": []]).json
            _ = try await fixture.post(
                "/deployments/\(deployment["id"]?.plainText ?? "")/statuses", ["state": "success"])
            _ = await eventually { fixture.bot.events("deployment_status").isEmpty ? nil : true }
            let skipping: Set<String> = ["permissions", "payload", "license", "milestone", "main_branch"]
            for (name, action, file) in [
                ("pull_request", "opened", "webhooks/pull_request/opened.payload.json"),
                ("pull_request", "synchronize", "webhooks/pull_request/synchronize.payload.json"),
                ("pull_request", "reopened", "webhooks/pull_request/reopened.payload.json"),
                ("pull_request", "closed", "webhooks-woodpecker/pull_request.closed.merged.json"),
                ("push", nil, "webhooks/push/with-installation.payload.json"),
                ("push", nil, "webhooks-woodpecker/push.json"),
                ("workflow_run", "requested", "webhooks/workflow_run/requested.payload.json"),
                ("workflow_run", "completed", "webhooks/workflow_run/completed.with-pull-requests.payload.json"),
                ("check_run", "completed", "webhooks/check_run/completed.payload.json"),
                ("check_suite", "completed", "webhooks/check_suite/completed.payload.json"),
                ("issue_comment", "created", "webhooks/issue_comment/created.with-installation.payload.json"),
                ("issue_comment", "created", "webhooks-go-playground/issue_comment.created.on_pull_request.json"),
                ("ping", nil, "webhooks/ping/payload.json"),
                ("deployment", "created", "webhooks/deployment/with-installation.payload.json"),
                ("deployment_status", "created", "webhooks/deployment_status/with-installation.payload.json"),
            ] as [(String, String?, String)] {
                let ours = fixture.bot.events(name).last { $0.body["action"]?.stringValue == action }?.body
                compare(try payload(file), ours, skipping: skipping, path: "\(name) (\(file))")
            }
        }
    }
}
