import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

@Suite struct GitHubFailureTests {
    @Test(
        arguments: [
            (.internalError, 500, nil), (.badGateway, 502, nil), (.unauthorized, 401, "Bad credentials"),
            (.notFound, 404, "Not Found"), (.primaryRateLimit, 403, "API rate limit exceeded"),
            (.secondaryRateLimit, 403, "You have exceeded a secondary rate limit"),
            (.tooManyRequests, 429, "You have exceeded a secondary rate limit"),
        ] as [(GitHubStandIn.Failures.Kind, Int, String?)])
    func aFailureHoldsForItsNumberOfRequests(
        kind: GitHubStandIn.Failures.Kind, status: Int, message: String?
    ) async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            fixture.github.failures.set(kind, 1)
            #expect(fixture.github.failures.isOn(kind))
            let answer = try await fixture.get("/repos/acme/api")
            #expect(answer.status == status)
            if let message { #expect(try answer.json["message"]?.stringValue?.hasPrefix(message) == true) }
            #expect((answer.headers["retry-after"] == "60") == [.secondaryRateLimit, .tooManyRequests].contains(kind))
            #expect((answer.headers["x-ratelimit-remaining"] == "0") == (kind == .primaryRateLimit))
            #expect(try await fixture.get("/repos/acme/api").status == 200)
            #expect(!fixture.github.failures.isOn(kind))
        }
    }

    @Test func aFailureMayConcernSomeRequestsOnly() async throws {
        let fixture = try GitHubFixture { $0.repositories[0].workflows = [] }
        try await running(fixture.services) {
            let number = try await fixture.open()
            fixture.github.failures.set(.resetAfterwards) { method, path in
                method == "POST" && path.hasSuffix("/comments")
            }
            #expect(try await fixture.get("/repos/acme/api").status == 200)
            await #expect(throws: HTTPError.self) {
                try await fixture.post("/issues/\(number)/comments", ["body": "was it written?"])
            }
            #expect(fixture.github.comments(on: number, repository: "acme/api").map(\.body) == ["was it written?"])
            fixture.github.failures.clear()
            fixture.github.failures.set(.reset, 1)
            await #expect(throws: HTTPError.self) {
                try await fixture.post("/issues/\(number)/comments", ["body": "no"])
            }
            #expect(fixture.github.comments(on: number, repository: "acme/api").count == 1)
            #expect(fixture.github.failures.received.last == "POST /repos/acme/api/issues/\(number)/comments")
        }
    }

    @Test func listsAreEmptyAndSingleThingsStay() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            let number = try await fixture.open()
            let sha = fixture.head(number)
            fixture.github.failures.set(.emptyList)
            #expect(try await fixture.get(repo: "/pulls") == [])
            #expect(try await fixture.get(repo: "/actions/runs?head_sha=\(sha)")["total_count"] == 0)
            #expect(try await fixture.get(repo: "/commits/\(sha)/check-suites")["check_suites"] == [])
            #expect(try await fixture.get(repo: "/pulls/\(number)")["state"] == "open")
            fixture.github.failures.clear(.emptyList)
            #expect(try await fixture.get(repo: "/pulls").arrayValue?.count == 1)
        }
    }

    @Test func aSlowAnswerComesAfterItsTime() async throws {
        let time = VirtualTime()
        let fixture = try GitHubFixture(time: time)
        try await running(fixture.services) {
            fixture.github.failures.delay = .seconds(30)
            async let answer = fixture.get("/user")
            await time.untilSleeping(1)
            time.advance(by: .seconds(30))
            let status = try await answer.status
            #expect(status == 200)
        }
    }

    @Test func aTarballIsBehindASecondAddress() async throws {
        let time = VirtualTime()
        let fixture = try GitHubFixture(time: time)
        try await running(fixture.services) {
            let sha = try #require(fixture.github.defaultHead(of: "acme/api"))
            let first = try await fixture.get("/repos/acme/api/tarball/\(sha)")
            #expect(first.status == 302)
            let address = try #require(first.headers["location"])
            let second = try await fixture.get(address, ["Authorization": ""])
            #expect(second.status == 200 && second.headers["content-type"] == "application/x-gzip")
            let folder = try TemporaryFolder()
            try Data(second.body).write(to: folder.url.appending(path: "a.tgz"))
            let listing = try await Tar.list(folder.path("a.tgz"))
            let root = "acme-api-\(sha.prefix(7))"
            #expect(
                listing == [
                    "\(root)/", "\(root)/deploy/", "\(root)/deploy/preview/", "\(root)/deploy/preview/api.yaml",
                    "\(root)/latest", "\(root)/run.sh",
                ])
            try await Tar.extract(folder.path("a.tgz"), into: folder.url.path)
            let text = try String(contentsOfFile: folder.path("\(root)/latest/api.yaml"), encoding: .utf8)
            #expect(text == "kind: Deployment\n")
            #expect(FileManager.default.isExecutableFile(atPath: folder.path("\(root)/run.sh")))
            #expect(try await fixture.get("/repos/acme/api/tarball/none").status == 404)
            time.advance(by: .seconds(301))
            #expect(try await fixture.get(address).status == 404)
        }
    }

    @Test func aTarballTakesLongNamesLargeFilesAndWhateverATestPutsThere() async throws {
        let fixture = try GitHubFixture()
        let long = String(repeating: "folder/", count: 40) + "file.txt"
        let large = [UInt8](repeating: 7, count: 200_000)
        try await running(fixture.services) {
            let sha = try #require(fixture.github.defaultHead(of: "acme/api"))
            try fixture.github.setFiles([long: .bytes(large)], at: sha, repository: "acme/api")
            func body() async throws -> [UInt8] {
                let address = try await fixture.get("/repos/acme/api/tarball/main").headers["location"] ?? ""
                return try await fixture.get(address).body
            }
            let folder = try TemporaryFolder()
            try Data(try await body()).write(to: folder.url.appending(path: "a.tgz"))
            try await Tar.extract(folder.path("a.tgz"), into: folder.url.path)
            let path = folder.path("acme-api-\(sha.prefix(7))/\(long)")
            #expect(try Data(contentsOf: URL(filePath: path)) == Data(large))
            fixture.github.setTarball([1, 2, 3], at: sha)
            #expect(try await body() == [1, 2, 3])
        }
    }

    @Test func aSwitchTurnsEachFailureOnAndOff() async throws {
        let fixture = try GitHubFixture()
        for item in fixture.github.failureSwitches {
            #expect(await !item.isOn())
            await item.set(true)
            #expect(await item.isOn(), "\(item.id)")
            await item.set(false)
            #expect(await !item.isOn(), "\(item.id)")
        }
    }
}

/// The machine's own tar.
enum Tar {
    static func list(_ archive: String) async throws -> [String] {
        try await run(["-tzf", archive]).split(separator: "\n").map(String.init)
    }

    static func extract(_ archive: String, into folder: String) async throws {
        _ = try await run(["-xzf", archive, "-C", folder])
    }

    private static func run(_ arguments: [String]) async throws -> String {
        let (code, text) = try await RunningProgram.run("/bin/tar", arguments)
        guard code == 0 else { throw CocoaError(.fileReadCorruptFile) }
        return text
    }
}
