import CryptoExtras
import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

/// A client that knows the real GitHub, against the stand-in: `github_client_test.py` with PyGithub.
@Suite struct GitHubClientTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let hasPyGithub: Bool = {
        let packages = root.appending(path: ".venv/lib").path
        // Without the folder there is no client.
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: packages)) ?? []
        return versions.contains { FileManager.default.fileExists(atPath: "\(packages)/\($0)/site-packages/github") }
    }()

    @Test(.enabled(if: hasPyGithub || ProcessInfo.processInfo.environment["CI"] == "true"))
    func pyGithubReadsAndWritesAsItDoesAtGitHub() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            let number = try await fixture.open()
            try await fixture.github.finishWorkflow(repository: "acme/api", commit: fixture.head(number))
            let folder = try TemporaryFolder()
            let key = try folder.write(try GitHubFixture.key.get().pemRepresentation, to: "app.pem")
            let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "github_client_test.py")
            let client = try await RunningProgram(
                GitHubClientTests.root.appending(path: ".venv/bin/python").path,
                [
                    script.path, try await fixture.github.url(), fixture.token.reveal(), String(number), "12345", key,
                ], in: folder)
            let code = await client.ended(within: .seconds(120))
            #expect(code == 0, "\(client.text)\n\(fixture.github.failures.received.suffix(3))")
        }
    }
}
