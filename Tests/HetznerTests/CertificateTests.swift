import Domain
import Sandbox
import TestSupport
import Testing

@testable import Hetzner

@Suite struct CertificateTests {
    private static let inputs: JSONValue = [
        "name": "site", "certificate": ["stored": "site-chain"], "private_key": ["stored": "site-key"],
    ]

    @Test func `a certificate is uploaded once with its key from the bot's secrets, and another one is refused`()
        async throws
    {
        let certificate = try TestCertificate.make("api.example.com")
        let other = try TestCertificate.make("api.example.com")
        try await CloudWorld.run { world in
            // Nothing is said of what is not there yet.
            #expect(
                try await world.plan("hetzner.certificate-ensure", Self.inputs).changes == ["certificate site: create"])
            world.secrets.put("site-chain", certificate.chain)
            world.secrets.put("site-key", certificate.key)
            let output = try await world.perform("hetzner.certificate-ensure", Self.inputs)
            #expect(!output.canonicalText.contains("PRIVATE KEY"))
            #expect(try await world.perform("hetzner.certificate-ensure", Self.inputs)["changed"] == false)
            world.secrets.put("site-chain", other.chain)
            let error = try #require(
                await #expect(throws: ActionError.self) {
                    try await world.perform("hetzner.certificate-ensure", Self.inputs)
                })
            #expect(error.message.hasSuffix("certificate: another one is there"))
            #expect(!"\(error)".contains("BEGIN"))
        }
    }

    @Test func `a load balancer shows a certificate, and another one by its name`() async throws {
        try await CloudWorld.run { world in
            for name in ["old", "new"] {
                let certificate = try TestCertificate.make("api.example.com")
                world.secrets.put("\(name)-chain", certificate.chain)
                world.secrets.put("\(name)-key", certificate.key)
                try await world.perform(
                    "hetzner.certificate-ensure",
                    [
                        "name": .string(name), "certificate": ["stored": .string("\(name)-chain")],
                        "private_key": ["stored": .string("\(name)-key")],
                    ])
            }
            func balancer(_ certificate: String) -> JSONValue {
                [
                    "name": "site", "type": "lb11",
                    "services": [
                        [
                            "protocol": "https", "listen_port": 443, "destination_port": 80, "redirect_http": true,
                            "certificates": [.string(certificate)],
                        ]
                    ],
                ]
            }
            try await world.perform("hetzner.load-balancer-ensure", balancer("old"))
            #expect(try await world.plan("hetzner.load-balancer-ensure", balancer("old")).changes == [])
            let before = world.changes.count
            #expect(
                try await world.plan("hetzner.load-balancer-ensure", balancer("new")).changes == [
                    "load balancer site: services: what is done on port 443 changes"
                ])
            try await world.perform("hetzner.load-balancer-ensure", balancer("new"))
            #expect(Array(world.changes.dropFirst(before)) == ["update_load_balancer_service"])
        }
    }
}
