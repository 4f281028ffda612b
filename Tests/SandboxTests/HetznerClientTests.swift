import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

/// Hetzner's own client against the stand-in: `hetzner_client_test.py`.
@Suite struct HetznerClientTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    /// Where the client follows a later API than the document.
    private static let newer: Set<String> = [
        "create_primary_ip 201: request.assignee_type is missing",
        "delete_load_balancer 200: no answer has this status",
    ]
    private static let hasClient: Bool = {
        let packages = root.appending(path: ".venv/lib").path
        // Without the folder there is no client.
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: packages)) ?? []
        return versions.contains {
            FileManager.default.fileExists(atPath: "\(packages)/\($0)/site-packages/hcloud")
        }
    }()

    @Test(.enabled(if: hasClient || ProcessInfo.processInfo.environment["CI"] == "true"))
    func `Hetzner's own client does as it does at Hetzner`() async throws {
        var configuration = HetznerStandIn.Configuration(tokens: [HetznerFixture.token])
        configuration.running = [:]
        configuration.tellsDeletionOfBalancers = true
        configuration.runningOtherwise = .milliseconds(60)
        let hetzner = HetznerStandIn(configuration)
        let problems = HetznerFixture.Problems()
        HetznerFixture.check(hetzner, problems)
        try await running([{ try await hetzner.run() }]) {
            let folder = try TemporaryFolder()
            let pair = try TestCertificate.make("analytics.example.com")
            let chain = try folder.write(pair.chain, to: "chain.pem")
            let key = try folder.write(pair.key, to: "key.pem")
            let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "hetzner_client_test.py")
            let client = try await RunningProgram(
                HetznerClientTests.root.appending(path: ".venv/bin/python").path,
                [script.path, try await hetzner.url(), chain, key],
                environment: ["HCLOUD_TOKEN": HetznerFixture.token.reveal()], in: folder)
            let code = await client.ended(within: .seconds(120))
            #expect(code == 0, "\(client.text)\n\(hetzner.received.suffix(3))")
        }
        #expect(problems.found.subtracting(HetznerClientTests.newer).sorted() == [])
    }
}
