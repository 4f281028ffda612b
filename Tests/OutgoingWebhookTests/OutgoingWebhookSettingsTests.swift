import Domain
import Testing

@testable import OutgoingWebhook

@Suite struct OutgoingWebhookSettingsTests {
    @Test func theUsualSectionHasNoProblem() {
        let value: JSONValue = [
            "pager": ["format": "pagerduty", "routing_key": ["env": "KEY"], "source": "defimon-prod"],
            "own": [
                "url": "https://tools.example.com/hooks/defimon?team=a", "secret": ["file": "/run/secret"],
                "ca": "ca.pem",
            ],
        ]
        #expect(Fixture.problems(value) == [])
    }

    @Test func whatIsLeftOutHasADefault() throws {
        let settings = try Fixture.settings([
            "pager": ["format": "pagerduty", "routing_key": ["env": "KEY"]],
            "own": ["url": "http://127.0.0.1:1", "secret": ["env": "SECRET"]],
        ])
        #expect(settings.receivers["pager"]?.url == "https://events.pagerduty.com/v2/enqueue")
        #expect(settings.receivers["pager"]?.source == "defimon")
        #expect(settings.receivers["own"]?.format == .json)
    }

    @Test(
        arguments: [
            (["a": [:]], "no url"),
            (["a": ["url": "https://x.example.com"]], "without a secret"),
            (["a": ["url": "https://x.example.com", "secret": "abc"]], "secret"),
            (["a": ["url": "ftp://x.example.com", "secret": ["env": "S"]]], "url"),
            (["a": ["url": "https://user:password@x.example.com/", "secret": ["env": "S"]]], "url"),
            (["a": ["url": "https://x.example.com/#top", "secret": ["env": "S"]]], "url"),
            (
                ["a": ["url": "https://x.example.com", "secret": ["env": "S"], "routing_key": ["env": "K"]]],
                "format pagerduty only"
            ),
            (["a": ["format": "pagerduty"]], "routing_key"),
            (
                ["a": ["format": "pagerduty", "routing_key": ["env": "K"], "secret": ["env": "S"]]],
                "format json only"
            ),
            (["a": ["format": "xml", "url": "https://x.example.com", "secret": ["env": "S"]]], "format"),
            (["a:b": ["url": "https://x.example.com", "secret": ["env": "S"]]], "not a name"),
            (["a": ["url": "https://x.example.com", "secret": ["env": "S"], "sekret": 1]], "sekret"),
        ] as [(JSONValue, String)])
    func whatDoesNotFitIsAProblem(value: JSONValue, word: String) {
        #expect(Fixture.problems(value).contains { $0.contains(word) }, "\(Fixture.problems(value))")
    }

    @Test(arguments: [(63, true), (64, false)]) func aNameHasABound(length: Int, isFine: Bool) {
        let value: JSONValue = [
            String(repeating: "a", count: length): ["url": "https://x.example.com", "secret": ["env": "S"]]
        ]
        #expect(Fixture.problems(value).isEmpty == isFine)
    }

    @Test func theConstantPatternsCompile() {
        #expect(OutgoingWebhookSettings.address != nil)
        #expect(OutgoingWebhookSettings.name != nil)
        #expect(OutgoingWebhookSettings.sourceName != nil)
    }
}
