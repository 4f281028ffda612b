import Domain
import Testing

@Suite struct PlaceTemplateTests {
    private func template(_ channel: String, _ address: String) throws -> PlaceTemplate {
        PlaceTemplate(channel: channel, address: try Template(parsing: address))
    }

    @Test func theAddressIsFilledIn() throws {
        let template = try template("github", "{{repository}}#{{number}}")
        #expect(
            try template.place(["repository": "acme/api", "number": 42])
                == Place(channel: "github", address: "acme/api#42"))
        #expect(template.description == "github:{{repository}}#{{number}}")
        #expect(
            throws: PlaceTemplate.Unusable(
                reason: "the place github:{{repository}}#{{number}}: nothing provides {{number}}")
        ) { try template.place(["repository": "acme/api"]) }
    }

    @Test func aKnownPlaceStaysAsItIs() throws {
        let place = Place(channel: "slack", address: "#ops {{not a path")
        #expect(try PlaceTemplate(place).place([:]) == place)
    }

    @Test(
        "an address that cannot be one is refused",
        arguments: [
            ("", "is empty"), (" ", "is empty"), ("a\r\nBcc: b", "control characters"),
            ("a\u{0}", "control characters"), ("a\u{2028}b", "control characters"), ("a\u{85}b", "control characters"),
            (String(repeating: "x", count: 257), "longer than 256 bytes"),
            (String(repeating: "ä", count: 129), "longer than 256 bytes"),
        ])
    func refuses(_ address: String, _ wanted: String) throws {
        let template = try template("email", "{{to}}")
        do {
            _ = try template.place(["to": .string(address)])
            Issue.record("it was accepted")
        } catch { #expect(error.reason.contains(wanted)) }
    }

    @Test(arguments: [String(repeating: "x", count: 256), String(repeating: "ä", count: 128), "#öps 🎉", "a b"])
    func anAddressAtTheBoundIsTaken(_ address: String) throws {
        #expect(try template("slack", "{{to}}").place(["to": .string(address)]).address == address)
    }
}
