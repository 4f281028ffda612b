import Sandbox
import TestSupport
import Testing

@Suite struct GitHubFolderTests {
    @Test func aFoldersFilesBecomeARepositorys() throws {
        let folder = try TemporaryFolder()
        try folder.write("one", to: "deploy/a.yaml")
        try folder.write("two", to: "deploy/sub/b.yaml")
        try folder.write("hidden", to: "deploy/.git/config")
        try folder.write(String(repeating: "x", count: 256 * 1024), to: "deploy/largest")
        try folder.write(String(repeating: "x", count: 256 * 1024 + 1), to: "deploy/too-large")
        let files = GitHubStandIn.files(inFolder: folder.path("deploy"), prefix: "deploy")
        #expect(files.keys.sorted() == ["deploy/a.yaml", "deploy/largest", "deploy/sub/b.yaml"])
        #expect(files["deploy/sub/b.yaml"] == .text("two"))
        #expect(GitHubStandIn.files(inFolder: folder.path("none"), prefix: "deploy").isEmpty)
    }
}
