import Domain
import Email
import Outbound
import Testing

@Suite struct EmailSettingsTests {
    private func problems(_ more: [String: JSONValue], without: String? = nil) -> [String] {
        var value: [String: JSONValue] = [
            "server": "smtp.example.com", "security": "starttls", "username": "bot", "password": ["env": "P"],
            "from": "Defimon <defimon@example.com>", "admin": "ops@example.com",
        ]
        value.merge(more) { $1 }
        if let without { value[without] = nil }
        var reader = InputReader.reading(LocatedValue(.object(value)))
        EmailSettings.section.read(&reader)
        reader.finish()
        return reader.problems.map(\.description)
    }

    @Test func theUsualSectionHasNoProblem() {
        #expect(problems([:]) == [])
        #expect(problems(["security": "tls", "port": 465, "ca": "ca.pem"]) == [])
        #expect(problems(["port": 25]) == [])
        #expect(problems(["server": "127.0.0.1", "port": 2525]) == [])
        #expect(problems(["server": "fd00::1"]) == [])
    }

    @Test func thePortFollowsTheSecurity() throws {
        #expect(try Fixture.settings().port == 587)
        #expect(try Fixture.settings().security == .startTLS)
        #expect(try Fixture.settings(["security": "tls"]).port == 465)
        #expect(try Fixture.settings(["security": "tls", "port": 1465]).port == 1465)
    }

    @Test(
        arguments: [
            (["security": "none"], "starttls"), (["security": "plain"], "starttls"),
            (["port": 465], "security: tls"), (["security": "tls", "port": 587], "security: starttls"),
            (["port": 0], "port"), (["port": 65_536], "port"),
            (["from": "Defimon"], "email.from is not an address"),
            (["from": "Defimon <defimon@example.com>\r\nBcc: <x@example.com>"], "email.from is not an address"),
            (["from": "größe@example.com"], "email.from is not an address"),
            (["admin": "ops"], "email.admin is not an address"),
            (["admin": "a@example.com, b@example.com"], "email.admin is not an address"),
            (["server": "smtp://smtp.example.com"], "server"), (["server": "smtp.example.com/x"], "server"),
            (["server": "-x"], "server"), (["password": "s3cr3t"], "password"), (["to": "x"], "to"),
        ] as [([String: JSONValue], String)])
    func whatDoesNotFitIsAProblem(more: [String: JSONValue], word: String) {
        #expect(problems(more).contains { $0.contains(word) }, "\(problems(more))")
    }

    @Test func halfAnAccountIsAProblem() {
        #expect(problems([:], without: "password").contains { $0.contains("a username and no password") })
        #expect(problems([:], without: "username").contains { $0.contains("a password and no username") })
    }

    @Test(arguments: ["server", "from"])
    func whatMustBeThere(name: String) {
        #expect(problems([:], without: name).contains { $0.contains(name) })
    }

    @Test func noProblemTellsThePassword() {
        #expect(!problems(["password": "s3cr3t-value"]).contains { $0.contains("s3cr3t-value") })
    }
}
