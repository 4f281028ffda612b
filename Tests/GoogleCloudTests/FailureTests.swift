import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@testable import GoogleCloud

@Suite struct FailureTests {
    private func failure(_ status: Int, _ error: JSONValue, headers: [String: String] = [:]) -> GoogleFailure {
        let body: JSONValue = ["error": error]
        return GoogleFailure(
            HTTPResponse(status: status, headers: headers, body: body.canonicalBytes), now: Fixture.started)
    }

    private func compute(_ status: Int, _ reason: String, _ message: String) -> GoogleFailure {
        failure(
            status,
            [
                "code": .int(Int64(status)), "message": .string(message),
                "errors": [["message": .string(message), "domain": "global", "reason": .string(reason)]],
            ])
    }

    @Test(arguments: [
        (403, "rateLimitExceeded", true), (429, "rateLimitExceeded", true), (400, "resourceNotReady", true),
        (503, "backendError", true), (500, "internalError", true), (412, "conditionNotMet", true),
        (403, "forbidden", false), (404, "notFound", false), (409, "alreadyExists", false), (400, "invalid", false),
        (403, "quotaExceeded", false), (400, "resourceInUseByAnotherResource", false), (501, "notImplemented", false),
    ])
    func `only what Google calls retryable is tried again`(_ status: Int, _ reason: String, _ passes: Bool) {
        let found = compute(status, reason, "words").actionError("doing", changes: true)
        #expect((found.retry == .later(afterMilliseconds: nil)) == passes)
        #expect(found.mayHaveTakenEffect == (status >= 500))
    }

    @Test func `a missing permission is named, in both styles`() {
        let old = compute(
            403, "forbidden",
            "Required 'compute.instances.start' permission for 'projects/example-project/zones/z/instances/web-1'")
        #expect(old.message.hasPrefix("Google answers 403: Required 'compute.instances.start' permission"))
        #expect(old.hint?.hasPrefix("grant compute.instances.start to the bot's service account") == true)
        let new = failure(
            403,
            [
                "code": 403, "message": "Permission denied (or it may not exist).", "status": "PERMISSION_DENIED",
                "details": [
                    [
                        "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "IAM_PERMISSION_DENIED",
                        "domain": "iam.googleapis.com", "metadata": ["permission": "container.clusters.update"],
                    ]
                ],
            ])
        #expect(new.hint?.hasPrefix("grant container.clusters.update") == true)
    }

    @Test func `when to come back is taken from the header, or from the answer`() {
        let told = failure(429, ["message": "slow"], headers: ["retry-after": "17"])
        #expect(told.retryAfter == .seconds(17))
        let detailed = failure(
            429,
            [
                "message": "slow", "status": "RESOURCE_EXHAUSTED",
                "details": [["@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "30s"]],
            ])
        #expect(detailed.retryAfter == .seconds(30))
    }

    @Test func `a cluster that is being changed is waited for`() {
        let busy = failure(
            400,
            [
                "code": 400, "message": "Cluster is running incompatible operation operation-1.",
                "status": "FAILED_PRECONDITION",
            ])
        #expect(busy.isTransient)
    }

    @Test func `a page that is no JSON is not shown`() {
        let found = GoogleFailure(
            HTTPResponse(status: 502, headers: [:], body: Array("<html>proxy</html>".utf8)), now: Fixture.started)
        #expect(found.message == "Google answers 502")
        #expect(found.isTransient)
    }

    @Test func `what has no answer may have been done, unless nothing was sent`() {
        #expect(GoogleFailure.unreachable(HTTPError(.maybeSent, "cut")).mayHaveTakenEffect)
        #expect(!GoogleFailure.unreachable(HTTPError(.notSent, "refused")).mayHaveTakenEffect)
    }

    @Test(.enabled(if: WireData.isThere))
    func `the errors of the wire data are read`() throws {
        let file = try JSONValue(parsing: try WireData.bytes("gcp/examples/written.errors.json"))
        var count = 0
        for style in ["compute_and_dns_style", "container_style"] {
            for example in file[style]?.arrayValue ?? [] {
                let status = try #require(example["http_status"]?.intValue)
                let body = try #require(example["body"])
                let found = GoogleFailure(
                    HTTPResponse(status: status, headers: [:], body: body.canonicalBytes), now: Fixture.started)
                #expect(found.message.hasPrefix("Google answers \(status): "))
                #expect(!found.reasons.isEmpty)
                count += 1
            }
        }
        #expect(count >= 16)
    }
}
