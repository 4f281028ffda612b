import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

/// The page in headless Chromium, over a small bot. Runs where `DEFIMON_PYTHON` names a Python with selenium. With
/// `DEFIMON_PAGE_PORT` the page is served there until the test is stopped, to look at it.
@Suite struct PageInBrowserTests {
    private static let environment = ProcessInfo.processInfo.environment

    @Test(.enabled(if: environment["DEFIMON_PYTHON"] != nil || environment["DEFIMON_PAGE_PORT"] != nil))
    func aPersonTypesACommandAndFiresAnAlert() async throws {
        let port = PageInBrowserTests.environment["DEFIMON_PAGE_PORT"].flatMap { Int($0) }
        let small = SmallBot(pause: port == nil ? .milliseconds(150) : .milliseconds(1500))
        let fixture = SlackFixture(bot: small.fake)
        let ethereum = EthereumStandIn()
        let alerts = AlertSender(
            .init(token: Secret("alert-token"), alerts: [.gethDown("geth-0", on: ethereum), .podCrashLooping()]),
            send: small.fake.connection)
        let github = try GitHubFixture(bot: small.fake)
        let registry = RegistryStandIn(.init(username: "bot", password: Secret("secret")))
        let world = SandboxWorld(
            slack: fixture.slack, alerts: alerts, ethereum: ethereum,
            repository: SandboxRepository(github: github.github, name: GitHubFixture.repository, registry: registry),
            links: [.init(title: "Console", url: "http://127.0.0.1:8081/")], jobs: { small.json })
        let page = SandboxPage(world, port: port ?? 0)
        try await running([
            { try await fixture.slack.run() }, { try await alerts.run() }, { try await ethereum.run() },
            { try await page.run() }, { try await github.github.run() }, { try await registry.run() },
            { try await small.run(fixture, ethereum) },
        ]) {
            let url = try await page.url()
            guard let python = PageInBrowserTests.environment["DEFIMON_PYTHON"] else {
                print("page \(url), Slack's API \(try await fixture.slack.url())/api/")
                print("GitHub \(try await github.github.url()), token \(github.token.reveal())")
                fflush(nil)
                while true { try await Task.sleep(for: .seconds(3600)) }
            }
            let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "AppTests/page_test.py")
            let folder = try TemporaryFolder()
            let (status, output) = try await RunningProgram.run(python, [script.path, url, folder.url.path])
            #expect(status == 0, "\(output)")
        }
    }
}
