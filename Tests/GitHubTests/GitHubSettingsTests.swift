import Domain
import Testing

@testable import GitHub

@Suite struct GitHubSettingsTests {
    private static let token: [String: JSONValue] = ["token": ["env": "TOKEN"]]

    @Test func aTokenAloneIsEnough() throws {
        let settings = try Fixture.settings(Self.token)
        #expect(settings.apiURL == "https://api.github.com")
        #expect(!settings.receivesWebhooks)
    }

    @Test func everythingThatMayBeSaidIsRead() throws {
        let settings = try Fixture.settings([
            "api_url": "https://github.example.com/api/v3/", "ca": "ca.pem",
            "app": ["id": "12345", "private_key": ["file": "app.pem"]], "webhook_secrets": [["env": "HOOK"]],
            "hooks": ["acme": ["owner": "acme", "hook_id": "1234", "secrets": [["env": "ACME"]]]],
        ])
        #expect(settings.apiURL == "https://github.example.com/api/v3")
        #expect(settings.app == .init(id: "12345", privateKey: .file("app.pem")))
        #expect(settings.hooks["acme"]?.owner == "acme")
        #expect(settings.hooks["acme"]?.hookID == "1234")
        #expect(settings.hooks["acme"]?.secrets.count == 1)
        #expect(settings.receivesWebhooks)
    }

    @Test(
        arguments: [
            ([:], "neither a token nor an app"),
            (["token": ["env": "T"], "app": ["id": "1", "private_key": ["env": "K"]]], "both a token and an app"),
            (["app": ["id": "1"]], "'private_key' is missing"),
            (["app": ["private_key": ["env": "K"]]], "'id' is missing"),
            (["app": ["id": "1", "private_key": ["env": "K"], "secret": "x"]], "unknown input 'secret'"),
            (["token": ["env": "T"], "hooks": ["a": ["owner": "acme"]]], "'secrets' is missing"),
            (["token": ["env": "T"], "hooks": ["a": ["owner": "acme", "secrets": []]]], "no secret"),
            (["token": ["env": "T"], "hooks": ["a": ["secrets": [["env": "S"]]]]], "bound to nothing"),
            (["token": ["env": "T"], "hooks": ["a": ["owner": "a/b", "secrets": [["env": "S"]]]]], "'a/b'"),
            (["token": ["env": "T"], "api_url": "ftp://x"], "'ftp://x'"),
            (["token": "ghp_x"], "a secret's place"),
        ] as [([String: JSONValue], String)])
    func whatIsWrongIsNamed(members: [String: JSONValue], words: String) {
        let problems = Fixture.problems(members)
        #expect(problems.contains { $0.contains(words) }, "\(problems)")
    }

    @Test func patternsOfNamesCompile() {
        let patterns = [
            GitHubName.webAddress, GitHubName.ownerPattern, GitHubName.repositoryPattern, GitHubName.hookID,
            GitHubName.appID, GitHubName.commit, GitHubName.shortCommit, GitHubName.givenCommit, GitHubName.environment,
            GitHubName.conclusion, GitHubName.link,
        ]
        #expect(patterns.allSatisfy { $0 != nil })
    }

    @Test(arguments: [
        ("acme/api", true), ("a_b/x.y-z", true), ("acme/..", false), ("acme/.", false), ("acme", false),
        ("acme/api/x", false), ("/api", false), ("acme/", false), ("ac me/api", false), ("-a/b", false),
    ])
    func aRepositoryHasAnOwnerAndAName(text: String, isOne: Bool) {
        #expect((RepositoryName(text) != nil) == isOne)
    }

    @Test(arguments: [
        ("acme/api#42", true), ("acme/api#0", false), ("acme/api#", false), ("acme/api#4#2", false),
        ("acme/api", false), ("acme/api#+4", false), ("acme/api#99999999999", false),
    ])
    func aPlaceIsAPullRequest(address: String, isOne: Bool) {
        #expect((PullRequestPlace(address) != nil) == isOne)
    }
}
