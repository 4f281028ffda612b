import Domain
import Foundation
import Outbound

/// A CA's answer.
struct ACMEAnswer: Sendable {
    var status: Int
    /// Names in lower case.
    var headers: [String: String]
    var body: [UInt8]
    /// As the CA said it, in seconds or as a date.
    var retryAfter: Duration?
    /// Nil: it is not JSON, or does not say so.
    var json: JSONValue?

    init(_ response: HTTPResponse, now: Date) {
        status = response.status
        headers = response.headers
        body = response.body
        retryAfter = response.retryAfter(now: now)
        // What is not JSON is told by the nil.
        if ["application/json", "application/problem+json"].contains(contentType) {
            json = try? JSONValue(parsing: body)
        }
    }

    /// Without its parameters, in lower case.
    var contentType: String {
        (headers["content-type"] ?? "").prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
    }

    var isSuccess: Bool { (200..<300).contains(status) }

    /// What the CA says went wrong; nil: it says nothing, or it went well.
    var problem: ACMEProblem? { isSuccess ? nil : ACMEProblem(json) }

    /// An object that it must be. Throws `ACMEError.strange`, worth a retry: a proxy's page, or an answer that broke
    /// off.
    func object(_ what: String) throws(ACMEError) -> JSONValue {
        guard let json, json.objectValue != nil else {
            let type = OneLine.of(contentType, atMost: 60)
            var error = ACMEError.strange(
                "the CA's answer with \(what) is no JSON object but \(body.count) bytes of '\(type)'"
            )
            error.isTransient = true
            error.mayHaveTakenEffect = true
            throw error
        }
        return json
    }
}
