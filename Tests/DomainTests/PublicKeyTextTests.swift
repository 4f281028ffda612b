import Domain
import Testing

struct PublicKeyTextTests {
    private static let data = "AAAAC3NzaC1lZDI1NTE5AAAAIHt8fVNlE3Kx4pVq1Z2m3n4o5p6q7r8s9t0u1v2w3x4y"
    private static let key = "ssh-ed25519 \(data)"

    @Test(arguments: ["", " analytics-ssh-key", " bot@host\n"])
    func `A public key in OpenSSH's form is everybody's to read, also beside secrets`(comment: String) {
        let redactor = Redactor()
        redactor.add(Secret(PublicKeyTextTests.key + comment))
        #expect(redactor.redact("key: \(PublicKeyTextTests.key)") == "key: \(PublicKeyTextTests.key)")
    }

    @Test(arguments: [
        "ssh-ed25519", "ssh-rsa \(data)", "ssh-ed25519 c2VjcmV0LXNlY3JldA==", "ssh-ed25519 secret-word",
        "\(key) a password", "\(key)\nsecret-word", "secret-word \(key)",
    ])
    func `What only looks like a public key stays a secret`(text: String) {
        let redactor = Redactor()
        redactor.add(Secret(text))
        #expect(redactor.redact(text) == "<secret>")
    }
}
