import CryptoExtras
import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport

/// A GitHub with the repository acme/api, an App and three people.
struct GitHubFixture: Sendable {
    static let repository = "acme/api"
    /// Made once: keys of this size take a while.
    static let key = Result { try _RSA.Signing.PrivateKey(keySize: .bits2048) }

    let token = Secret("ghp_test_token")
    let secret = Secret("It's a Secret to Everybody")
    let appSecret = Secret("another secret")
    let bot: FakeBot
    let github: GitHubStandIn

    init(
        bot: FakeBot = FakeBot(), time: any TimeSource = SystemTime(), hooks: [GitHubStandIn.Hook]? = nil,
        _ change: (inout GitHubStandIn.Configuration) -> Void = { _ in }
    ) throws {
        self.bot = bot
        var seed = GitHubStandIn.Seed(owner: "acme", name: "api")
        seed.collaborators = ["olivia": "maintain", "victor": "read"]
        seed.files = [
            "deploy/preview/api.yaml": .text("kind: Deployment\n"), "run.sh": .program(Array("#!/bin/sh\n".utf8)),
            "latest": .link("deploy/preview"),
        ]
        var configuration = GitHubStandIn.Configuration(
            token: token,
            app: GitHubStandIn.App(id: 12_345, publicKeyPEM: try GitHubFixture.key.get().publicKey.pemRepresentation),
            hooks: hooks ?? [GitHubStandIn.Hook(secret: secret)],
            users: [
                GitHubStandIn.User(id: 1001, login: "olivia", name: "Olivia"),
                GitHubStandIn.User(id: 1002, login: "victor", name: "Victor"),
                GitHubStandIn.User(id: 1003, login: "uma", name: "Uma"),
            ], repositories: [seed])
        change(&configuration)
        github = GitHubStandIn(configuration, time: time, send: bot.connection)
    }

    var services: [@Sendable () async throws -> Void] { [{ try await github.run() }] }

    /// A request to the API; headers that are given replace the usual ones, empty ones go.
    func call(
        _ method: String, _ path: String, _ body: JSONValue? = nil, _ headers: [String: String] = [:]
    ) async throws -> HTTPResponse {
        let url = path.hasPrefix("http") ? path : try await github.url() + path
        var all = [
            "Authorization": "Bearer \(token.reveal())", "User-Agent": "test",
            "Accept": "application/vnd.github+json",
        ]
        all.merge(headers) { $1 }
        return try await ask(
            method, url, all.filter { !$0.value.isEmpty }.map { ($0.key, $0.value) }, body?.canonicalText)
    }

    func get(_ path: String, _ headers: [String: String] = [:]) async throws -> HTTPResponse {
        try await call("GET", path, nil, headers)
    }

    /// A path below the repository.
    func get(repo path: String) async throws -> JSONValue { try await get("/repos/acme/api" + path).json }

    func post(_ path: String, _ body: JSONValue) async throws -> HTTPResponse {
        try await call("POST", "/repos/acme/api" + path, body)
    }

    func open(_ branch: String = "feature", fromFork: Bool = false, author: String = "uma") async throws -> Int {
        try await github.openPullRequest(
            repository: GitHubFixture.repository, branch: branch, fromFork: fromFork, author: author)
    }

    func head(_ number: Int) -> String {
        github.pullRequest(number, repository: GitHubFixture.repository)?.headSHA ?? ""
    }

    /// Headers of a request that the App makes for itself.
    static func appHeaders(_ claims: [String: JSONValue]) throws -> [String: String] {
        func encode(_ bytes: some Sequence<UInt8>) -> String {
            Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
                .replacing("=", with: "")
        }
        let header: JSONValue = ["alg": "RS256", "typ": "JWT"]
        let text = encode(header.canonicalBytes) + "." + encode(JSONValue.object(claims).canonicalBytes)
        let signature = try key.get().signature(for: Data(text.utf8), padding: .insecurePKCS1v1_5)
        return ["Authorization": "Bearer \(text).\(encode(signature.rawRepresentation))"]
    }

    /// Claims that are right at a time.
    static func claims(at time: Date) -> [String: JSONValue] {
        let now = Int64(time.timeIntervalSince1970)
        return ["iat": .int(now - 60), "exp": .int(now + 540), "iss": "12345"]
    }
}

extension FakeBot {
    /// What came of one kind of event, with its body read.
    func events(_ name: String) -> [(headers: [String: String], body: JSONValue)] {
        received.filter { $0.headers["x-github-event"] == name }.compactMap { request in
            (try? JSONValue(parsing: request.body)).map { (request.headers, $0) }
        }
    }

    /// `pull_request.opened`, `push`, … in the order in which they came.
    var eventNames: [String] {
        received.map { request in
            let name = request.headers["x-github-event"] ?? "?"
            let action = (try? JSONValue(parsing: request.body))?["action"]?.stringValue
            return action.map { "\(name).\($0)" } ?? name
        }
    }
}
