import Crypto
import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@testable import ACME

/// Examples of the standards.
@Suite(.enabled(if: WireData.isThere)) struct WireDataTests {
    private func value(_ path: String) throws -> JSONValue {
        try JSONValue(parsing: try WireData.bytes("acme/\(path)"))
    }

    /// An answer as a file has it: `{status, headers, body}`.
    private func answer(_ value: JSONValue) -> ACMEAnswer {
        var headers: [String: String] = [:]
        for (name, text) in value["headers"]?.objectValue ?? [:] { headers[name.lowercased()] = text.stringValue }
        let response = HTTPResponse(
            status: value["status"]?.intValue ?? 200, headers: headers, body: value["body"]?.canonicalBytes ?? [])
        return ACMEAnswer(response, now: Date(timeIntervalSince1970: 1_790_000_000))
    }

    /// An object that comes alone, as if with status 200.
    private func wrapped(_ object: JSONValue) -> ACMEAnswer {
        answer(.object(["headers": .object(["Content-Type": .string("application/json")]), "body": object]))
    }

    @Test func theSignatureOfTheStandardIsGoodForAKeyOfTheSameForm() throws {
        for vector in try value("jws_vectors.json").arrayValue ?? [] where vector["alg"] == "ES256" {
            let x = try #require(Base64URL.decode(vector["jwk"]?["x"]?.stringValue ?? ""))
            let y = try #require(Base64URL.decode(vector["jwk"]?["y"]?.stringValue ?? ""))
            let key = try P256.Signing.PublicKey(rawRepresentation: x + y)
            let signature = try #require(Base64URL.decode(vector["signature"]?.stringValue ?? ""))
            let text = "\(vector["protected"]?.stringValue ?? "").\(vector["payload"]?.stringValue ?? "")"
            #expect(key.isValidSignature(try .init(rawRepresentation: signature), for: Data(text.utf8)))
        }
    }

    @Test func theIdentifierOfTheStandardsCertificateIsFound() throws {
        let text = String(decoding: try WireData.bytes("acme/rfc9773/example_certificate.pem.txt"), as: UTF8.self)
        let vector = try value("rfc9773/cert_id_vector.json")
        #expect(try IssuedCertificate(chain: text).certID == vector["cert_id"]?.stringValue)
    }

    @Test func windowsAreReadAsTheStandardSays() throws {
        let info = try RenewalInfo(answer(try value("rfc9773/renewal_info.response.json")))
        #expect(info?.start == Date(rfc3339: "2025-01-02T04:00:00Z"))
        #expect(info?.explanation == "https://acme.example.com/docs/ari")
        for testCase in try value("rfc9773/written.renewal_info.cases.json").arrayValue ?? [] {
            let name = testCase["case"]?.stringValue ?? ""
            let read = try RenewalInfo(wrapped(try #require(testCase["body"])))
            #expect((read == nil) == (name.contains("no answer") || name.contains("end before start")), "\(name)")
        }
    }

    @Test func directoriesAreReadWithMembersThatNobodyKnows() throws {
        let plain = try ACMEDirectory(try #require(try value("rfc8555/directory.response.json")["body"]))
        #expect(plain.renewalInfo == nil)
        let full = try ACMEDirectory(try value("written.directory.with_ari_and_profiles.json"))
        #expect(full.profiles.keys.sorted() == ["classic", "shortlived"])
        #expect(full.renewalInfo == "https://example.com/acme/renewal-info")
    }

    @Test func ordersAreReadInAllTheirStates() throws {
        var states: [ACMEOrder.Status] = []
        for order in try value("written.order_lifecycle.json").arrayValue ?? [] {
            states.append(try ACMEOrder(wrapped(order), url: "https://example.com/order/1").status)
        }
        #expect(states == [.pending, .ready, .processing, .valid, .invalid, .pending])
    }

    @Test func authorizationsSayWhatFailedAndWhetherTheyAreForAWildcard() throws {
        let failed = try ACMEAuthorization(wrapped(try value("written.authorization.invalid.json")), url: "https://e/1")
        #expect(failed.failure?.kind == .problem(type: "connection"))
        #expect(failed.failure?.message.contains("Timeout during connect") == true)
        let wild = try ACMEAuthorization(wrapped(try value("written.authorization.wildcard.json")), url: "https://e/2")
        #expect(wild.identifier == "*.example.com")
        #expect(wild.challenges.map(\.type) == ["dns-01"])
    }

    @Test func everyTypeOfProblemHasWordsAndMostAHint() throws {
        for entry in try value("problem_types.json").arrayValue ?? [] {
            let type = try #require(entry["type"]?.stringValue?.split(separator: ":").last.map(String.init))
            #expect(ProblemType.known[type] != nil, "\(type)")
        }
    }

    @Test func refusalsAreToldWithTheCAsOwnWords() throws {
        for value in try value("written.errors.json").arrayValue ?? [] {
            let error = ACMEError.refused("ca.example", "the order", answer(value))
            let detail = value["body"]?["detail"]?.stringValue
            #expect(error.message.contains(detail.map { OneLine.of($0) } ?? "status"), "\(error)")
            let status = value["status"]?.intValue ?? 0
            #expect(error.isTransient == (status >= 429 || error.kind == .problem(type: "badNonce")), "\(error)")
        }
        let parts = ACMEError.refused(
            "ca.example", "the order", answer(try value("rfc8555/error.malformed_subproblems.response.json")))
        #expect(parts.message.contains("example.net: it issues no certificate for this name"))
        let terms = ACMEError.refused(
            "ca.example", "the order", answer(try value("rfc8555/error.terms_changed.response.json")))
        #expect(terms.hint == "open https://example.com/acme/agreement/?token=W8Ih3PswD-8 and do what it says")
    }

    @Test func listsOfOrdersLeadToTheNextPage() throws {
        let list = answer(try value("rfc8555/orders_list.response.json"))
        #expect(
            ACMELink.links(list.headers["link"], relation: "next") == [
                "https://example.com/acme/orders/rzGoeA?cursor=2"
            ])
    }
}
