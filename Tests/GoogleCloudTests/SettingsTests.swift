import Domain
import Testing

@testable import GoogleCloud

@Suite struct SettingsTests {
    private let usual: [String: JSONValue] = [
        "project": "example-project", "region": "europe-west3", "zone": "europe-west3-a",
        "credentials": ["metadata": true],
    ]

    @Test func `all is read`() throws {
        let settings = try Fixture.settings(usual)
        #expect(settings.defaults.zone == "europe-west3-a")
        #expect(settings.credentials == .metadata)
        #expect(settings.endpoints == CloudEndpoints())
        #expect(settings.defaults.largestDisk == 8192)
    }

    @Test func `exactly one kind of credentials is wanted`() {
        let none = usual.merging(["credentials": [:]]) { $1 }
        #expect(Fixture.problems(none).contains { $0.contains("names none") })
        let two = usual.merging(["credentials": ["metadata": true, "application_default": true]]) { $1 }
        #expect(Fixture.problems(two).contains { $0.contains("names several") })
        var missing = usual
        missing["credentials"] = nil
        #expect(Fixture.problems(missing).contains { $0.contains("has no credentials") })
    }

    @Test func `prices of disks are figured for a month`() throws {
        let given = usual.merging(["disk_prices": ["currency": "EUR", "pd-ssd": .double(0.204), "pd-standard": 1]]) {
            $1
        }
        let prices = try #require(try Fixture.settings(given).diskPrices)
        #expect(prices.month(410, of: "pd-ssd") == "EUR 83.64 a month")
        #expect(prices.month(10, of: "pd-standard") == "EUR 10.00 a month")
        #expect(prices.month(10, of: "pd-extreme") == nil)
        for wrong in [
            ["pd-ssd": .double(0.2)], ["currency": "EUR", "pd-ssd": "much"], ["currency": "EUR", "pd-ssd": -1],
        ]
            as [JSONValue]
        {
            #expect(Fixture.problems(usual.merging(["disk_prices": wrong]) { $1 }).count == 1)
        }
    }

    @Test func `a zone of another region is a problem`() {
        let wrong = usual.merging(["zone": "us-central1-a"]) { $1 }
        #expect(Fixture.problems(wrong).contains { $0.contains("zone us-central1-a is not in region europe-west3") })
    }

    @Test func `an endpoint may end with a slash`() throws {
        let given = usual.merging(["endpoints": ["compute": "http://127.0.0.1:8080/"]]) { $1 }
        #expect(try Fixture.settings(given).endpoints.compute == "http://127.0.0.1:8080")
    }

    @Test(arguments: [
        ("europe-west3-a", true), ("northamerica-northeast1-b", true), ("europe-west3", false),
        ("Europe-west3-a", false),
    ])
    func `a zone looks like one`(_ text: String, _ isOne: Bool) {
        #expect(CloudName.zone?.matches(text) == isOne)
    }

    @Test func `the patterns compile`() {
        let patterns = [
            CloudName.project, CloudName.region, CloudName.zone, CloudName.resource, CloudName.pool, CloudName.address,
            CloudName.range, CloudName.type, CloudName.serviceAccount, CloudName.image, CloudName.ports,
        ]
        #expect(patterns.allSatisfy { $0 != nil })
    }

    @Test func `a region is known from a zone`() throws {
        let defaults = CloudDefaults(project: "p", zone: "europe-west3-a")
        #expect(try defaults.region(nil) == .region("europe-west3"))
        #expect(throws: ActionError.self) { try CloudDefaults(project: "p").zone(nil) }
    }
}
