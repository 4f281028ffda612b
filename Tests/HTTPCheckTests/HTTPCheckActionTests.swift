import Domain
import Foundation
import HTTPCheck
import Synchronization
import TestSupport
import Testing

@Suite struct HTTPCheckActionTests {
    private func make(_ inputs: JSONValue, trusting pem: [UInt8]? = nil) throws -> any RepeatableAction {
        let type = try #require(ActionCatalogue(HTTPCheckActions.types(trustedCertificates: pem))["http.check"])
        var reader = InputReader.reading(LocatedValue(inputs))
        let action = type.make(&reader)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return try #require(action as? any RepeatableAction)
    }

    private func run(
        _ inputs: [String: JSONValue], trusting pem: [UInt8]? = nil, time: any TimeSource = SystemTime(),
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> JSONValue {
        let inputs = JSONValue.object(["within": "0s"].merging(inputs) { $1 })
        return try await make(inputs, trusting: pem).perform(
            ActionContext(jobID: 1, idempotencyKey: "k", attempt: 1, time: time, progress: progress))
    }

    /// The outputs or the error of a check of a server that answers so.
    private func check(_ answer: ScriptedServer.Answer, _ inputs: [String: JSONValue] = [:]) async throws -> JSONValue {
        let result: Result<JSONValue, any Error> = try await ScriptedServer.run(answering: { _ in answer }) { server in
            do {
                return .success(try await run(inputs.merging(["url": .string(server.url + "/health?k=v")]) { $1 }))
            } catch { return .failure(error) }
        }
        return try result.get()
    }

    // MARK: Status and body

    @Test func aGoodAnswerPasses() async throws {
        let outputs = try await check(.init(body: "up"))
        #expect(outputs["status"] == 200)
        #expect(outputs["certificate_days"] == .null)
        #expect((outputs["milliseconds"]?.intValue ?? -1) >= 0)
        #expect(outputs["summary"]?.stringValue?.contains("/health answers 200") == true)
        #expect(outputs["summary"]?.stringValue?.contains("k=v") == false)
    }

    @Test func anotherStatusMayBeWanted() async throws {
        #expect(try await check(.init(status: 401), ["status": 401])["status"] == 401)
    }

    @Test func anotherStatusFails() async throws {
        let error = await #expect(throws: ActionError.self) { try await check(.init(status: 503)) }
        #expect(error?.message.contains("answers 503, not 200") == true)
        #expect(error?.retry == .later(afterMilliseconds: nil))
        #expect(error?.mayHaveTakenEffect == false)
    }

    @Test func aRedirectIsToldAndNotFollowed() async throws {
        let answer = ScriptedServer.Answer(status: 302, headers: ["Location": "http://127.0.0.1:1/login"])
        let error = await #expect(throws: ActionError.self) { try await check(answer) }
        #expect(
            error?.message.contains("redirects to http://127.0.0.1:1/login, and redirects are not followed") == true)
        #expect(try await check(answer, ["status": 302])["status"] == 302)
    }

    @Test(arguments: [("up", "up"), ("status: up\nall", "(?s).*up.*"), ("", "")])
    func aBodyThatMatchesPasses(body: String, pattern: String) async throws {
        #expect(try await check(.init(body: body), ["body_matches": .string(pattern)])["status"] == 200)
    }

