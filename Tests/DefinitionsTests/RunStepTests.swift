import Definitions
import Domain
import TestSupport
import Testing

/// `run:` in a step: a Job on a cluster, spelled short.
@Suite struct RunStepTests {
    private func command(_ step: String) -> [String: String] {
        ["commands/a.yaml": "command: a\nsummary: s\nsteps:\n  - \(step)\n"]
    }

    @Test func runIsTheActionWithTheClusterNamedByOn() async throws {
        let loaded = try await Loading.load(
            command("run: {on: analytics, namespace: a, image: r.test/tool:1, script: \"echo {{job.id}}\"}"))
        #expect(loaded.problems == [])
        let step = try #require(loaded.definitions?.commands["a"]?.steps.first)
        #expect(step.action == "kubernetes.run-job")
        #expect(
            step.input.json == [
                "cluster": "analytics", "namespace": "a", "image": "r.test/tool:1", "script": "echo {{job.id}}",
            ])
        #expect(step.id == "run-job")
    }

    @Test(arguments: [
        ("run: {namespace: a}", "4:10: error: 'run' does not say on which cluster"),
        ("run: {on: c, cluster: d, namespace: a}", "4:18: error: 'cluster' is called 'on' in 'run'"),
        ("run: {on: c, namespace: a, scrip: x}", "4:32: error: unknown input 'scrip'"),
        ("run: {on: c}", "4:10: error: input 'namespace' is missing"),
        ("run: analytics", "4:10: error: 'run' must be a map, and it is text"),
        ("{uses: http.check, with: {url: x}, run: {on: c, namespace: a}}", "4:6: error: the step has 'run' and 'uses'"),
        ("{with: {url: x}, run: {on: c, namespace: a}}", "4:6: error: the step has 'run' and 'with'"),
        ("{name: x}", "4:5: error: the step has neither 'uses' nor 'run'"),
    ])
    func aMistakeIsSaidWhereItStands(_ step: String, _ words: String) async throws {
        let problems = try await Loading.load(command(step)).problems.map(\.description)
        #expect(problems.contains { $0.contains(words) }, "\(problems)")
    }
}
