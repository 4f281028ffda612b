import Domain
import Foundation
import TestSupport
import Testing

@testable import GitHub

@Suite struct GitHubVerifierTests {
    private static let body: JSONValue = [
        "repository": ["id": 1, "full_name": "acme/api", "owner": ["login": "acme"]],
        "organization": ["login": "acme"],
    ]

    private func verifier(_ more: [String: JSONValue]? = nil) throws -> GitHubVerifier {
        let secrets: [String: JSONValue] = ["webhook_secrets": [["env": "HOOK"], ["env": "HOOK_NEW"]]]
        let members = ["token": ["env": "TOKEN"] as JSONValue].merging(more ?? secrets) { $1 }
        return try GitHubVerifier(Fixture.settings(members), secrets: Fixture.secrets)
    }

    private func refusal(_ verifier: GitHubVerifier, _ delivery: Delivery) -> Refusal? {
        do {
            _ = try verifier.verify(delivery)
            return nil
        } catch { return error }
    }

    @Test(arguments: [(Fixture.webhookSecret, "webhook secret 1"), ("a-newer-webhook-secret", "webhook secret 2")])
    func everyActiveSecretProves(secret: String, sender: String) throws {
        let proof = try verifier().proof(of: Fixture.delivery(Self.body, secret: secret))
        #expect(proof.sender == sender)
        #expect(proof.deliveryID == "72d3162e-cc78-11e3-81ab-4c9367dc0958")
    }

    @Test(arguments: ["x-github-event", "x-github-delivery", "x-hub-signature-256"])
    func aMissingHeaderIsNamed(header: String) throws {
        var delivery = Fixture.delivery(Self.body)
        delivery.headers[header] = nil
        let error = refusal(try verifier(), delivery)
        #expect(error?.reason == .missingHeader)
        #expect(error?.message.lowercased().contains(header) == true)
    }

    @Test(arguments: [
        ("x-github-event", ""), ("x-github-event", "Push"), ("x-github-event", "a/b"), ("x-github-delivery", ""),
        ("x-github-delivery", "a b"), ("x-github-delivery", String(repeating: "a", count: 101)),
        ("x-github-event", String(repeating: "a", count: 65)),
    ])
    func aHeaderThatCannotBeGitHubsIsRefused(header: String, value: String) throws {
        var delivery = Fixture.delivery(Self.body)
        delivery.headers[header] = value
        #expect(refusal(try verifier(), delivery)?.reason == .badRequest)
    }

    @Test func headersAtTheirLongestAreTaken() throws {
        var delivery = Fixture.delivery(Self.body)
        delivery.headers["x-github-delivery"] = String(repeating: "a", count: 100)
        delivery.headers["x-github-event"] = String(repeating: "a", count: 64)
        #expect(refusal(try verifier(), delivery) == nil)
    }

    @Test func oneChangedByteIsRefused() throws {
        var delivery = Fixture.delivery(Self.body)
        delivery.body[10] ^= 1
        #expect(refusal(try verifier(), delivery)?.reason == .badSignature)
    }

