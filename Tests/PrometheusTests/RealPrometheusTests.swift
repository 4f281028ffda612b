import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@testable import Prometheus

/// Against Debian's Prometheus, which `scripts/setup` installs. It watches itself.
@Suite struct RealPrometheusTests {
    @Test func `A real server answers as the documentation says`() async throws {
        let folder = try TemporaryFolder()
        let port = try FreePort.take()
        let config = """
            global: {scrape_interval: 200ms, scrape_timeout: 200ms}
            scrape_configs:
              - job_name: itself
                static_configs: [{targets: ["127.0.0.1:\(port)"]}]
            """
        let program = try await RunningProgram(
            "/usr/bin/prometheus",
            [
                "--config.file=\(try folder.write(config, to: "prometheus.yml"))",
                "--storage.tsdb.path=\(folder.path("data"))", "--web.listen-address=127.0.0.1:\(port)",
            ], in: folder)
        do {
            try await withSession { session in
                let directory = try Fixture.directory(["infra": ["url": .string("http://127.0.0.1:\(port)")]], session)
                try await ask(directory, program)
            }
        } catch {
            await program.end(SIGKILL)
            throw error
        }
        await program.end(SIGKILL)
    }

    private func ask(_ directory: PrometheusDirectory, _ program: RunningProgram) async throws {
        let up = await eventually { try? await Fixture.ask(directory, #"up{job="itself"}"#, holds: "== 1") }
        #expect(up?["value"] == "1", "\(program.text)")
        let low = await #expect(throws: ActionError.self) {
            try await Fixture.ask(directory, #"up{job="itself"}"#, holds: "> 1")
        }
        #expect(low?.message.hasPrefix("> 1 does not hold for 1 of 1: up{instance=\"127.0.0.1:") == true)
        #expect(try await Fixture.ask(directory, "absent(up)", holds: "empty")["series"] == 0)
        #expect(try await Fixture.ask(directory, "scalar(count(up))", holds: "== 1")["value"] == "1")
        #expect(try await Fixture.ask(directory, "vector(0)/0", holds: "not empty")["value"] == "NaN")
        // Longer than any URL may be.
        let long = "up or " + String(repeating: "up or ", count: 1300) + "up"
        #expect(try await Fixture.ask(directory, long, holds: "== 1")["series"] == 1)
        let wrong = await #expect(throws: ActionError.self) { try await Fixture.ask(directory, "up{", holds: "> 0") }
        #expect(wrong?.message.hasPrefix("Prometheus says bad_data:") == true)
        #expect(wrong?.retry == .never)
        let matrix = await #expect(throws: ActionError.self) {
            try await Fixture.ask(directory, "up[1m]", holds: "> 0")
        }
        #expect(matrix?.message == "the query gives a matrix, and a scalar or an instant vector is wanted")
        let clash = await #expect(throws: ActionError.self) {
            try await Fixture.ask(directory, "up * on() group_left() {__name__=~\".+\"}", holds: "> 0")
        }
        #expect(clash?.message.hasPrefix("Prometheus says execution:") == true)
    }
}
