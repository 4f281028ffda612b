import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@testable import GitHub

@Suite(.timeLimit(.minutes(1))) struct TreeActionTests {
    private static let commit = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"
    private static let token = "github-token-0123456789"
    private let folder: TemporaryFolder
    private let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    private struct OneSecret: SecretSource {
        func secret(_ reference: SecretReference) throws(MissingSecret) -> Secret { Secret(TreeActionTests.token) }
    }

    private struct Outcome: Sendable {
        var result: Result<JSONValue, ActionError>
        var api: [ScriptedServer.Request]
        var downloads: [ScriptedServer.Request]

        func error() throws -> ActionError {
            switch result {
            case .success(let output): throw Problem("it succeeded: \(output.canonicalText)", at: .none)
            case .failure(let error): return error
            }
        }
    }

    /// Fetches the tree of acme/api. The API's answer may name where the other server is.
    private func fetch(
        _ repository: String = "acme/api", times: Int = 1,
        api: @escaping @Sendable (_ downloads: String) -> ScriptedServer.Answer = Self.redirect,
        download: ScriptedServer.Answer = TreeActionTests.archive
    ) async throws -> Outcome {
        let (path, time) = (folder.path("trees"), time)
        return try await withSession { session in
            try await ScriptedServer.run(answering: { _ in download }) { downloads in
                try await ScriptedServer.run(answering: { _ in api(downloads.url) }) { server in
                    let client = try GitHubClient(
                        Self.settings(server.url), secrets: OneSecret(), session: session, time: time)
                    let type = GitHubActions.tree(
                        client: client, trees: TreeStore(folder: path, time: time), session: session)
                    var result = Result<JSONValue, ActionError>.success(.null)
                    for _ in 0..<times { result = try await Self.perform(type, repository, time) }
                    return Outcome(result: result, api: server.requests, downloads: downloads.requests)
                }
            }
        }
    }

    private static func settings(_ url: String) throws -> GitHubSettings {
        var reader = InputReader.reading(LocatedValue(["api_url": .string(url), "token": ["env": "TOKEN"]]))
        let settings = GitHubSettings(&reader)
        if let problem = reader.problems.first { throw problem }
        return settings
    }

    private static func perform(_ type: ActionType, _ repository: String, _ time: any TimeSource) async throws
        -> Result<JSONValue, ActionError>
    {
        var reader = InputReader.reading(
            LocatedValue(["repository": .string(repository), "commit": .string(commit)]))
        let action = type.make(&reader)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        guard let action = action as? any RepeatableAction else { throw Problem("not repeatable", at: .none) }
        let context = ActionContext(
            jobID: 1, idempotencyKey: "00000000-0000-4000-8000-000000000000", attempt: 1, time: time,
            progress: { _ in })
        do { return .success(try await action.perform(context)) } catch let error as ActionError {
            return .failure(error)
        }
    }

    @Sendable private static func redirect(_ downloads: String) -> ScriptedServer.Answer {
        ScriptedServer.Answer(
            status: 302, headers: ["Location": "\(downloads)/acme/api/legacy.tar.gz/1a2b?token=short-lived"])
    }

    /// `deploy/api.yaml`, `README.md` and a symbolic link, in one folder.
    private static var archive: ScriptedServer.Answer {
        let text =
            "H4sIABx3A2sC/+3UMQ6CMBSA4c6eggsALTSYuJnA6OINKpBIKEgUB25vJTEmLCzIIP+3vKbLG5q/Jm9K33SVr0x0iXMdFmVnb0PoroLB"
            + "NFYsQDqJ1uN0plPKSH3P73sVazc8KVbwfPTm7taLbaqrtjh46fjoTdn2O4EtMdP+z9kxPWVBUyy3Y7Z/mUz6V/tY0f8arqW1N6Kn/0//"
            + "tmrrhXfM9z85qyiRsfCiH/xF9A8AAAAAAAAAAAAA+EcvM+tgRgAoAAA="
        var answer = ScriptedServer.Answer(headers: ["Content-Type": "application/x-gzip"])
        answer.bytes = Data(base64Encoded: text).map(Array.init)
        return answer
    }

    private var kept: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path("trees"))) ?? []).sorted()
    }

    @Test func aTreeIsFetchedFromWhereGitHubRedirectsTo() async throws {
        let outcome = try await fetch()
        let id = "acme.api-\(Self.commit)"
        #expect(
            try outcome.result.get() == [
                "tree": .string(id), "files": 2, "bytes": 23,
                "summary": "acme/api at 1a2b3c4: 2 files, 1 KiB, 1 links left out",
            ])
        #expect(outcome.api.map(\.path) == ["/repos/acme/api/tarball/\(Self.commit)"])
        #expect(outcome.api[0].headers["authorization"] == "Bearer \(Self.token)")
        #expect(outcome.downloads.map(\.path) == ["/acme/api/legacy.tar.gz/1a2b?token=short-lived"])
        let trees = TreeStore(folder: folder.path("trees"), time: time)
        let file = try trees.folder(of: id) + "/deploy/api.yaml"
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "kind: Deployment\n")
    }

    @Test func theOtherServerNeverSeesTheToken() async throws {
        let outcome = try await fetch()
        #expect(outcome.downloads.count == 1)
        for request in outcome.downloads {
            #expect(request.headers["authorization"] == nil)
            #expect(!request.headers.values.contains { $0.contains(Self.token) })
        }
    }

    @Test func aTreeThatIsHereIsNotFetchedAgain() async throws {
        let outcome = try await fetch(times: 3)
        #expect(try outcome.result.get()["files"] == 2)
        #expect(outcome.api.count == 1)
        #expect(outcome.downloads.count == 1)
    }

    @Test func anArchiveThatTheAPIItselfGivesIsTakenToo() async throws {
        let outcome = try await fetch(api: { _ in Self.archive })
        #expect(try outcome.result.get()["files"] == 2)
        #expect(outcome.downloads.isEmpty)
    }

    // Ports of this machine where nobody is: a guard that breaks must not reach anybody.
    @Test(
        arguments: [
            ("ftp://127.0.0.1:1/x", "without TLS"), ("file:///etc/passwd", "no address"), ("/x", "no address"),
            ("http://user:password@127.0.0.1:1/x", "no address"), ("", "no address"),
        ])
    func aRedirectToSomewhereElseIsNotFollowed(location: String, word: String) async throws {
        let outcome = try await fetch(api: { _ in .init(status: 302, headers: ["Location": location]) })
        let error = try outcome.error()
        #expect(error.message.contains(word), "\(error.message)")
        #expect(error.retry == .never)
        #expect(kept == [])
    }

    @Test(arguments: [("https", false), ("http", true)])
    func aRedirectWithoutTLSIsFollowedOnlyFromAnAPIWithoutIt(scheme: String, isFollowed: Bool) async throws {
        let location = "http://127.0.0.1:1/x"
        let response = HTTPResponse(status: 302, headers: ["location": location], body: [])
        let target = try await withSession { session in
            try? TreeDownload(session: session, maxBody: 1000, time: time)
                .target(of: response, from: HTTPRequest(url: "\(scheme)://127.0.0.1:1/"))
        }
        #expect(target == (isFollowed ? location : nil))
    }

    @Test func onlyOneRedirectIsFollowed() async throws {
        let outcome = try await fetch(
            download: .init(status: 302, headers: ["Location": "http://127.0.0.1:1/third?token=short-lived"]))
        let error = try outcome.error()
        #expect(error.message.contains("redirects the download more than once"))
        #expect(!error.message.contains("short-lived"))
        #expect(outcome.downloads.count == 1)
    }

    @Test(
        arguments: [
            (404, [:], .never), (401, [:], .never), (500, [:], .later(afterMilliseconds: nil)),
            (429, ["Retry-After": "7"], .later(afterMilliseconds: 7000)),
            (403, ["X-RateLimit-Remaining": "0", "Retry-After": "9"], .later(afterMilliseconds: 9000)),
        ] as [(Int, [String: String], ActionError.Retry)])
    func aRefusalOfEitherServerIsSaid(status: Int, headers: [String: String], retry: ActionError.Retry) async throws {
        let refusal = ScriptedServer.Answer(status: status, headers: headers, body: #"{"message":"Not Found"}"#)
        for outcome in [try await fetch(api: { _ in refusal }), try await fetch(download: refusal)] {
            let error = try outcome.error()
            #expect(error.retry == retry, "\(error.message)")
            #expect(error.message.hasPrefix("the files of acme/api at 1a2b3c4 cannot be fetched: "))
            #expect(!error.mayHaveTakenEffect)
            #expect(kept == [])
        }
    }

    @Test func whatIsNoArchiveIsSaidAndLeavesNothing() async throws {
        let error = try await fetch(download: .init(body: "<html>")).error()
        #expect(error.message.contains("not an archive"))
        #expect(error.retry == .later(afterMilliseconds: nil))
        #expect(kept == [])
    }

    @Test func anArchivePastTheBoundIsSaid() async throws {
        var answer = Self.archive
        answer.bytes = [UInt8](repeating: 0, count: TreeLimits().compressedBytes + 1)
        let error = try await fetch(download: answer).error()
        #expect(error.message.contains("larger than \(TreeLimits().compressedBytes) bytes"))
        #expect(error.retry == .never)
    }

    @Test func anIDNamesOneRepositoryAndFitsTheStore() throws {
        let commit = String(repeating: "a", count: 64)
        let short = try #require(RepositoryName("Acme/API.x"))
        #expect(TreeAction.id(short, commit) == "acme.api.x-\(commit)")
        let name = String(repeating: "b", count: 100)
        let one = TreeAction.id(try #require(RepositoryName("\(name)/\(name)")), commit)
        let other = TreeAction.id(try #require(RepositoryName("\(name)/\(name.dropLast())c")), commit)
        #expect(one != other)
        #expect(TreeStore.isID(one) && TreeStore.isID(other))
        #expect(TreeStore.isID(TreeAction.id(try #require(RepositoryName("_x/y")), commit)))
    }

    @Test func theActionDescribesItself() {
        let type = GitHubActions.tree(client: nil, trees: nil, session: nil)
        #expect(type.name == "github.tree")
        #expect(type.inputs.map(\.name) == ["repository", "commit"])
        #expect(type.outputs.map(\.name) == ["tree", "files", "bytes", "summary"])
    }
}
