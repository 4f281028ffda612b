import Domain
import Outbound
import TestSupport
import Testing

@testable import Hetzner

/// What Hetzner documents and its own client's tests hold, read as answers.
@Suite(.enabled(if: WireData.isThere)) struct WireTests {
    private func json(_ file: String) throws -> JSONValue {
        try JSONValue(parsing: try WireData.bytes("hetzner/\(file)"))
    }

    @Test func `every documented error is one of ours, and passes by itself or does not`() throws {
        let passing: Set<String> = [
            "maintenance", "conflict", "locked", "rate_limit_exceeded", "server_error", "unavailable", "timeout",
        ]
        let cases = try #require(try json("errors.json").arrayValue)
        #expect(cases.count == 21)
        for item in cases {
            let code = try #require(item["code"]?.stringValue)
            let status = try #require(item["http_status"]?.intValue)
            var headers: [String: String] = [:]
            for (name, value) in item["headers"]?.objectValue ?? [:] { headers[name.lowercased()] = value.stringValue }
            let response = HTTPResponse(
                status: status, headers: headers, body: item["body"]?.canonicalBytes ?? [])
            let failure = HetznerFailure(response, now: Fixture.started)
            #expect(failure.code == code)
            #expect(failure.isTransient == passing.contains(code), "\(code)")
            #expect(failure.mayHaveTakenEffect == (status >= 500), "\(code)")
            #expect(failure.isNotFound == (code == "not_found"))
            #expect(failure.isAlreadyThere == (code == "uniqueness_error"))
            #expect((failure.retryAfter != nil) == ["rate_limit_exceeded", "maintenance"].contains(code), "\(code)")
            #expect(RateLimit.Reading(headers)?.limit == 3600)
        }
    }

    @Test func `an action is read while it runs, half way, and when it has ended`() throws {
        let cases = try #require(try json("actions.lifecycle.json").arrayValue)
        for item in cases {
            let body = try #require(item["body"])
            let operation = try #require(HetznerOperation.all(in: body).first)
            #expect(operation.id == 13)
            #expect(operation.command == "resize_volume")
            switch item["case"]?.stringValue {
            case "running": #expect(!operation.isDone && operation.progress == 0)
            case "half way": #expect(!operation.isDone && operation.progress == 50 && operation.failure == nil)
            case "success": #expect(operation.isDone && operation.failure == nil)
            case "error": #expect(operation.isDone && operation.failure?.code == "action_failed")
            default: Issue.record("an unknown case")
            }
        }
    }

    @Test func `the actions of all documented answers are read`() throws {
        var read = 0
        let examples = try #require(try json("examples.json").objectValue)
        for (name, operation) in examples {
            for (_, answer) in operation["responses"]?.objectValue ?? [:] {
                guard let value = answer["value"], value["action"]?["id"] != nil || value["actions"] != nil else {
                    continue
                }
                let found = HetznerOperation.all(in: value)
                #expect(!found.isEmpty, "\(name)")
                // What runs has not failed, whatever else the example shows.
                #expect(found.allSatisfy { $0.isDone || $0.failure == nil }, "\(name)")
                read += 1
            }
        }
        #expect(read > 80)
    }

    @Test func `what Hetzner's own client is tested with is as our fields read it`() throws {
        let server = try #require(try json("hcloud-python/servers.json").at(path: "response_full_server.server"))
        #expect(server.at(path: "server_type.name")?.stringValue != nil)
        #expect(server["status"] == "running" && server.at(path: "public_net.ipv4.ip")?.stringValue != nil)
        let volume = try first("volumes.json", "volume")
        #expect(volume["size"]?.intValue == 42)
        #expect(volume["linux_device"]?.stringValue?.hasPrefix("/dev/disk/by-id/scsi-0HC_Volume_") == true)
        let firewall = try first("firewalls.json", "firewall")
        let rules = (firewall["rules"]?.arrayValue ?? []).map(HetznerFirewallRule.words)
        #expect(rules.contains { $0.hasPrefix("in tcp 80 from ") })
        let balancer = try first("load_balancers.json", "load_balancer")
        #expect(balancer.at(path: "load_balancer_type.name")?.stringValue == "lb11")
        for target in balancer["targets"]?.arrayValue ?? [] {
            #expect(LoadBalancerTarget.plain(target)["type"] != nil)
        }
        let network = try first("networks.json", "network")
        #expect(network["ip_range"]?.stringValue.flatMap(AddressRange.init) != nil)
    }

    /// The first body of a file that holds a thing of that name.
    private func first(_ file: String, _ member: String) throws -> JSONValue {
        func find(_ value: JSONValue) -> JSONValue? {
            if let found = value[member], found["id"] != nil, found["name"] != nil { return found }
            if let members = value.objectValue {
                return members.sorted { $0.key < $1.key }.lazy.compactMap { find($0.value) }.first
            }
            return value.arrayValue?.lazy.compactMap(find).first
        }
        let found = find(try json("hcloud-python/\(file)"))
        return try #require(found)
    }
}
