import Domain
import Testing

@Suite struct RoleDefinitionTests {
    @Test(arguments: [
        ("deploy", "deploy", true), ("deploy", "deploy all", false), ("preview *", "preview create", true),
        ("preview *", "preview volume list", true), ("preview *", "preview", false), ("preview *", "previews", false),
        ("preview *", "previewx create", false), ("*", "anything at all", true),
    ])
    func `A pattern speaks of a command, of all that begin with its words, or of all`(
        pattern: String, name: String, isCovered: Bool
    ) {
        #expect(CommandPattern(pattern).covers(name) == isCovered)
    }

    @Test(
        arguments: [
            (["pool": "a"], ["a"], true), (["pool": "a"], ["a", "b"], true), (["pool": "a"], ["a", "c"], false),
            // About no pool, or about one that cannot be told.
            (["pool": "a"], [], false), (["pool": "a"], nil, false), (["pool": "b"], ["b"], false),
            (["pool": .null], ["a"], false), ([:], ["a"], false), (["pool": "a", "other": 1], ["b"], true),
        ] as [([String: JSONValue], [String]?, Bool)])
    func `A permission covers a job whose values and pools are all among its own`(
        arguments: [String: JSONValue], pools: [String]?, isCovered: Bool
    ) {
        let permission = Permission(
            command: CommandPattern("deploy"), pools: ["a", "b"], arguments: ["pool": ["a", "c"]])
        #expect(permission.covers(arguments: arguments, pools: pools.map(Set.init)) == isCovered)
    }

    @Test func `Numbers and flags are compared as a person would type them`() {
        let permission = Permission(
            command: CommandPattern("*"), arguments: ["count": ["1", "2"], "force": ["false"]])
        #expect(permission.covers(arguments: ["count": 2, "force": false], pools: nil))
        #expect(!permission.covers(arguments: ["count": 3, "force": false], pools: nil))
        #expect(!permission.covers(arguments: ["count": 2, "force": true], pools: nil))
        #expect(permission.limits == "with count 1 or 2, with force false")
    }

    private func request(_ channel: String, _ address: String, name: String? = nil) -> CommandRequest {
        CommandRequest(
            text: "", identity: Identity(channel: channel, userID: "U1"), answerTo: nil,
            reportTo: Place(channel: channel, address: address), placeName: name)
    }

    @Test(
        arguments: [
            ("slack", "C1", nil, "slack:C1", true), ("slack", "C1", nil, "slack:C2", false),
            ("slack", "C1", "ops", "slack:#ops", true), ("slack", "C1", nil, "slack:#ops", false),
            // A conversation's name is never its id.
            ("slack", "C1", "C2", "slack:C2", false), ("slack", "C1", "#ops", "slack:#ops", false),
            ("mattermost", "C1", nil, "slack:C1", false),
            ("github", "acme/api#4", nil, "github:acme/api", true),
            ("github", "Acme/API#4", nil, "github:acme/api", true),
            ("github", "acme/api2#4", nil, "github:acme/api", false),
            ("slack", "acme/api#4", nil, "slack:acme/api", false),
        ] as [(String, String, String?, String, Bool)])
    func `Where somebody asks is compared by id, or by the name that the channel told`(
        channel: String, address: String, name: String?, place: String, isThere: Bool
    ) throws {
        #expect(request(channel, address, name: name).isAsked(in: try #require(Place(place))) == isThere)
    }

    @Test func `A private answer is no place where somebody asks`() {
        var request = request("slack", "C1", name: "ops")
        request.reportTo?.isPrivate = true
        #expect(!request.isAsked(in: Place(channel: "slack", address: "C1")))
        request.reportTo = nil
        #expect(!request.isAsked(in: Place(channel: "slack", address: "#ops")))
    }
}
