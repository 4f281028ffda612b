import Domain
import Slack
import Testing

@Suite struct SlackSettingsTests {
    private func problems(_ value: JSONValue) -> [String] {
        var reader = InputReader.reading(LocatedValue(value))
        SlackSettings.section.read(&reader)
        reader.finish()
        return reader.problems.map(\.description)
    }

    @Test func theUsualSectionHasNoProblem() {
        let value: JSONValue = [
            "signing_secrets": [["env": "A"], ["file": "/run/secret"]], "bot_token": ["env": "B"],
            "api_url": "http://127.0.0.1:8080/api/", "team_id": "T1DC2JH3J", "default_channel": "#ops",
        ]
        #expect(problems(value) == [])
    }

    @Test func theAPIIsSlacksUnlessSaid() throws {
        #expect(try Fixture.settings().apiURL == "https://slack.com/api")
        #expect(try Fixture.settings(["api_url": "http://127.0.0.1:1/api/"]).apiURL == "http://127.0.0.1:1/api")
    }

    @Test(
        arguments: [
            (["bot_token": ["env": "B"]], "signing_secrets"),
            (["signing_secrets": [], "bot_token": ["env": "B"]], "no signing secret"),
            (["signing_secrets": [["env": "A"]]], "bot_token"),
            (["signing_secrets": [["env": "A"]], "bot_token": "xoxb-1"], "bot_token"),
            (["signing_secrets": [["env": "A"]], "bot_token": ["env": "B"], "api_url": "slack.com"], "api_url"),
            (
                ["signing_secrets": [["env": "A"]], "bot_token": ["env": "B"], "api_url": "https://u:p@slack.com"],
                "api_url"
            ),
            (["signing_secrets": [["env": "A"]], "bot_token": ["env": "B"], "team_id": "our team"], "team_id"),
            (["signing_secrets": [["env": "A"]], "bot_token": ["env": "B"], "bot_tokn": "x"], "bot_tokn"),
        ] as [(JSONValue, String)])
    func whatDoesNotFitIsAProblem(value: JSONValue, word: String) {
        #expect(problems(value).contains { $0.contains(word) }, "\(problems(value))")
    }

    @Test func theDefaultChannelIsAPlace() throws {
        #expect(try Fixture.settings(["default_channel": "#ops"]).defaultPlace?.description == "slack:#ops")
    }
}