    @Test func aBodyMustMatchAsAWhole() async throws {
        let error = await #expect(throws: ActionError.self) {
            try await check(.init(body: "not up"), ["body_matches": "up"])
        }
        #expect(error?.message.contains("does not match up") == true)
        #expect(error?.details == "not up")
    }

    @Test func onlyTheFirst64KiBAreLookedAt() async throws {
        let body = String(repeating: "a", count: 65_536) + "b"
        #expect(try await check(.init(body: body), ["body_matches": "a+"])["status"] == 200)
    }

    // MARK: Time

    @Test func itIsTriedAgainUntilItPasses() async throws {
        let time = VirtualTime()
        let said = Lines()
        let count = Mutex(0)
        let outputs = try await ScriptedServer.run(answering: { _ in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return .init(status: number < 4 ? 503 : 200)
        }) { server in
            async let outputs = run(["url": .string(server.url), "within": "60s"], time: time) { text in
                said.add(text)
            }
            for pause in [1, 2, 4] {
                await time.untilSleeping(1)
                time.advance(by: .seconds(pause))
            }
            return try await outputs
        }
        #expect(outputs["status"] == 200)
        #expect(
            said.all == [
                "try 1: answers 503, not 200; again in 1 s", "try 2: answers 503, not 200; again in 2 s",
                "try 3: answers 503, not 200; again in 4 s",
            ])
    }

    @Test func itEndsWhenTheTimeIsOver() async throws {
        let time = VirtualTime()
        let error = await #expect(throws: ActionError.self) {
            try await ScriptedServer.run(answering: { _ in .init(status: 503) }) { server in
                async let outputs = run(["url": .string(server.url), "within": "3s"], time: time)
                await time.untilSleeping(1)
                time.advance(by: .seconds(1))
                return try await outputs
            }
        }
        #expect(error?.message.contains("(2 tries within 3 s)") == true)
    }

    @Test func aServerThatIsNotThereIsSaid() async throws {
        let error = await #expect(throws: ActionError.self) { try await run(["url": "http://127.0.0.1:1/"]) }
        #expect(error?.message.contains("connection refused") == true)
    }

    // Addresses and a port where nobody is: a guard that breaks must not reach a real service of a cloud.
    @Test(arguments: ["http://169.254.0.1:1/latest", "http://[fe80::1]:1/", "https://2851995649:1/"])
    func metadataIsNeverAskedAndNotTriedAgain(url: String) async throws {
        let error = await #expect(throws: ActionError.self) { try await run(["url": .string(url)]) }
        #expect(error?.message.contains("never asked") == true)
        #expect(error?.retry == .never)
    }

    // MARK: Certificates

    private func checkTLS(
        names: String, days: Int, host: String = "localhost", trusted: Bool = true, _ inputs: [String: JSONValue] = [:],
        time: any TimeSource = SystemTime()
    ) async throws -> JSONValue {
        let folder = try TemporaryFolder()
        let certificate = try await OpenSSLCertificate.make(in: folder.url.path, names: names, days: days)
        let server = try await TLSServer.start(certificate: certificate)
        let pem = try certificate.pem
        let result: Result<JSONValue, any Error>
        do {
            let url: [String: JSONValue] = ["url": .string("https://\(host):\(server.port)/")]
            result = .success(try await run(inputs.merging(url) { $1 }, trusting: trusted ? pem : nil, time: time))
        } catch { result = .failure(error) }
        await server.stop()
        return try result.get()
    }

    @Test(arguments: ["localhost", "127.0.0.1"])
    func theCertificatesDaysAreAnOutput(host: String) async throws {
        let names = "DNS:localhost,IP:127.0.0.1"
        let outputs = try await checkTLS(names: names, days: 30, host: host, ["certificate_days_left": 20])
        #expect(outputs["certificate_days"] == 29 || outputs["certificate_days"] == 30)
        #expect(outputs["summary"]?.stringValue?.contains("certificate good for") == true)
    }

    @Test func tooFewDaysFail() async throws {
        let error = await #expect(throws: ActionError.self) {
            try await checkTLS(names: "DNS:localhost", days: 10, ["certificate_days_left": 20])
        }
        #expect(error?.message.contains("fewer than 20") == true)
        #expect(error?.hint?.contains("Defimon tests") == true)
    }

    @Test func anUntrustedCertificateFailsAndSaysWhy() async throws {
        let error = await #expect(throws: ActionError.self) {
            try await checkTLS(names: "DNS:localhost", days: 10, trusted: false)
        }
        #expect(error?.message.contains("its issuer is not one that is trusted here") == true)
        #expect(error?.hint?.contains("http_check.ca") == true)
    }

    @Test func aCertificateForAnotherNameFailsAndSaysForWhich() async throws {
        let error = await #expect(throws: ActionError.self) {
            try await checkTLS(names: "DNS:other.example.org", days: 10)
        }
        #expect(error?.message.contains("it is for other.example.org, not for localhost") == true)
    }

    // MARK: Inputs

    @Test(
        arguments: [
            ([:], "url"), (["url": "example.org"], "no URL"), (["url": "ftp://example.org"], "no URL"),
            (["url": "https://u:p@example.org"], "user"),
            (["url": "https://example.org", "body_matches": "("], "regular"),
            (["url": "http://example.org", "certificate_days_left": 5], "no certificate"),
            (["url": "https://example.org", "status": 99], "status"),
            (["url": "https://example.org", "statuss": 200], "statuss"),
        ] as [(JSONValue, String)])
    func badInputsAreProblems(inputs: JSONValue, word: String) {
        let problem = #expect(throws: Problem.self) { try make(inputs) }
        #expect(problem?.description.contains(word) == true, "\(String(describing: problem))")
    }

    @Test func theSettingsSectionIsRead() {
        var reader = InputReader.reading(LocatedValue(["ca": "/etc/ca.pem"]))
        #expect(HTTPCheckSettings(&reader).ca == "/etc/ca.pem")
        reader.finish()
        #expect(reader.problems.isEmpty)
    }
}
