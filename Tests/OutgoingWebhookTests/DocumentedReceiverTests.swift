import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@testable import OutgoingWebhook

/// What `docs/operating.md` tells those who write receivers.
@Suite(.timeLimit(.minutes(2))) struct DocumentedReceiverTests {
    private func section() throws -> String {
        let page = try String(contentsOfFile: Project.root + "/docs/operating.md", encoding: .utf8)
        return try #require(page.components(separatedBy: "## Outgoing webhooks\n").dropFirst().first)
            .components(separatedBy: "\n## ")[0]
    }

    @Test func theTestVectorIsRight() throws {
        let signature = WebhookSignature.of(
            Array(#"{"delivery":"7","title":"deploy analytics"}"#.utf8), timestamp: 1_790_000_000,
            secret: Secret("an-example-secret"))
        #expect(signature == "v1=b50c212c2cb9c491a0ed4c47e45c2e515122c1eba24417ecd1e509cad4794100")
        #expect(try section().contains(signature))
    }

    @Test func theReceiverTakesWhatIsSignedAndRefusesAllElse() async throws {
        let python = try #require(Project.program("python3"))
        let code = try #require(try section().components(separatedBy: "```python\n").dropFirst().first)
            .components(separatedBy: "```")[0]
        let folder = try TemporaryFolder()
        let port = try FreePort.take()
        let script = try folder.write(code, to: "receiver.py")
        let receiver = try await RunningProgram(
            python, ["-u", script, String(port)], environment: ["DEFIMON_WEBHOOK_SECRET": Fixture.secret], in: folder)
        let url = "http://127.0.0.1:\(port)/"
        try await withSession { session in
            let isUp = await eventually { try? await session.send(HTTPRequest(url: url)).status }
            #expect(isUp != nil, "\(receiver.text)")
            func outlet(_ secret: String, _ time: any TimeSource) throws -> OutgoingWebhookOutlet {
                let settings = try Fixture.settings(["receiver": ["url": .string(url), "secret": ["env": "SECRET"]]])
                return try OutgoingWebhookOutlet(
                    settings, secrets: FixedSecrets(values: ["SECRET": secret]), time: time
                ) { _ in session }
            }
            let message = Fixture.message(.success, title: "it \"works\" · ✓")
            _ = try await outlet(Fixture.secret, SystemTime()).deliver(message, existing: nil, thread: nil)
            #expect(receiver.text.contains("7 success it \"works\" · ✓"))
            await #expect(throws: OutletError.self) {
                try await outlet("another-secret", SystemTime()).deliver(message, existing: nil, thread: nil)
            }
            // Signed with the right secret, but an hour ago.
            let old = VirtualTime(now: Date().addingTimeInterval(-3600))
            await #expect(throws: OutletError.self) {
                try await outlet(Fixture.secret, old).deliver(message, existing: nil, thread: nil)
            }
            #expect(receiver.text.components(separatedBy: "success").count == 2)
        }
        // Python keeps the signal mask of the thread that starts it, in which SIGTERM waits.
        await receiver.end(SIGKILL)
    }
}
