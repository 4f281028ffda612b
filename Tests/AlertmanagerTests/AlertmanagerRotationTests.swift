import Alertmanager
import Domain
import Foundation
import Testing

@Suite struct AlertmanagerRotationTests {
    /// Every secret is this one.
    private struct OneSecret: SecretSource {
        let current: CurrentSecret
        func secret(_ reference: SecretReference) throws(MissingSecret) -> Secret { current.secret }
    }

    private static func basic(_ text: String) -> String { "Basic " + Data(text.utf8).base64EncodedString() }

    @Test(
        arguments: [
            ("Bearer first-one", "Bearer second-one"), (basic("bot:first-one"), basic("bot:second-one")),
        ])
    func aRotatedPasswordOrTokenIsTakenAndTheOldOneRefused(old: String, new: String) throws {
        let current = CurrentSecret(Secret("first-one"))
        let verifier = try AlertmanagerVerifier(
            Fixture.settings(Fixture.usual), secrets: OneSecret(current: current))
        func isTaken(_ authorization: String) -> Bool {
            let delivery = Fixture.delivery(Array("{}".utf8), headers: ["authorization": authorization])
            do {
                _ = try verifier.proof(of: delivery)
                return true
            } catch {
                return false
            }
        }
        #expect(isTaken(old))
        #expect(!isTaken(new))
        current.replace(with: Secret("second-one"))
        #expect(!isTaken(old))
        #expect(isTaken(new))
    }
}
