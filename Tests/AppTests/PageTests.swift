import Foundation
import TestSupport
import Testing

/// The sandbox as a newcomer meets it: the page in a real browser.
@Suite(.serialized) struct PageTests {
    private static let python = Project.program("python3")
    private static let hasSelenium: Bool = {
        let packages = "\(Project.root)/.venv/lib"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: packages)) ?? []
        return versions.contains { FileManager.default.fileExists(atPath: "\(packages)/\($0)/site-packages/selenium") }
            && Project.program("chromium") != nil
    }()

    @Test(.enabled(if: hasSelenium || Project.isCI))
    func `Typing a deploy and firing an alert on the page ends with green reports`() async throws {
        let folder = try TemporaryFolder()
        let python = try #require(Self.python)
        let sandbox = try await RunningProgram(
            Project.binary, ["sandbox", "--port", "0", "--root", Project.root, "--folder", folder.path("sandbox")],
            in: folder)
        let page = try #require(
            await eventually(within: .seconds(60)) { () -> String? in
                sandbox.text.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("http://127.0.0.1:") }.map(
                    String.init)
            }, "\(sandbox.text)")
        let browser = try await RunningProgram(
            python, ["\(Project.root)/Tests/AppTests/page_test.py", page, folder.path("pictures"), "90"], in: folder)
        let code = await browser.ended(within: .seconds(240))
        #expect(code == 0, "\(browser.text)\n\(sandbox.text)")
        #expect(await sandbox.end() == 0, "\(sandbox.text)")
    }
}
