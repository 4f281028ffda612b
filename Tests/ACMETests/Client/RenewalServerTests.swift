import Domain
import Foundation
import TestSupport
import Testing

@testable import ACME

@Suite(.enabled(if: RenewalServer.isThere)) struct RenewalServerTests {
    @Test func aCertificateIsIssuedAndItsServerSaysWhenToRenewIt() async throws {
        try await RenewalServer.run { directory, root in
            try await withSession { session in
                let client = ACMEClient(directory: directory, key: .make(), session: session, time: SystemTime())
                try await client.makeAccount()
                let names = ["api.example.org"]
                let order = try await client.newOrder(names, profile: nil, replaces: nil)
                for url in order.authorizations {
                    let authorization = try await client.authorization(url)
                    let challenge = try #require(authorization.challenges.first { $0.type == "http-01" })
                    try await client.begin(challenge)
                }
                let key = try CertificateKey.make(.p256)
                let ready = try await client.authorized(order) { _ in }
                let finalized = try await client.finalize(ready, request: try key.request(for: names))
                let issued = try await client.chain(of: try await client.issued(finalized), preferredIssuer: nil)
                #expect(issued.complaint(names: names, key: key, at: Date()) == nil)
                let verdict = try await issued.verified(with: root)
                #expect(verdict.isEmpty)

                let certID = try #require(issued.certID)
                let said = try await client.renewalInfo(certID)
                let info = try #require(said)
                #expect(info.start < info.end)
                #expect(info.end <= issued.notAfter)
                #expect(info.start > issued.notBefore)
                #expect(info.lookAgainAfter == .seconds(86_400))
            }
        }
    }

    @Test func aCertificateThatItDoesNotKnowHasNoWindow() async throws {
        try await RenewalServer.run { directory, _ in
            try await withSession { session in
                let client = ACMEClient(directory: directory, key: .make(), session: session, time: SystemTime())
                let info = try await client.renewalInfo("aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE")
                #expect(info == nil)
            }
        }
    }
}
