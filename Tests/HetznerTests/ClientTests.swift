import Domain
import Foundation
import Outbound
import Synchronization
import TestSupport
import Testing

@testable import Hetzner

@Suite struct ClientTests {
    /// Answers one page after the other, `last` of them.
    private func pages(_ last: Int) -> @Sendable (ScriptedServer.Request) -> ScriptedServer.Answer {
        { request in
            let number = request.query("page").first.flatMap { Int($0) } ?? 1
            let next: JSONValue = number < last ? .int(Int64(number + 1)) : .null
            return Fixture.json([
                "servers": [["id": .int(Int64(number)), "name": .string("s\(number)")]],
                "meta": ["pagination": ["page": .int(Int64(number)), "next_page": next]],
            ])
        }
    }

    @Test func `all pages of a list are read, fifty things at once`() async throws {
        try await ScriptedServer.run(answering: pages(3)) { server in
            try await withSession { session in
                let client = try Fixture.client(session, at: server.url)
                let found = try await client.list("servers")
                #expect(found.compactMap { $0["id"]?.intValue } == [1, 2, 3])
                #expect(server.requests.allSatisfy { $0.query("per_page") == ["50"] })
                #expect(server.requests.allSatisfy { $0.headers["authorization"] == "Bearer \(StoredSecrets.token)" })
            }
        }
    }

    @Test(arguments: [(100, true), (101, false)])
    func `a list without end is given up`(_ count: Int, _ ends: Bool) async throws {
        try await ScriptedServer.run(answering: pages(count)) { server in
            try await withSession { session in
                let client = try Fixture.client(session, at: server.url)
                let found = try? await client.list("servers").count  // nil is what is tested for
                #expect(found == (ends ? 100 : nil))
            }
        }
    }

    @Test func `a thing is found by its whole name alone`() async throws {
        try await ScriptedServer.run(answering: { _ in
            Fixture.json(["volumes": [["id": 1, "name": "data-1"], ["id": 2, "name": "data"]]])
        }) { server in
            try await withSession { session in
                let client = try Fixture.client(session, at: server.url)
                #expect(try await client.named("data", in: "volumes")?["id"] == 2)
                #expect(try await client.named("dat", in: "volumes") == nil)
                #expect(server.requests.first?.query("name") == ["data"])
            }
        }
    }

    // MARK: Actions

    @Test func `several actions are looked at by one request, until all are over`() async throws {
        let left = Mutex(2)
        try await ScriptedServer.run(answering: { request in
            let isDone = left.withLock { left in
                left -= 1
                return left < 0
            }
            return Fixture.json([
                "actions": .array(
                    request.query("id").map { id in
                        [
                            "id": .int(Int64(id) ?? 0), "command": "create_server", "progress": 50, "error": .null,
                            "status": id == "7" || isDone ? "success" : "running",
                        ]
                    })
            ])
        }) { server in
            try await withSession { session in
                let time = HastyTime(clock: VirtualTime(now: Fixture.started))
                let client = try Fixture.client(session, at: server.url, time: time)
                let begun = HetznerOperation.all(in: [
                    "action": ["id": 7, "command": "create_server", "status": "running", "progress": 0],
                    "next_actions": [["id": 8, "command": "start_server", "status": "running", "progress": 0]],
                ])
                try await client.finish(begun, time: time)
                #expect(server.requests.map { $0.query("id") } == [["7", "8"], ["8"], ["8"]])
            }
        }
    }

    @Test(arguments: [(50, 1), (51, 2), (100, 2)])
    func `more actions than one look takes are looked at in several`(_ count: Int, _ requests: Int) async throws {
        try await ScriptedServer.run(answering: { request in
            Fixture.json([
                "actions": .array(request.query("id").map { ["id": .int(Int64($0) ?? 0), "status": "success"] })
            ])
        }) { server in
            try await withSession { session in
                let client = try Fixture.client(session, at: server.url)
                #expect(try await client.look(Array(1...count)).count == count)
                #expect(server.requests.count == requests)
            }
        }
    }

