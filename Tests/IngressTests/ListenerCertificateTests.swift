import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@testable import Ingress

@Suite struct ListenerCertificateTests {
    private static func bundle(_ name: String, key: String? = nil) throws -> CertificateBundle {
        let made = try TestCertificate.make(name)
        return CertificateBundle(
            name: "bot", chain: made.chain, key: Secret(key ?? made.key), serialNumber: "00",
            notAfter: Date(timeIntervalSince1970: 4_000_000_000), names: [name])
    }

    private func shown(_ ingress: RunningIngress, _ name: String = "bot.example.org") async throws -> PeerCertificate {
        try await TLSProbe.certificate(host: "127.0.0.1", port: ingress.port, serverName: name)
    }

    @Test func `webhooks and operations come over TLS, with the certificate that is served`() async throws {
        let bundle = try Self.bundle("localhost")
        try await withIngress(tls: ServedCertificate(bundle)) { ingress, _ in
            #expect(try await shown(ingress).names == ["localhost"])
            try await ingress.withTLS(trusting: bundle.chain) { ingress in
                #expect(try await ingress.post().status == 200)
                #expect(try await ingress.get("/healthz").text == "ok\n")
                let refused = try await ingress.post(body: Array("{}".utf8), headers: ["x-token": "wrong"])
                #expect(refused.status == 401)
                #expect(try await ingress.get("/nothing").status == 404)
            }
            #expect(try await ingress.api("GET", "/api/v1/jobs").status == 200)
        }
    }

    @Test func `plain HTTP to a TLS listener is not answered`() async throws {
        try await withIngress(tls: ServedCertificate(try Self.bundle("localhost"))) { ingress, _ in
            await #expect(throws: HTTPError.self) { try await ingress.get("/healthz") }
        }
    }

    @Test(arguments: ["", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}"]) func `a handshake that does not go on is ended`(
        _ beginning: String
    ) async throws {
        var limits = Limits()
        limits.idleTimeout = .seconds(1)
        try await withIngress(limits: limits, tls: ServedCertificate(try Self.bundle("localhost"))) { ingress, _ in
            let sender = try await RawConnection(port: ingress.port)
            try await sender.send(beginning)
            #expect(await sender.ends())
        }
    }

    @Test func `a header that comes slowly over TLS is ended`() async throws {
        var limits = Limits()
        limits.headerTimeout = .milliseconds(500)
        try await withIngress(limits: limits, tls: ServedCertificate(try Self.bundle("localhost"))) { ingress, _ in
            let sender = try await RawConnection(port: ingress.port, tls: true)
            try await sender.send("GET /healthz HTTP/1.1\r\nhost: ")
            #expect(await sender.ends())
        }
    }

    @Test func `the bot stops while a TLS connection is open`() async throws {
        try await withIngress(tls: ServedCertificate(try Self.bundle("localhost"))) { ingress, stop in
            let sender = try await RawConnection(port: ingress.port, tls: true)
            try await sender.send("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
            #expect(await sender.receives("ok\n"))
            await stop()
            #expect(await sender.ends())
        }
    }

    @Test(arguments: ["-tls1", "-tls1_1", "-tls1_2", "-tls1_3"]) func `versions from 1.2 on are spoken`(
        _ version: String
    ) async throws {
        try await withIngress(tls: ServedCertificate(try Self.bundle("localhost"))) { ingress, _ in
            let run = try await RunningProgram.run(
                try #require(Project.program("openssl")),
                ["s_client", "-connect", "127.0.0.1:\(ingress.port)", version, "-cipher", "ALL:@SECLEVEL=0"], input: "")
            #expect((run.code == 0) == ["-tls1_2", "-tls1_3"].contains(version), "\(run.text)")
        }
    }

    @Test func `before the first certificate a passing one is shown, and the first takes its place`() async throws {
        let served = ServedCertificate()
        try await withIngress(tls: served) { ingress, _ in
            let passing = try await shown(ingress)
            #expect(passing.subject == "CN=defimon has no certificate yet")
            #expect(passing.names == ["defimon.invalid"])
            #expect((364...365).contains(passing.daysLeft(at: Date())))
            served.replace(with: try Self.bundle("bot.example.org"))
            #expect(try await shown(ingress).names == ["bot.example.org"])
        }
    }

    @Test func `a new certificate is for new connections, and open ones go on`() async throws {
        let first = try Self.bundle("localhost")
        let served = ServedCertificate(first)
        try await withIngress(tls: served) { ingress, _ in
            let open = try await RawConnection(port: ingress.port, tls: true)
            try await open.send("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
            #expect(await open.receives("ok\n"))
            let old = try await shown(ingress).serialNumber
            #expect(open.certificate?.serialNumber == old)
            served.replace(with: try Self.bundle("localhost"))
            let new = try await shown(ingress).serialNumber
            #expect(new != old)
            try await open.send("GET /about HTTP/1.1\r\nhost: localhost\r\n\r\n")
            #expect(await open.receives("about"))
            open.close()
        }
    }

    @Test func `a new certificate with another one's key is refused, and the old one stays`() async throws {
        let served = ServedCertificate(try Self.bundle("old.example.org"))
        try await withIngress(tls: served) { ingress, _ in
            served.replace(with: try Self.bundle("new.example.org", key: try TestCertificate.make("other").key))
            #expect(try await shown(ingress).names == ["old.example.org"])
            served.replace(with: try Self.bundle("new.example.org"))
            #expect(try await shown(ingress).names == ["new.example.org"])
        }
    }

    @Test func `a listener does not start with another one's key`() async throws {
        let served = ServedCertificate(
            try Self.bundle("old.example.org", key: try TestCertificate.make("other").key))
        let error = await #expect(throws: IngressError.self) { try await withIngress(tls: served) { _, _ in } }
        #expect(error?.description.contains("the listener's certificate cannot be used") == true)
        #expect(error?.description.contains("PRIVATE KEY") == false)
    }
}
