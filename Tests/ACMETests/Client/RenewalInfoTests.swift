import Domain
import Foundation
import TestSupport
import Testing

@testable import ACME

@Suite struct RenewalInfoTests {
    private func ask(
        start: String = "2026-01-02T04:00:00Z", end: String = "2026-01-03T04:00:00Z", retryAfter: String? = nil,
        status: Int = 200, isNamed: Bool = true
    ) async throws -> RenewalInfo? {
        try await ScriptedCA.run({ request, authority in
            switch request.path {
            case "/dir" where isNamed:
                return ScriptedCA.json(authority.directory.merging(["renewalInfo": "\(authority.url)/info"]) { $1 })
            case "/info/a.b":
                var headers: [String: String] = [:]
                headers["Retry-After"] = retryAfter
                return ScriptedCA.json(
                    ["suggestedWindow": ["start": start, "end": end], "explanationURL": "https://e.org/why"], headers,
                    status: status)
            default: return nil
            }
        }) { client, _, _ in try await client.renewalInfo("a.b") }
    }

    @Test func theWindowIsReadWithItsPageForPeople() async throws {
        let info = try await ask(start: "2026-01-02T04:00:00.5+02:00")
        #expect(info?.start == Date(rfc3339: "2026-01-02T02:00:00.5Z"))
        #expect(info?.end == Date(rfc3339: "2026-01-03T04:00:00Z"))
        #expect(info?.explanation == "https://e.org/why")
        #expect(info?.lookAgainAfter == .seconds(21_600))
    }

    @Test(arguments: [("59", 60), ("60", 60), ("86400", 86_400), ("86401", 86_400), ("3600", 3600)])
    func theNextLookIsWithinAMinuteAndADay(_ said: String, _ seconds: Int) async throws {
        let info = try await ask(retryAfter: said)
        #expect(info?.lookAgainAfter == .seconds(seconds))
    }

    @Test(arguments: ["2026-01-02T04:00:00Z", "2026-01-01T04:00:00Z"])
    func aWindowThatEndsBeforeItBeginsIsNone(_ end: String) async throws {
        let info = try await ask(end: end)
        #expect(info == nil)
    }

    @Test func aCAThatDoesNotKnowTheCertificateOrSaysNothingHasNoWindow() async throws {
        let unknown = try await ask(status: 404)
        let unnamed = try await ask(isNamed: false)
        #expect(unknown == nil)
        #expect(unnamed == nil)
    }

    @Test func aWindowWithoutDatesIsAnError() async throws {
        await #expect(throws: ACMEError.self) { _ = try await ask(start: "soon") }
    }

    @Test func aCAThatFailsIsAnErrorThatPasses() async throws {
        let error = await #expect(throws: ACMEError.self) { _ = try await ask(status: 503) }
        #expect(error?.isTransient == true)
    }
}
