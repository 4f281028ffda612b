import CryptoExtras
import Domain
import Foundation
import Outbound
import Sandbox
import Synchronization
import TestSupport
import Testing

/// A Google Cloud whose every exchange is checked against the discovery documents.
struct GoogleCloudFixture: Sendable {
    static let project = "projects/example-project"
    static let zone = "\(project)/zones/europe-west3-a"
    static let region = "\(project)/regions/europe-west3"
    static let global = "\(project)/global"
    /// Made once: keys of this size take a while.
    static let key = Result { try _RSA.Signing.PrivateKey(keySize: .bits2048) }

    let time: VirtualTime
    let google: GoogleCloudStandIn
    let token: Secret
    private let problems: Problems

    final class Problems: Sendable {
        private let all = Mutex<Set<String>>([])
        func add(_ more: [String]) { all.withLock { $0.formUnion(more) } }
        var found: Set<String> { all.withLock { $0 } }
    }

    init(
        time: VirtualTime = VirtualTime(), permissions: Set<String>? = nil,
        _ change: (inout GoogleCloudStandIn.Configuration) -> Void = { _ in }
    ) {
        var configuration = GoogleCloudStandIn.Configuration()
        change(&configuration)
        self.time = time
        google = GoogleCloudStandIn(configuration, time: time)
        token = google.token(permissions: permissions)
        let problems = Problems()
        self.problems = problems
        google.onExchange { exchange in
            guard GoogleDiscoveries.areThere else { return }
            problems.add(
                GoogleDiscoveries.problems(
                    exchange.methodID, verb: exchange.verb, path: exchange.path, query: exchange.query,
                    request: exchange.request, status: exchange.status, answer: exchange.answer))
        }
    }

    /// Runs the stand-in, then looks whether every exchange was by the book.
    func run(_ body: @escaping @Sendable (GoogleCloudFixture) async throws -> Void) async throws {
        try await running([{ try await google.run() }]) { try await body(self) }
        #expect(problems.found.sorted() == [])
    }

    /// A request to Compute Engine; `path` begins with `projects/`.
    func call(
        _ method: String, _ path: String, _ body: JSONValue? = nil, token: Secret? = nil, root: String = "/compute/v1/"
    ) async throws -> HTTPResponse {
        try await ask(
            method, "\(try await google.url())\(root)\(path)",
            [
                ("Authorization", "Bearer \((token ?? self.token).reveal())"), ("Content-Type", "application/json"),
            ], body?.canonicalText)
    }

    func get(_ path: String) async throws -> JSONValue { try await call("GET", path).json }

    /// Makes a change, lets its operation end, and returns the operation.
    @discardableResult
    func done(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        let answer = try await call(method, path, body)
        guard answer.status == 200 else {
            Issue.record("\(method) \(path): \(answer.status) \(answer.text)")
            return .null
        }
        time.advance(by: .seconds(10))
        let link = try answer.json["selfLink"]?.stringValue ?? ""
        let operation = try await get(String(link.dropFirst("https://www.googleapis.com/compute/v1/".count)))
        #expect(operation["status"] == "DONE")
        return operation
    }

    /// The first reason and the words of a refusal, with its status.
    func refusal(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> Refusal {
        Refusal(try await call(method, path, body))
    }

    struct Refusal: Equatable, CustomStringConvertible {
        var status: Int
        var reason: String
        var message: String
        var description: String { "\(status) \(reason): \(message)" }

        init(_ answer: HTTPResponse) {
            // What is no JSON has no reason.
            let error = (try? answer.json)?["error"]
            status = answer.status
            reason = error?.at(path: "errors.0.reason")?.stringValue ?? error?["status"]?.stringValue ?? ""
            message = error?["message"]?.stringValue ?? ""
        }
    }

    /// A custom network with a subnetwork in europe-west3.
    func makeNetwork() async throws {
        try await done(
            "POST", "\(Self.global)/networks", ["name": "main", "autoCreateSubnetworks": false])
        try await done(
            "POST", "\(Self.region)/subnetworks",
            ["name": "nodes", "network": "global/networks/main", "ipCidrRange": "10.10.0.0/20"])
    }

    func makeDisk(_ name: String = "chain", size: Int = 2048, type: String = "pd-ssd") async throws {
        try await done(
            "POST", "\(Self.zone)/disks",
            [
                "name": .string(name), "sizeGb": .string(String(size)),
                "type": .string("\(Self.zone)/diskTypes/\(type)"), "labels": ["defimon": "infrastructure"],
            ])
    }

    static func instance(_ name: String = "geth-0") -> JSONValue {
        [
            "name": .string(name), "machineType": "zones/europe-west3-a/machineTypes/n2-standard-8",
            "disks": [
                [
                    "boot": true, "autoDelete": true,
                    "initializeParams": [
                        "sourceImage": "projects/debian-cloud/global/images/family/debian-12", "diskSizeGb": "50",
                        "diskType": "zones/europe-west3-a/diskTypes/pd-balanced",
                    ],
                ]
            ],
            "networkInterfaces": [
                ["subnetwork": "regions/europe-west3/subnetworks/nodes", "accessConfigs": [["type": "ONE_TO_ONE_NAT"]]]
            ],
            "tags": ["items": ["geth"]], "labels": ["defimon": "infrastructure"],
            "metadata": ["items": [["key": "startup-script", "value": "#!/bin/sh\n"]]],
        ]
    }

    func makeInstance(_ name: String = "geth-0") async throws {
        try await makeNetwork()
        try await done("POST", "\(Self.zone)/instances", Self.instance(name))
    }

    /// A service account's signed assertion with those claims.
    static func assertion(
        _ claims: [String: JSONValue], header: JSONValue = ["alg": "RS256", "typ": "JWT", "kid": "k1"]
    )
        throws -> String
    {
        func encode(_ bytes: some Sequence<UInt8>) -> String {
            Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
                .replacing("=", with: "")
        }
        let text = encode(header.canonicalBytes) + "." + encode(JSONValue.object(claims).canonicalBytes)
        let signature = try key.get().signature(for: Data(text.utf8), padding: .insecurePKCS1v1_5)
        return "\(text).\(encode(signature.rawRepresentation))"
    }
}
