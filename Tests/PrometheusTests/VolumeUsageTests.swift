import Domain
import Outbound
import TestSupport
import Testing

@testable import Prometheus

@Suite struct VolumeUsageTests {
    private static func answer(_ result: JSONValue) -> ScriptedServer.Answer {
        ScriptedServer.Answer(
            status: 200, headers: ["Content-Type": "application/json"],
            body: (["status": "success", "data": ["resultType": "vector", "result": result]] as JSONValue).canonicalText
        )
    }

    @Test func `How full each claim is comes from the pool's Prometheus, whichever of its pages is named`() async throws
    {
        let answer = Self.answer([
            ["metric": ["persistentvolumeclaim": "data-geth-0-0"], "value": [1_790_000_000, "0.43"]],
            ["metric": ["persistentvolumeclaim": "data-geth-1-0"], "value": [1_790_000_000, "NaN"]],
            ["metric": [:], "value": [1_790_000_000, "0.5"]],
        ])
        try await ScriptedServer.run(answering: { _ in answer }) { server in
            try await withSession { session in
                let usage = VolumeUsage(session: session)
                for page in ["/prefix/-/ready", "/prefix/", "/prefix"] {
                    let shares = try await usage.shares(at: server.url + page, namespace: "ethereum")
                    #expect(shares == ["data-geth-0-0": 0.43])
                }
            }
            #expect(Set(server.requests.map(\.path)) == ["/prefix/api/v1/query"])
            #expect(server.requests.allSatisfy { $0.text.contains("namespace%3D%22ethereum%22") })
        }
    }

    @Test func `A server that answers something else is told as such`() async throws {
        try await ScriptedServer.run(answering: { _ in .init(status: 503, body: "away") }) { server in
            try await withSession { session in
                _ = await #expect(throws: ActionError.self) {
                    _ = try await VolumeUsage(session: session).shares(at: server.url, namespace: "ethereum")
                }
            }
        }
    }
}
