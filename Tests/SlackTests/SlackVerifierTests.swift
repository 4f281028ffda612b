import Domain
import Foundation
import Slack
import TestSupport
import Testing

@Suite struct SlackVerifierTests {
    private func verifier() throws -> SlackVerifier {
        try SlackVerifier(Fixture.settings(), secrets: Fixture.secrets)
    }

    @Test(arguments: [(Fixture.signingSecret, "signing secret 1"), ("a-newer-signing-secret", "signing secret 2")])
    func everyActiveSecretProves(secret: String, sender: String) throws {
        let proof = try verifier().proof(of: Fixture.delivery(Fixture.command, secret: secret))
        #expect(proof.sender == sender)
        #expect(proof.deliveryID?.count == 64)
    }

    @Test(arguments: [-300.0, 0, 300])
    func timesWithinFiveMinutesAreTaken(offset: Double) throws {
        let received = Date(timeIntervalSince1970: 1_790_000_000 + offset)
        #expect(throws: Never.self) { try verifier().verify(Fixture.delivery(Fixture.command, receivedAt: received)) }
    }

    @Test(arguments: [-300.001, 300.001, 86_400])
    func timesBeyondFiveMinutesAreStale(offset: Double) throws {
        let received = Date(timeIntervalSince1970: 1_790_000_000 + offset)
        let error = #expect(throws: Refusal.self) {
            try verifier().verify(Fixture.delivery(Fixture.command, receivedAt: received))
        }
        #expect(error?.reason == .staleTimestamp)
    }

    @Test(arguments: ["x-slack-signature", "x-slack-request-timestamp"])
    func aMissingHeaderIsNamed(header: String) throws {
        var delivery = Fixture.delivery(Fixture.command)
        delivery.headers[header] = nil
        let error = #expect(throws: Refusal.self) { try verifier().verify(delivery) }
        #expect(error?.reason == .missingHeader)
        #expect(error?.message.lowercased().contains(header) == true)
    }

    @Test(arguments: ["", "1790000000x", "+1790000000", "-1", "99999999999999999999999", "1790000000.0", " 1790000000"])
    func aTimestampThatIsNoNumberIsRefused(timestamp: String) throws {
        var delivery = Fixture.delivery(Fixture.command)
        delivery.headers["x-slack-request-timestamp"] = timestamp
        let error = #expect(throws: Refusal.self) { try verifier().verify(delivery) }
        #expect(error?.reason == .badSignature)
    }

    @Test(arguments: ["", "v0=", "v1=00", "v0=zz", "v0=" + String(repeating: "0", count: 64)])
    func aSignatureThatDoesNotFitIsRefused(signature: String) throws {
        var delivery = Fixture.delivery(Fixture.command)
        delivery.headers["x-slack-signature"] = signature
        let error = #expect(throws: Refusal.self) { try verifier().verify(delivery) }
        #expect(error?.reason == .badSignature)
    }

    @Test func oneChangedByteIsRefused() throws {
        var delivery = Fixture.delivery(Fixture.command)
        delivery.body[10] ^= 1
        #expect(throws: Refusal.self) { try verifier().verify(delivery) }
    }

    @Test func aRetryHasTheSameDeliveryIDAndAnotherTimestampAnother() throws {
        let verifier = try verifier()
        let first = try verifier.proof(of: Fixture.delivery(Fixture.command)).deliveryID
        let again = try verifier.proof(
            of: Fixture.delivery(Fixture.command, receivedAt: Date(timeIntervalSince1970: 1_790_000_030))
        ).deliveryID
        let later = try verifier.proof(of: Fixture.delivery(Fixture.command, timestamp: 1_790_000_001)).deliveryID
        #expect(first == again)
        #expect(first != later)
    }

    @Test func anEmptySecretIsNotTaken() throws {
        let settings = try Fixture.settings(["signing_secrets": [["env": "EMPTY"]]])
        #expect(throws: MissingSecret.self) { try SlackVerifier(settings, secrets: Fixture.secrets) }
    }
}

@Suite(.enabled(if: WireData.isThere)) struct SlackSignatureVectorTests {
    struct Vector: Decodable, Sendable, CustomTestStringConvertible {
        var name, secret, timestamp, signature: String
        var bodyFile, body: String?
        var valid: Bool

        private enum CodingKeys: String, CodingKey {
            case name, secret, timestamp, signature, body, valid
            case bodyFile = "body_file"
        }

        var testDescription: String { name }
    }

    struct File: Decodable { var vectors: [Vector] }

    static func vectors() throws -> [Vector] {
        try JSONDecoder().decode(File.self, from: Data(WireData.bytes("slack/signature_vectors.json"))).vectors
    }

    @Test func vectorsAreJudgedAsTheySay() throws {
        let vectors = try Self.vectors()
        #expect(vectors.count >= 10)
        for vector in vectors {
            let body = try vector.body.map { Array($0.utf8) } ?? WireData.bytes("slack/\(vector.bodyFile ?? "")")
            let settings = try Fixture.settings(["signing_secrets": [["env": "S"]]])
            let verifier = try SlackVerifier(settings, secrets: FixedSecrets(values: ["S": vector.secret]))
            let delivery = Delivery(
                source: Source("slack"), route: "commands",
                headers: ["x-slack-request-timestamp": vector.timestamp, "x-slack-signature": vector.signature],
                body: body, receivedAt: Date(timeIntervalSince1970: 1_531_420_618), remoteAddress: "127.0.0.1")
            let isProven = (try? verifier.verify(delivery)) != nil
            #expect(isProven == vector.valid, "\(vector.name)")
        }
    }
}
