import Domain
import TestSupport
import Testing

@testable import GitHub

@Suite struct AwaitingActionTests {
    private static let topic = "github/acme/api@\(Fixture.head)"

    private static func run(
        id: Int64 = 1, _ status: String, _ conclusion: JSONValue = .null, name: String = "Build",
        sha: String = Fixture.head
    ) -> JSONValue {
        [
            "id": .int(id), "name": .string(name), "path": ".github/workflows/build.yml@main",
            "head_sha": .string(sha), "status": .string(status), "conclusion": conclusion,
            "html_url": .string("https://github.com/acme/api/actions/runs/\(id)"),
        ]
    }

    private func look(_ runs: [JSONValue], workflow: String = "Build") async throws -> Awaited {
        try await withClient(answering: { _ in json(["workflow_runs": .array(runs)]) }) { client, server in
            let awaited = try await ActionRun(client: client).look("github.workflow-success", inputs(workflow))
            #expect(server.requests.first?.path == "/repos/acme/api/actions/runs?head_sha=\(Fixture.head)&per_page=100")
            return awaited
        }
    }

    private func inputs(_ workflow: String = "Build") -> [String: JSONValue] {
        ["repository": "acme/api", "commit": .string(Fixture.head), "workflow": .string(workflow)]
    }

    @Test(arguments: ["Build", "build.yml", ".github/workflows/build.yml"])
    func aWorkflowThatSucceededIsReady(workflow: String) async throws {
        guard case .ready(let outputs) = try await look([Self.run("completed", "success")], workflow: workflow) else {
            Issue.record("it is not ready")
            return
        }
        #expect(outputs["url"] == "https://github.com/acme/api/actions/runs/1")
        #expect(outputs["summary"]?.stringValue?.contains("succeeded") == true)
    }

    @Test(
        arguments: [
            [], [run("queued")], [run("in_progress")], [run("completed", "action_required")],
            [run("completed", "success", name: "Other").with(["path": "other.yml"])],
            [run("completed", "success", sha: "0000000000000000000000000000000000000000")],
            // The newest run counts.
            [run(id: 1, "completed", "success"), run(id: 2, "in_progress")],
        ] as [[JSONValue]])
    func aWorkflowThatIsNotDoneIsWaitedFor(runs: [JSONValue]) async throws {
        guard case .notYet(let what, let after, let topic) = try await look(runs) else {
            Issue.record("it is ready")
            return
        }
        #expect(what.hasPrefix("the workflow 'Build' for ec26c3e"))
        #expect(after == .seconds(60))
        #expect(topic == Self.topic)
    }

    @Test(arguments: ["failure", "cancelled", "timed_out", "startup_failure", "skipped", "stale"])
    func aWorkflowThatFailedIsAnErrorWithItsPage(conclusion: String) async throws {
        let run = Self.run("completed", .string(conclusion))
        try await withClient(answering: { _ in json(["workflow_runs": [run]]) }) { client, _ in
            let error = try await ActionRun(client: client).error("github.workflow-success", inputs())
            #expect(error?.message.contains("https://github.com/acme/api/actions/runs/1") == true)
            #expect(error?.retry == .never)
        }
    }

    // MARK: Checks

    private static func suite(
        _ id: Int64, _ status: String, _ conclusion: JSONValue = .null, runs: Int64 = 1
    ) -> JSONValue {
        [
            "id": .int(id), "status": .string(status), "conclusion": conclusion, "latest_check_runs_count": .int(runs),
            "app": ["id": .int(id), "name": .string("App \(id)")],
        ]
    }

    private func checks(_ suites: [JSONValue]) async throws -> Result<Awaited, ActionError> {
        try await withClient(answering: { request in
            request.path.contains("/check-runs")
                ? json([
                    "check_runs": [
                        [
                            "id": 1, "name": "good", "status": "completed", "conclusion": "success",
                            "check_suite": ["id": 2],
                        ],
                        [
                            "id": 3, "name": "other", "status": "completed", "conclusion": "failure",
                            "check_suite": ["id": 9],
                        ],
                        [
                            "id": 2, "check_suite": ["id": 2], "name": "lint", "status": "completed",
                            "conclusion": "failure",
                            "html_url": "https://github.com/acme/api/runs/2",
                        ],
                    ]
                ])
                : json(["check_suites": .array(suites)])
        }) { client, _ in
            do {
                let inputs: [String: JSONValue] = ["repository": "acme/api", "commit": .string(Fixture.head)]
                return .success(try await ActionRun(client: client).look("github.checks-success", inputs))
            } catch let error as ActionError { return .failure(error) }
        }
    }

    @Test func checksThatSucceededAreReady() async throws {
        let suites = [
            Self.suite(1, "completed", "success"), Self.suite(2, "completed", "neutral"),
            Self.suite(3, "completed", "skipped"), Self.suite(4, "queued", runs: 0),
        ]
        guard case .success(.ready(let outputs)) = try await checks(suites) else {
            Issue.record("it is not ready")
            return
        }
        #expect(outputs["checks"] == 3)
    }

    @Test(
        arguments: [
            [], [suite(1, "queued", runs: 0)], [suite(1, "completed", "success"), suite(2, "in_progress")],
            [suite(1, "completed", "action_required")],
        ] as [[JSONValue]])
    func checksThatAreNotDoneAreWaitedFor(suites: [JSONValue]) async throws {
        guard case .success(.notYet(let what, _, let topic)) = try await checks(suites) else {
            Issue.record("it is ready")
            return
        }
        #expect(what.hasPrefix("the checks of ec26c3e"))
        #expect(topic == Self.topic)
    }

    @Test func aCheckThatFailedIsAnErrorWithItsPage() async throws {
        let suites = [Self.suite(1, "in_progress"), Self.suite(2, "completed", "failure")]
        guard case .failure(let error) = try await checks(suites) else {
            Issue.record("it did not fail")
            return
        }
        #expect(
            error.message.contains("'lint' of ec26c3e did not succeed (failure): https://github.com/acme/api/runs/2"))
    }
}