    @Test func `an action that failed says why, one that is not known any more is told, and nothing waits for ever`()
        async throws
    {
        let answer = Mutex<JSONValue>([:])
        try await ScriptedServer.run(answering: { _ in Fixture.json(answer.withLock { $0 }) }) { server in
            try await withSession { session in
                let time = HastyTime(clock: VirtualTime(now: Fixture.started))
                let client = try Fixture.client(session, at: server.url, time: time)
                let begun = try #require(HetznerOperation(["id": 7, "status": "running"]))
                let forgotten = await #expect(throws: HetznerFailure.self) {
                    try await client.finish([begun], time: time)
                }
                #expect(forgotten?.mayHaveTakenEffect == true)
                #expect(server.requests.count == 12)
                answer.withLock {
                    $0 = [
                        "actions": [
                            [
                                "id": 7, "status": "error",
                                "error": ["code": "action_failed", "message": "Action failed"],
                            ]
                        ]
                    ]
                }
                let failed = await #expect(throws: HetznerFailure.self) {
                    try await client.finish([begun], time: time)
                }
                #expect(failed?.message == "Hetzner began it, and it failed: Action failed")
                #expect(failed?.isTransient == false)
            }
        }
    }

    // MARK: Errors

    @Test(arguments: [
        ("locked", 423, true, false), ("conflict", 409, true, false), ("maintenance", 403, true, false),
        ("rate_limit_exceeded", 429, true, false), ("server_error", 500, true, true),
        ("unavailable", 503, true, true), ("timeout", 504, true, true), ("uniqueness_error", 409, false, false),
        ("resource_unavailable", 412, false, false), ("resource_limit_exceeded", 403, false, false),
        ("placement_error", 422, false, false), ("invalid_input", 422, false, false), ("protected", 423, false, false),
        ("unauthorized", 401, false, false), ("token_readonly", 401, false, false), ("not_found", 404, false, false),
    ])
    func `only what passes by itself is tried again`(
        _ code: String, _ status: Int, _ passes: Bool, _ mayHaveTakenEffect: Bool
    ) async throws {
        try await ScriptedServer.run(answering: { _ in
            Fixture.json(Fixture.refusal(code, status: status), status: status)
        }) { server in
            try await withSession { session in
                let client = try Fixture.client(session, at: server.url)
                let failure = try #require(
                    await #expect(throws: HetznerFailure.self) {
                        _ = try await client.send(HetznerCall("POST", "servers", body: [:]))
                    })
                #expect(failure.code == code)
                #expect(failure.isTransient == passes)
                #expect(failure.mayHaveTakenEffect == mayHaveTakenEffect)
                let error = failure.actionError("no server", changes: true)
                #expect(error.message == "no server: Hetzner answers \(status): it is \(code)")
                #expect((error.retry != .never) == passes)
            }
        }
    }

    @Test func `a server that cannot be reached has not done it, one that hangs up may have`() async throws {
        try await withSession { session in
            let client = try Fixture.client(session, at: "http://127.0.0.1:\(try FreePort.take())")
            let failure = await #expect(throws: HetznerFailure.self) {
                _ = try await client.send(HetznerCall("POST", "servers", body: [:]))
            }
            #expect(failure?.isTransient == true)
            #expect(failure?.mayHaveTakenEffect == false)
            #expect(failure?.message.contains(StoredSecrets.token) == false)
        }
    }

    @Test func `without settings every action says what to set`() async throws {
        for type in HetznerActions.types(HetznerConnection(), root: "/") where type.name != "hetzner.scale" {
            var reader = InputReader.describing()
            let action = type.make(&reader)
            let error = await #expect(throws: ActionError.self) {
                switch action {
                case let action as any Plannable: _ = try await action.plan(Fixture.context())
                case let action as any RepeatableAction: _ = try await action.perform(Fixture.context())
                default: break
                }
            }
            #expect(error?.hint == "give the settings a section hetzner with a token", "\(type.name)")
        }
    }

    @Test func `every action that changes anything can be planned`() {
        for type in HetznerActions.types(HetznerConnection(), root: "/") where type.effect == .changes {
            var reader = InputReader.describing()
            #expect(type.make(&reader) is any Plannable, "\(type.name)")
        }
    }
}

extension ScriptedServer.Request {
    /// Values of one member of the query, in order.
    func query(_ name: String) -> [String] {
        (URLComponents(string: path)?.queryItems ?? []).filter { $0.name == name }.compactMap(\.value)
    }
}
