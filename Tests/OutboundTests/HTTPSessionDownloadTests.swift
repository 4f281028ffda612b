import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HTTPSessionDownloadTests {
    private let folder: TemporaryFolder
    private let file: URL

    init() throws {
        folder = try TemporaryFolder()
        file = folder.url.appending(path: "body")
    }

    private func download(
        _ reply: Reply, maxBody: Int = 1000, timeout: Duration = .seconds(20)
    ) async throws -> HTTPResponse {
        let file = file
        return try await withServer({ _ in reply }) { port in
            try await withSession {
                try await $0.download(
                    HTTPRequest(url: "http://127.0.0.1:\(port)/"), to: file, maxBody: maxBody, timeout: timeout)
            }
        }
    }

    private var written: String? { try? String(contentsOf: file, encoding: .utf8) }

    @Test func aBodyIsWrittenToAFileOfOurOwn() async throws {
        let answer = try await download(.stream(["abc", "def"], end: .whole))
        #expect(answer.status == 200)
        #expect(answer.body.isEmpty)
        #expect(written == "abcdef")
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test(arguments: [(1000, true), (1001, false)]) func aBodyHasABound(count: Int, isFine: Bool) async throws {
        let text = String(repeating: "x", count: count)
        // Once with its length told before, once in chunks.
        for reply in [Reply.text(text), .stream([text], end: .whole)] {
            try? FileManager.default.removeItem(at: file)
            if isFine {
                #expect(try await download(reply).status == 200)
                #expect(written == text)
            } else {
                let error = await #expect(throws: AnswerTooLarge.self) { try await download(reply) }
                #expect(error?.description == "the answer is larger than 1000 bytes")
            }
        }
    }

    @Test func aLengthPastTheBoundIsRefusedBeforeAnythingIsWritten() async throws {
        await #expect(throws: AnswerTooLarge.self) {
            try await download(.text(String(repeating: "x", count: 2000)))
        }
        #expect(written == nil)
    }

    @Test(arguments: [302, 404, 500]) func anotherStatusMakesNoFile(status: Int) async throws {
        let answer = try await download(.text("words", status: status, headers: ["Location": "/elsewhere"]))
        #expect(answer.status == status)
        #expect(answer.text == "words")
        #expect(answer.headers["location"] == "/elsewhere")
        #expect(written == nil)
    }

    @Test func aBodyThatBreaksOffIsAnError() async throws {
        let error = await #expect(throws: HTTPError.self) { try await download(.stream(["abc"], end: .cut)) }
        #expect(error?.message.hasPrefix("the answer broke off") == true)
    }

    @Test func aBodyThatNeverEndsMeetsTheTimeout() async throws {
        let error = await #expect(throws: HTTPError.self) {
            try await download(.stream(["abc"], end: .open), timeout: .milliseconds(300))
        }
        #expect(error?.message.hasPrefix("no complete answer within") == true)
    }

    @Test func aFileThatIsThereIsNotOverwrittenNorALinkFollowed() async throws {
        let other = try folder.write("mine", to: "other")
        try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: other)
        let error = await #expect(throws: HTTPError.self) { try await download(.text("theirs")) }
        #expect(error?.message.hasPrefix("the answer cannot be written to a file") == true)
        #expect(try String(contentsOfFile: other, encoding: .utf8) == "mine")
    }

    // MARK: The first bytes

    private func firstBytes(_ reply: Reply, _ limit: Int) async throws -> HTTPResponse {
        try await withServer({ _ in reply }) { port in
            try await withSession {
                try await $0.send(HTTPRequest(url: "http://127.0.0.1:\(port)/"), keepingFirst: limit)
            }
        }
    }

    @Test(arguments: [0, 4, 6, 7]) func onlyTheFirstBytesAreKept(limit: Int) async throws {
        let answer = try await firstBytes(.stream(["abc", "def"], end: .whole), limit)
        #expect(answer.text == String("abcdef".prefix(limit)))
    }

    @Test func aStatusCountsWhateverBecomesOfTheBody() async throws {
        let cut = try await firstBytes(.stream(["abc"], end: .cut), 100)
        #expect(cut.status == 200)
        let open = try await firstBytes(.stream(["abc"], end: .open), 3)
        #expect(open.text == "abc")
    }
}
