import Domain
import Testing

@testable import Hetzner

@Suite struct SettingsTests {
    @Test func `what is left out has its usual value`() throws {
        let settings = try Fixture.settings()
        #expect(settings.endpoint == "https://api.hetzner.cloud/v1")
        #expect(settings.networkZone == "eu-central")
        #expect(settings.largestVolume == 10_240)
        #expect(settings.location == nil && settings.prices == nil && settings.ca == nil)
    }

    @Test(
        arguments: [
            ([:], "input 'token' is missing"), (["token": "abc"], "'token'"),
            (["token": ["env": "T"], "endpoint": "api.hetzner.cloud"], "'endpoint'"),
            (["token": ["env": "T"], "location": "Falkenstein"], "'location'"),
            (["token": ["env": "T"], "largest_volume_gib": 9], "'largest_volume_gib'"),
            (["token": ["env": "T"], "largest_volume_gib": 10_241], "'largest_volume_gib'"),
            (["token": ["env": "T"], "prices": ["servers": ["cx22": 3]]], "'currency' is missing"),
            (["token": ["env": "T"], "prices": ["currency": "EUR", "servers": ["cx22": "3"]]], "no price for 'cx22'"),
            (["token": ["env": "T"], "prices": ["currency": "EUR", "volume_gb": -1]], "'volume_gb' is no price"),
            (["token": ["env": "T"], "region": "fsn1"], "unknown input 'region'"),
        ] as [([String: JSONValue], String)])
    func `a wrong setting is told`(_ members: [String: JSONValue], _ words: String) {
        #expect(Fixture.problems(members).contains { $0.contains(words) }, "\(Fixture.problems(members))")
    }

    @Test func `what has no price is named, and does not count`() throws {
        let prices = try #require(try Fixture.settings(["prices": Fixture.prices]).prices)
        var sum = HetznerPrices.Sum()
        prices.add(server: "cx22", to: &sum)
        prices.add(server: "cx99", to: &sum)
        #expect(prices.words(sum) == "EUR 3.79 a month")
        #expect(sum.unknown == ["server type cx99"])
        #expect(prices.words { prices.add(server: "cx99", to: &$0) } == nil)
    }

    @Test func `the token never stands in a description`() throws {
        let settings = try Fixture.settings()
        #expect(!"\(settings)".contains(StoredSecrets.token))
        #expect(throws: MissingSecret.self) { _ = try StoredSecrets().secret(.environment("OTHER")) }
    }
}