    @Test func anEmptySecretAndNoSecretAreNotTaken() throws {
        #expect(throws: MissingSecret.self) { try verifier(["webhook_secrets": [["env": "EMPTY"]]]) }
        #expect(throws: MissingSecret.self) { try verifier([:]) }
        #expect(throws: MissingSecret.self) {
            try verifier(["hooks": ["a": ["owner": "a", "secrets": [["env": "EMPTY"]]]]])
        }
    }

    // MARK: Secrets that are bound

    private static let owners: [String: JSONValue] = [
        "hooks": [
            "acme": ["owner": "acme", "secrets": [["env": "ACME"]]],
            "other": ["owner": "other", "secrets": [["env": "OTHER"]]],
        ]
    ]

    private func about(_ members: JSONValue, secret: String = "the-secret-of-acme") throws -> Refusal? {
        refusal(try verifier(Self.owners), Fixture.delivery(members, secret: secret))
    }

    @Test func anOwnersSecretProvesWhatIsAboutTheOwner() throws {
        let proof = try verifier(Self.owners).proof(of: Fixture.delivery(Self.body, secret: "the-secret-of-acme"))
        #expect(proof.sender == "hook acme, secret 1")
        #expect(try about(["repository": ["full_name": "ACME/api", "owner": ["login": "Acme"]]]) == nil)
        #expect(try about(["installation": ["id": 1, "account": ["login": "acme"]]]) == nil)
        #expect(try about(["organization": ["login": "acme"]]) == nil)
    }

    @Test(
        arguments: [
            ["repository": ["full_name": "other/api", "owner": ["login": "other"]]],
            // One name is right and another is not.
            ["repository": ["full_name": "other/api", "owner": ["login": "acme"]]],
            ["repository": ["full_name": "acme/api", "owner": ["login": "other"]]],
            ["repository": ["full_name": "other/api"], "organization": ["login": "acme"]],
            ["repository": [:], "organization": ["login": "acme"]],
            ["organization": ["login": "other"], "installation": ["account": ["login": "acme"]]],
            ["repository": ["full_name": "acme-other/api"]],
            // Nobody is named.
            [:], ["zen": "x"], ["repository": "acme/api"],
        ] as [JSONValue])
    func anOwnersSecretProvesNothingElse(body: JSONValue) throws {
        let error = try about(body)
        #expect(error?.reason == .badCredentials)
        #expect(error?.message.contains("owner") == true)
    }

    @Test func anOwnersSecretProvesNothingThatIsNoObject() throws {
        let verifier = try verifier(Self.owners)
        for text in ["[]", "not json", "", "{\"repository\":"] {
            #expect(refusal(verifier, Fixture.delivery(text.utf8, secret: "the-secret-of-acme")) != nil, "\(text)")
        }
    }

    @Test func aHooksSecretProvesThatHookOnly() throws {
        let hook: [String: JSONValue] = ["hooks": ["one": ["hook_id": "292430182", "secrets": [["env": "ACME"]]]]]
        let verifier = try verifier(hook)
        var delivery = Fixture.delivery(Self.body, secret: "the-secret-of-acme")
        #expect(refusal(verifier, delivery) == nil)
        delivery.headers["x-github-hook-id"] = "292430183"
        #expect(refusal(verifier, delivery)?.reason == .badCredentials)
        delivery.headers["x-github-hook-id"] = nil
        #expect(refusal(verifier, delivery)?.reason == .badCredentials)
    }

    @Test func aFormIsReadToTellItsOwner() throws {
        func form(_ owner: String) -> Delivery {
            let payload = #"{"repository":{"full_name":"\#(owner)/api","owner":{"login":"\#(owner)"}}}"#
            let text = "payload=" + (payload.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")
            return Fixture.delivery(
                text.utf8, secret: "the-secret-of-acme", contentType: "application/x-www-form-urlencoded")
        }
        #expect(refusal(try verifier(Self.owners), form("acme")) == nil)
        #expect(refusal(try verifier(Self.owners), form("other"))?.reason == .badCredentials)
    }

    // MARK: The route

    @Test func theRouteTakesBothContentTypesAndGitHubsLargestBody() throws {
        let route = GitHubRoute.route(verifier: try verifier())
        #expect(route.path == "/webhooks/github")
        #expect(route.maxBody == 26_214_400)
        #expect(route.mediaTypes == ["application/json", "application/x-www-form-urlencoded"])
        #expect(route.acknowledgement == .json)
    }

    @Test(arguments: [
        ("{}", "application/json", true), (" {\"a\":1}\n", "application/json; charset=utf-8", true),
        ("payload=%7B%7D", "application/x-www-form-urlencoded", true), ("[]", "application/json", false),
        ("", "application/json", false), ("payload=%7B%7D", "application/json", false),
        ("{}", "application/x-www-form-urlencoded", false), ("x=1", "application/x-www-form-urlencoded", false),
    ])
    func aBodyMustBeOfItsContentType(body: String, type: String, isTaken: Bool) throws {
        let route = GitHubRoute.route(verifier: try verifier())
        let delivery = Fixture.delivery(body.utf8, contentType: type)
        if isTaken {
            #expect(throws: Never.self) { try route.inspect(delivery) }
        } else {
            #expect(throws: Refusal.self) { try route.inspect(delivery) }
        }
    }
}

@Suite(.enabled(if: WireData.isThere)) struct GitHubSignatureVectorTests {
    private struct Vector: Decodable {
        var name, secret, header: String
        var body, bodyFile: String?
        var valid: Bool?
        private enum CodingKeys: String, CodingKey {
            case name, secret, header, body, valid
            case bodyFile = "body_file"
        }
    }
    private struct File: Decodable { var vectors: [Vector] }

    @Test func vectorsAreJudgedAsTheySay() throws {
        let file = try JSONDecoder().decode(File.self, from: Data(WireData.bytes("github/signature_vectors.json")))
        #expect(file.vectors.count >= 19)
        let settings = try Fixture.settings(["token": ["env": "TOKEN"], "webhook_secrets": [["env": "S"]]])
        for vector in file.vectors {
            let body = try vector.body.map { Array($0.utf8) } ?? WireData.bytes("github/\(vector.bodyFile ?? "")")
            let verifier = try GitHubVerifier(settings, secrets: FixedSecrets(values: ["S": vector.secret]))
            var delivery = Fixture.delivery(body)
            delivery.headers["x-hub-signature-256"] = vector.header
            let isProven = (try? verifier.verify(delivery)) != nil
            if let valid = vector.valid { #expect(isProven == valid, "\(vector.name)") }
        }
    }

    @Test func theDocumentedHeadersAreTheOnesThatAreWanted() throws {
        struct File: Decodable { var headers: [String: String] }
        let file = try JSONDecoder().decode(File.self, from: Data(WireData.bytes("github/delivery_headers.json")))
        var delivery = Fixture.delivery("Hello, World!".utf8)
        let signature = delivery.headers["x-hub-signature-256"]
        delivery.headers = Dictionary(uniqueKeysWithValues: file.headers.map { ($0.key.lowercased(), $0.value) })
        delivery.headers["x-hub-signature-256"] = signature
        let settings = try Fixture.settings(["token": ["env": "TOKEN"], "webhook_secrets": [["env": "HOOK"]]])
        let proof = try GitHubVerifier(settings, secrets: Fixture.secrets).proof(of: delivery)
        #expect(proof.deliveryID == "72d3162e-cc78-11e3-81ab-4c9367dc0958")
    }
}
