import Domain
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import GoogleCloud

@Suite struct ClientTests {
    private let list = GoogleCall(.compute, "GET", "projects/example-project/zones/europe-west3-a/disks")

    /// Answers one page after the other, `last` of them.
    private func pages(_ last: Int) -> @Sendable (ScriptedServer.Request) -> ScriptedServer.Answer {
        { request in
            if request.path == "/token" { return Fixture.token() }
            let number =
                URLComponents(string: request.path)?.queryItems?.first { $0.name == "pageToken" }?.value
                .flatMap { Int($0) } ?? 1
            var page: [String: JSONValue] = ["items": [.int(Int64(number))]]
            if number < last { page["nextPageToken"] = .string(String(number + 1)) }
            return Fixture.json(.object(page))
        }
    }

    @Test func `all pages of a list are read`() async throws {
        try await ScriptedServer.run(answering: pages(3)) { server in
            try await withSession { session in
                let client = try Fixture.client(session, at: server.url)
                #expect(try await client.list(list) == [1, 2, 3])
            }
        }
    }

    @Test(arguments: [(200, true), (201, false)])
    func `a list without end is given up`(_ count: Int, _ ends: Bool) async throws {
        try await ScriptedServer.run(answering: pages(count)) { server in
            try await withSession { session in
                let client = try Fixture.client(session, at: server.url)
                let found = try? await client.list(list).count  // nil is what is tested for
                #expect(found == (ends ? 200 : nil))
            }
        }
    }

    @Test func `what may not be seen is not said to be missing`() async throws {
        let message = Mutex("The resource 'x' was not found")
        try await ScriptedServer.run(answering: { request in
            if request.path == "/token" { return Fixture.token() }
            let text = message.withLock { $0 }
            return Fixture.json(
                ["error": ["code": 404, "message": .string(text), "errors": [["reason": "notFound"]]]], status: 404)
        }) { server in
            try await withSession { session in
                let client = try Fixture.client(session, at: server.url)
                #expect(try await client.find(list) == nil)
                message.withLock { $0 = "Required 'compute.disks.get' permission for 'projects/p/zones/z/disks/d'" }
                await #expect(throws: GoogleFailure.self) { _ = try await client.find(list) }
            }
        }
    }

    @Test func `an operation is found again by the id with which it was asked for`() async throws {
        let id = "6f1c2d3e-0000-4000-8000-000000000001"
        try await ScriptedServer.run(answering: { request in
            if request.path == "/token" { return Fixture.token() }
            let others: JSONValue = [
                "name": "operation-1", "status": "DONE", "clientOperationId": "0f1c2d3e-0000-4000-8000-000000000001",
            ]
            let ours: JSONValue = ["name": "operation-2", "status": "RUNNING", "clientOperationId": .string(id)]
            return Fixture.json(["items": [others, ours]])
        }) { server in
            try await withSession { session in
                let client = try Fixture.client(session, at: server.url)
                let parent = "projects/example-project/zones/europe-west3-a"
                let found = try #require(try await client.operation(requestID: id, parent: parent))
                #expect(found.path == "\(parent)/operations/operation-2")
                #expect(!found.isDone)
                let asked = try #require(server.requests.last?.path)
                let query = URLComponents(string: asked)?.queryItems?.first { $0.name == "filter" }?.value
                #expect(query == "clientOperationId = \"\(id)\"")
                #expect(try await client.operation(requestID: UUID().uuidString, parent: parent) == nil)
            }
        }
    }

    @Test(.enabled(if: WireData.isThere))
    func `the operations of the wire data are read`() throws {
        let examples = try JSONValue(parsing: try WireData.bytes("gcp/examples/written.compute.operations.json"))
        var failures: [String: GoogleFailure] = [:]
        for example in try #require(examples.arrayValue) {
            let body = try #require(example["body"])
            let operation = try CloudOperation(body, .compute, parent: "projects/example-project/zones/z")
            #expect(operation.isDone == (body["status"] == "DONE"))
            #expect(operation.warnings.isEmpty == (body["warnings"] == nil))
            failures[example["case"]?.stringValue ?? ""] = operation.failure
        }
        #expect(failures.values.contains { $0.message.contains("ZONE_RESOURCE_POOL_EXHAUSTED") && !$0.isTransient })
        #expect(failures.values.contains { $0.message.contains("QUOTA") && !$0.isTransient && $0.hint != nil })
    }

    @Test(.enabled(if: WireData.isThere))
    func `operations of clusters are read too`() throws {
        let examples = try JSONValue(parsing: try WireData.bytes("gcp/examples/written.container.operations.json"))
        for example in try #require(examples.arrayValue) {
            let body = try #require(example["body"])
            let operation = try CloudOperation(body, .container, parent: "projects/p/locations/europe-west3")
            #expect(operation.isDone == (body["status"] == "DONE"))
            #expect(operation.path.hasPrefix("projects/p/locations/europe-west3/operations/operation-"))
            #expect(CloudOperation.call(operation.handle)?.path == operation.path)
        }
    }

    @Test func `an id that is derived is a UUID of version 5, the same for the same words alone`() throws {
        // RFC 9562 appendix A.4 hashes a namespace's bytes; here it is the key's text, so only the form is compared.
        let id = RequestID.derived(from: "key", "words")
        #expect(id.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
        #expect(id == RequestID.derived(from: "key", "words"))
        #expect(id != RequestID.derived(from: "key", "other words"))
        #expect(id != RequestID.derived(from: "other", "words"))
    }

    @Test func `a step's own id is the request's`() {
        let context = Fixture.context(key: "6F1C2D3E-0000-4000-8000-000000000001")
        #expect(RequestID.of(context) == "6f1c2d3e-0000-4000-8000-000000000001")
        #expect(UUID(uuidString: RequestID.of(Fixture.context(key: "step/1"))) != nil)
    }

    @Test func `without settings every action says what to set`() async throws {
        var reader = InputReader.reading(LocatedValue(["instance": "geth-0"] as JSONValue))
        let type = try #require(GoogleCloudActions.types(CloudConnection()).first { $0.name == "gcp.instance-stop" })
        let action = try #require(type.make(&reader) as? any Plannable)
        let error = try #require(
            await #expect(throws: ActionError.self) { _ = try await action.plan(Fixture.context()) })
        #expect(error.hint == "give the settings a section google_cloud with project and credentials")
    }
}
