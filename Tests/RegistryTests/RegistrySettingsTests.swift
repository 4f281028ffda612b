import Domain
import TestSupport
import Testing

@testable import Registry

@Suite struct RegistrySettingsTests {
    @Test func theUsualSectionHasNoProblem() {
        let value: JSONValue = [
            "registry.example.com": ["username": "bot", "password": ["env": "PULL"]], "docker.io": [:],
            "registry.example.com:5000": ["url": "https://10.0.0.1:5000/registry/", "ca": "ca.pem"],
            "localhost": ["url": "http://localhost:5000"],
        ]
        #expect(Fixture.problems(value) == [])
    }

    @Test func theAddressFollowsFromTheName() throws {
        let settings = try Fixture.settings([
            "registry.example.com": [:], "docker.io": [:], "r.example.com:5000": [:],
            "own.example.com": ["url": "https://10.0.0.1/v2x/"],
        ])
        #expect(settings.registries["registry.example.com"]?.url == "https://registry.example.com")
        #expect(settings.registries["docker.io"]?.url == "https://registry-1.docker.io")
        #expect(settings.registries["r.example.com:5000"]?.url == "https://r.example.com:5000")
        #expect(settings.registries["own.example.com"]?.url == "https://10.0.0.1/v2x")
    }

    @Test(
        arguments: [
            (["ghcr": [:]], "not a registry's name"),
            (["registry.example.com/acme": [:]], "not a registry's name"),
            (["registry.example.com": ["username": "bot"]], "'password' is missing"),
            (["registry.example.com": ["password": ["env": "PULL"]]], "'username' is missing"),
            (["registry.example.com": ["username": "bot:x", "password": ["env": "PULL"]]], "':'"),
            (["registry.example.com": ["username": "bot", "password": "plain"]], "password"),
            (["registry.example.com": ["url": "registry.example.com"]], "url"),
            (["registry.example.com": ["url": "https://u:p@registry.example.com"]], "url"),
            (["registry.example.com": ["url": "https://registry.example.com/?x=1"]], "url"),
            (["registry.example.com": ["user": "bot"]], "user"),
        ] as [(JSONValue, String)])
    func whatDoesNotFitIsAProblem(value: JSONValue, word: String) {
        #expect(Fixture.problems(value).contains { $0.contains(word) }, "\(Fixture.problems(value))")
    }

    @Test func theConstantPatternsCompile() {
        #expect(RegistrySettings.address != nil)
        #expect(ImageReference.registryPattern != nil)
        #expect(ImageReference.repositoryPattern != nil)
        #expect(ImageReference.tagPattern != nil)
        #expect(ImageReference.digestPattern != nil)
    }

    @Test func aPasswordThatIsMissingStopsTheStart() async throws {
        try await withSession { session in
            let settings = try Fixture.settings([
                "registry.example.com": ["username": "b", "password": ["env": "NOWHERE"]]
            ])
            #expect(throws: MissingSecret.self) {
                _ = try RegistryDirectory(settings, secrets: Fixture.secrets, onSecret: { _ in }) { _ in session }
            }
        }
    }
}
