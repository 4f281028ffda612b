import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

/// How Hetzner's stand-in refuses, lists, and fails when it is asked to.
@Suite struct HetznerFailureTests {
    private typealias Fixture = HetznerFixture

    @Test func `Only a known token is let in, and what is not there has its own answer`() async throws {
        try await Fixture().run { hetzner in
            let answer = try await hetzner.call("GET", "servers", token: Secret("another"))
            #expect(answer.status == 401)
            #expect(try answer.json.at(path: "error.code") == "unauthorized")
            #expect(try await hetzner.refusal("GET", "servers/1") == "404 not_found")
            #expect(try await hetzner.refusal("GET", "serfers") == "404 not_found")
            #expect(try await hetzner.refusal("PATCH", "servers") == "405 method_not_allowed")
            let broken = try await ask(
                "POST", "\(try await hetzner.hetzner.url())/servers",
                [("Authorization", "Bearer \(Fixture.token.reveal())")], "{")
            #expect(try broken.json.at(path: "error.code") == "json_error")
        }
    }

    @Test func `A list is filtered, sorted and cut into pages with links`() async throws {
        try await Fixture().run { hetzner in
            for name in ["b", "a", "c"] {
                _ = try await hetzner.make(
                    "placement_groups", ["name": .string(name), "type": "spread", "labels": ["x": .string(name)]])
            }
            func names(_ query: String) async throws -> [String] {
                let all = try await hetzner.get("placement_groups?\(query)")["placement_groups"]?.arrayValue ?? []
                return all.compactMap { $0["name"]?.stringValue }
            }
            #expect(try await names("") == ["b", "a", "c"])
            #expect(try await names("sort=name") == ["a", "b", "c"])
            #expect(try await names("sort=name:desc") == ["c", "b", "a"])
            #expect(try await names("name=c") == ["c"])
            #expect(try await names("label_selector=x%20in%20(a,b),x!%3Da") == ["b"])
            #expect(try await names("label_selector=!x") == [])
            let answer = try await hetzner.call("GET", "placement_groups?per_page=2&sort=name")
            #expect(answer.headers["link"]?.contains("page=2>; rel=\"next\"") == true)
            let pages = try answer.json.at(path: "meta.pagination")
            #expect(
                pages == [
                    "page": 1, "per_page": 2, "previous_page": .null, "next_page": 2, "last_page": 2,
                    "total_entries": 3,
                ])
            #expect(try await names("per_page=2&page=2&sort=name") == ["c"])
            #expect(try await names("per_page=2&page=3") == [])
            for query in ["per_page=51", "per_page=0", "page=0", "sort=size"] {
                #expect(try await hetzner.refusal("GET", "placement_groups?\(query)") == "422 invalid_input")
            }
        }
    }

    @Test func `What is left of the rate limit is told, and comes back by and by`() async throws {
        let fixture = Fixture { $0.requestsAnHour = 3 }
        try await fixture.run { hetzner in
            for left in ["2", "1", "0"] {
                let answer = try await hetzner.call("GET", "servers")
                #expect(answer.headers["ratelimit-remaining"] == left)
                #expect(answer.headers["ratelimit-limit"] == "3")
            }
            let over = try await hetzner.call("GET", "servers")
            #expect(over.status == 429)
            #expect(try over.json.at(path: "error.code") == "rate_limit_exceeded")
            let reset = try #require(over.headers["ratelimit-reset"].flatMap(Double.init))
            #expect(reset == hetzner.time.now.timeIntervalSince1970 + 3600)
            hetzner.time.advance(by: .seconds(1199))
            #expect(try await hetzner.call("GET", "servers").status == 429)
            hetzner.time.advance(by: .seconds(1))
            #expect(try await hetzner.call("GET", "servers").status == 200)
        }
    }

    @Test(
        arguments: [
            (.serverError, "500 server_error"), (.unavailable, "503 unavailable"), (.timeout, "504 timeout"),
            (.unauthorized, "401 unauthorized"), (.rateLimited, "429 rate_limit_exceeded"), (.locked, "423 locked"),
            (.conflict, "409 conflict"), (.maintenance, "403 maintenance"), (.readOnly, "401 token_readonly"),
            (.badGateway, "502 "),
        ] as [(HetznerFailures.Kind, String)])
    func `A failure that is switched on meets so many requests`(_ kind: HetznerFailures.Kind, _ refusal: String)
        async throws
    {
        try await Fixture().run { hetzner in
            hetzner.hetzner.failures.counts[kind] = .init(1, methods: "create_server")
            #expect(try await hetzner.call("GET", "servers").status == 200)
            #expect(try await hetzner.refusal("POST", "servers", Fixture.server()) == refusal)
            #expect(hetzner.hetzner.things("servers").isEmpty)
            _ = try await hetzner.makeServer()
        }
    }

    @Test func `An answer that is lost has taken effect`() async throws {
        try await Fixture().run { hetzner in
            hetzner.hetzner.failures.counts[.resetAfterwards] = .init(1)
            await #expect(throws: HTTPError.self) { try await hetzner.call("POST", "servers", Fixture.server()) }
            let found = try await hetzner.get("servers?name=analytics-worker-1")
            #expect(found.at(path: "servers.0.id") != nil)
        }
    }

    @Test func `A location that is sold out has neither servers nor volumes, another has`() async throws {
        try await Fixture().run { hetzner in
            let id = try await hetzner.makeServer("early")
            try await hetzner.done("POST", "servers/\(id)/actions/poweroff")
            hetzner.hetzner.failures.exhausted = ["fsn1"]
            #expect(try await hetzner.refusal("POST", "servers", Fixture.server()) == "412 resource_unavailable")
            #expect(
                try await hetzner.refusal(
                    "POST", "servers/\(id)/actions/change_type", ["server_type": "cx42", "upgrade_disk": false])
                    == "412 resource_unavailable")
            #expect(
                try await hetzner.refusal("POST", "volumes", ["name": "v", "size": 10, "location": "fsn1"])
                    == "422 no_space_left_in_location")
            let types = try await hetzner.get("server_types?name=cx32").at(path: "server_types.0.locations")
            #expect(types?.at(path: "0.available") == false)
            #expect(types?.at(path: "1.available") == true)
            _ = try await hetzner.makeServer("elsewhere", ["location": "nbg1"])
        }
    }

    @Test func `A limit of the project is told with its name`() async throws {
        try await Fixture().run { hetzner in
            hetzner.hetzner.failures.limits = ["servers": 1]
            _ = try await hetzner.makeServer("one")
            let answer = try await hetzner.call("POST", "servers", Fixture.server("two"))
            #expect(answer.status == 403)
            #expect(try answer.json.at(path: "error.code") == "resource_limit_exceeded")
            #expect(try answer.json.at(path: "error.details.limits.0.name") == "server_limit")
        }
    }

    @Test func `An action that fails says so, and what it was to make is gone`() async throws {
        try await Fixture().run { hetzner in
            hetzner.hetzner.failures.failingActions = ["create_server": 1]
            let volume = try await hetzner.make("volumes", ["name": "data", "size": 10, "location": "fsn1"])
            let answer = try await hetzner.call(
                "POST", "servers", Fixture.server("one", ["volumes": [.int(Int64(volume))]])
            ).json
            let first = try #require(answer.at(path: "action.id")?.intValue)
            let next = try #require(answer.at(path: "next_actions.0.id")?.intValue)
            hetzner.time.advance(by: .seconds(10))
            let actions = try await hetzner.get("actions?id=\(first)&id=\(next)")
            for index in 0...1 {
                #expect(actions.at(path: "actions.\(index).status") == "error")
                #expect(actions.at(path: "actions.\(index).error.code") == "action_failed")
            }
            #expect(hetzner.hetzner.things("servers").isEmpty)
            #expect(hetzner.hetzner.thing("volumes", "data")?["server"] == .null)
            _ = try await hetzner.makeServer()
        }
    }

    @Test func `Actions are told by themselves, by kind and by thing, and may stand still`() async throws {
        try await Fixture().run { hetzner in
            let id = try await hetzner.makeServer()
            hetzner.hetzner.failures.stuckActions = true
            let action = try await hetzner.call("POST", "servers/\(id)/actions/poweroff").json
            let number = try #require(action.at(path: "action.id")?.intValue)
            hetzner.time.advance(by: .seconds(400))
            for path in ["actions/\(number)", "servers/actions/\(number)", "servers/\(id)/actions/\(number)"] {
                #expect(try await hetzner.get(path).at(path: "action.status") == "running")
                #expect(try await hetzner.get(path).at(path: "action.progress") == 99)
            }
            let mine = try await hetzner.get("servers/\(id)/actions?status=running&sort=id:desc")
            #expect(mine.at(path: "actions.0.command") == "stop_server")
            #expect(try await hetzner.get("servers/actions").at(path: "meta.pagination.total_entries") == 3)
            #expect(try await hetzner.refusal("GET", "volumes/actions/\(number)") == "404 not_found")
            #expect(try await hetzner.refusal("GET", "actions") == "422 invalid_input")
            hetzner.hetzner.failures.stuckActions = false
            #expect(try await hetzner.get("actions/\(number)").at(path: "action.status") == "success")
        }
    }

    @Test func `Failures are set from outside, and nonsense is told`() async throws {
        try await Fixture().run { hetzner in
            let url = try await hetzner.hetzner.url().replacing("/v1", with: "/_sandbox")
            func put(_ body: JSONValue) async throws -> HTTPResponse {
                try await ask("PUT", "\(url)/failures", [], body.canonicalText)
            }
            let set = try await put(["locked": 2, "exhausted": ["fsn1"], "limits": ["servers": 3], "delay": 0])
            #expect(set.status == 200)
            #expect(hetzner.hetzner.failures.counts[.locked]?.left == 2)
            #expect(hetzner.hetzner.failures.exhausted == ["fsn1"])
            for wrong in [["lockd": 1], ["delay": -1], ["exhausted": "fsn1"], ["limits": 3]] as [JSONValue] {
                let answer = try await put(wrong)
                #expect(answer.status == 400)
                #expect(answer.text.contains(wrong.objectValue?.keys.first ?? "-"))
            }
            _ = try await ask("DELETE", "\(url)/failures", [], nil)
            #expect(hetzner.hetzner.failures == HetznerFailures())
            _ = try await hetzner.get("servers")
            #expect(try await ask("GET", "\(url)/requests", [], nil).json == ["list_servers 200"])
        }
    }

    @Test func `A thing is locked by its name`() async throws {
        try await Fixture().run { hetzner in
            let id = try await hetzner.makeServer("one")
            let other = try await hetzner.makeServer("two")
            hetzner.hetzner.failures.locked = ["one"]
            #expect(try await hetzner.refusal("POST", "servers/\(id)/actions/poweroff") == "423 locked")
            try await hetzner.done("POST", "servers/\(other)/actions/poweroff")
        }
    }

    @Test func `What Hetzner offers has its prices`() async throws {
        try await Fixture().run { hetzner in
            for path in ["locations", "datacenters", "server_types?per_page=50", "load_balancer_types", "images"] {
                #expect(try await hetzner.call("GET", path).status == 200)
            }
            let prices = try await hetzner.get("pricing")
            #expect(prices.at(path: "pricing.currency") == "EUR")
            #expect(prices.at(path: "pricing.volume.price_per_gb_month.net") == "0.0440000000")
            let type = try await hetzner.get("server_types?name=cx32").at(path: "server_types.0")
            #expect(type?.at(path: "prices.0.price_monthly.net") == "6.8000000000")
            #expect(try await hetzner.get("images?name=debian-12&architecture=x86")["images"]?.arrayValue?.count == 1)
        }
    }
}
