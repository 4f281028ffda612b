import Domain
import Foundation
import NIOSSL
import Outbound
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct HTTPSessionTests {
    /// Runs `body` with a session, and ends its connections.
    private func withSession<Value: Sendable>(
        _ change: (inout HTTPSession.Configuration) -> Void = { _ in },
        _ body: (HTTPSession) async throws -> Value
    ) async throws -> Value {
        var configuration = HTTPSession.Configuration()
        change(&configuration)
        let session = try HTTPSession(configuration)
        do {
            let value = try await body(session)
            await session.shutdown()
            return value
        } catch {
            await session.shutdown()
            throw error
        }
    }

    private func ask(
        _ respond: @escaping @Sendable (Asked) async throws -> Reply, path: String = "/", maxBody: Int = 1000,
        timeout: Duration = .seconds(20)
    ) async throws -> HTTPResponse {
        try await withServer(respond) { port in
            try await withSession { session in
                try await session.send(
                    HTTPRequest(url: "http://127.0.0.1:\(port)\(path)"), maxBody: maxBody, timeout: timeout)
            }
        }
    }

    @Test func aRequestArrivesWholeAndTheAnswerToo() async throws {
        let answer = try await withServer { asked in
            let text = "\(asked.method) \(asked.path) \(asked.query) \(String(decoding: asked.body, as: UTF8.self))"
            return .text(text + " " + (asked.headers["accept"] ?? ""), status: 201, headers: ["X-Seen": "one"])
        } _: { port in
            try await withSession { session in
                try await session.send(
                    HTTPRequest(
                        method: "PATCH", url: "http://127.0.0.1:\(port)/a%2Fb?c=d", headers: [("Accept", "x/y")],
                        body: Array("hello".utf8)))
            }
        }
        #expect(answer.status == 201)
        #expect(answer.text == #"PATCH /a%2Fb ["c": "d"] hello x/y"#)
        #expect(answer.headers["x-seen"] == "one")
    }

    @Test func aRedirectIsAnAnswerAndNotFollowed() async throws {
        let answer = try await ask { asked in
            #expect(asked.path == "/")
            return .text("", status: 307, headers: ["Location": "/elsewhere"])
        }
        #expect(answer.status == 307)
    }

    @Test func aBodyPastItsBoundIsAnErrorThatNamesTheBound() async throws {
        let error = await #expect(throws: HTTPError.self) {
            try await ask({ _ in .stream(Array(repeating: String(repeating: "x", count: 400), count: 3), end: .whole) })
        }
        #expect(error == HTTPError(.maybeSent, "the answer is larger than 1000 bytes"))
    }

    @Test func anAnswerThatNeverEndsMeetsTheTimeout() async throws {
        for response in [Reply.stream(["a"], end: .open), .stream([], end: .open)] {
            let error = await #expect(throws: HTTPError.self) {
                try await ask({ _ in response }, timeout: .milliseconds(300))
            }
            #expect(error?.kind == .maybeSent)
        }
    }

    @Test func anAnswerThatBreaksOffIsSaid() async throws {
        let error = await #expect(throws: HTTPError.self) { try await ask({ _ in .stream(["abc"], end: .cut) }) }
        #expect(error?.kind == .maybeSent)
        #expect(error?.message.hasPrefix("the answer broke off") == true)
    }

    @Test(arguments: ["http://127.0.0.1:1/", "https://127.0.0.1:1/", "ftp://127.0.0.1/", "http:///x", "no address"])
    func whatNeverLeftIsCertain(url: String) async throws {
        let error = await #expect(throws: HTTPError.self) {
            try await withSession { try await $0.send(HTTPRequest(url: url)) }
        }
        #expect(error?.kind == .notSent, "\(error?.message ?? "")")
    }

    @Test func aHeaderWithALineBreakIsRefusedWithoutItsValue() async throws {
        let error = await #expect(throws: HTTPError.self) {
            try await withSession {
                try await $0.send(HTTPRequest(url: "http://127.0.0.1:1/", headers: [("Authorization", "abc\r\nX: y")]))
            }
        }
        #expect(error == HTTPError(.notSent, "the header Authorization holds a line break"))
    }

    @Test func aCancelledRequestEndsAsCancelled() async throws {
        try await withServer { _ in
            .stream(["a"], end: .open)
        } _: { port in
            try await withSession { session in
                let task = Task { try await session.send(HTTPRequest(url: "http://127.0.0.1:\(port)/")) }
                try await Task.sleep(for: .milliseconds(50))  // any moment will do: before, while or after connecting
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
    }

    @Test func aCertificateOfAnUnknownCAIsRefusedInWordsBeforeAnythingIsSent() async throws {
        let folder = try TemporaryFolder()
        let arguments = [
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x", "-addext",
            "subjectAltName=IP:127.0.0.1", "-keyout", folder.path("key"), "-out", folder.path("pem"),
        ]
        #expect(try await RunningProgram.run("/usr/bin/openssl", arguments).code == 0)
        let tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(folder.path("pem")).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: folder.path("key"), format: .pem)))
        try await withServer(tls: tls) { _ in
            .text("")
        } _: { port in
            let url = "https://127.0.0.1:\(port)/"
            let error = await #expect(throws: HTTPError.self) {
                try await withSession { try await $0.send(HTTPRequest(url: url)) }
            }
            #expect(error == HTTPError(.notSent, "127.0.0.1: the server's certificate is not trusted"))
            let trusted = Array(try Data(contentsOf: URL(filePath: folder.path("pem"))))
            let answer = try await withSession({ $0.trustedCertificates = trusted }) {
                try await $0.send(HTTPRequest(url: url))
            }
            #expect(answer.status == 200)
        }
    }

    @Test func certificatesThatAreNoneAreRefusedAtOnce() {
        var configuration = HTTPSession.Configuration()
        configuration.clientKey = Array("no key".utf8)
        #expect(throws: HTTPError.self) { try HTTPSession(configuration) }
    }

    @Test(
        arguments: [
            ("7", 7), ("0", 0), ("1.5", 1.5), ("Sun, 06 Nov 1994 08:49:37 GMT", 37),
            ("Sun, 06 Nov 1994 08:48:00 GMT", 0),
            ("-5", nil), ("soon", nil), ("", nil), ("99999999999", 604_800),
        ] as [(String, Double?)])
    func retryAfterIsReadInBothForms(text: String, seconds: Double?) throws {
        let now = try Date("1994-11-06T08:49:00Z", strategy: .iso8601)
        let answer = HTTPResponse(status: 429, headers: ["retry-after": text], body: [])
        #expect(answer.retryAfter(now: now) == seconds.map { .seconds($0) })
    }
}
