import Domain
import Sandbox
import TestSupport
import Testing

/// Hetzner's document, and how what passes is checked against it.
@Suite(.enabled(if: HetznerDescription.isThere)) struct HetznerDescriptionTests {
    @Test func `A request and an answer that do not fit are told`() {
        func problems(_ request: JSONValue, _ answer: JSONValue, status: Int = 201) -> [String] {
            HetznerDescription.problems(
                "create_ssh_key", verb: "POST", path: "/v1/ssh_keys", query: [], request: request, status: status,
                answer: answer)
        }
        let key: [String: JSONValue] = [
            "id": 1, "name": "a", "fingerprint": "b", "public_key": "c", "labels": [:],
            "created": "2026-01-01T00:00:00+00:00",
        ]
        let order: JSONValue = ["name": "a", "public_key": "c"]
        #expect(problems(order, ["ssh_key": .object(key)]) == [])
        #expect(problems(["name": "a"], ["ssh_key": .object(key)]).count == 1)
        #expect(problems(["name": 1, "public_key": "c", "more": 1], ["ssh_key": .object(key)]).count == 2)
        #expect(problems(order, ["ssh_key": .object(key.merging(["created": "now"]) { $1 })]).count == 1)
        #expect(problems(order, ["ssh_key": .object(key.filter { $0.key != "name" })]).count == 1)
        #expect(problems(order, ["error": ["code": "x"]], status: 422).count == 1)
        #expect(problems(order, [:], status: 302).count == 1)
    }

    @Test func `Every operation of the stand-in is one of Hetzner's`() {
        let operations = HetznerFixture().hetzner.operations
        #expect(Set(operations).subtracting(HetznerDescription.operations) == [])
        #expect(Set(operations).count == operations.count)
        #expect(operations.count > 140)
    }

    @Test func `An operation is found by its verb and path`() {
        #expect(HetznerDescription.operation("GET", "/v1/servers/42") == "get_server")
        #expect(HetznerDescription.operation("GET", "/v1/servers/actions") == "list_servers_actions")
        #expect(HetznerDescription.operation("POST", "/v1/servers/42/actions/poweron") == "poweron_server")
        #expect(HetznerDescription.operation("PATCH", "/v1/servers/42") == nil)
        #expect(HetznerDescription.operations.count == 185)
    }
}
