import Domain
import Testing

@Suite struct CurrentSecretTests {
    @Test func `who holds a secret has its new value the next time`() {
        let current = CurrentSecret(Secret("first-value"))
        let held = current.secret
        #expect(held == Secret("first-value"))
        current.replace(with: Secret("second-value"))
        #expect(held.reveal() == "second-value")
        #expect(held == Secret("second-value"))
        #expect("\(held)" == "<secret>")
    }

    @Test func `a code made with the old value proves nothing any more`() {
        let current = CurrentSecret(Secret("first-value"))
        let held = current.secret
        let code = HMACSHA256.code(for: [[1, 2, 3]], key: held)
        current.replace(with: Secret("second-value"))
        #expect(!HMACSHA256.isValid(code, for: [[1, 2, 3]], key: held))
    }
}
