import Foundation
import Outbound
import TestSupport
import Testing

@Suite struct TLSProbeTests {
    private func probe(names: String, days: Int, serverName: String? = "api.example.org") async throws
        -> PeerCertificate
    {
        let folder = try TemporaryFolder()
        let server = try await TLSServer.start(
            certificate: try .make(in: folder.url.path, names: names, days: days))
        let result: Result<PeerCertificate, any Error>
        do {
            result = .success(
                try await TLSProbe.certificate(host: "127.0.0.1", port: server.port, serverName: serverName))
        } catch { result = .failure(error) }
        await server.stop()
        return try result.get()
    }

    @Test func anUntrustedCertificateIsRead() async throws {
        let certificate = try await probe(names: "DNS:api.example.org,DNS:*.pool.example.org,IP:127.0.0.1", days: 30)
        #expect((29...30).contains(certificate.daysLeft(at: Date())))
        #expect(certificate.names == ["api.example.org", "*.pool.example.org", "127.0.0.1"])
        #expect(certificate.issuer.contains("Defimon tests"))
        #expect(certificate.subject == certificate.issuer)
        #expect(certificate.serialNumber.count >= 8)
        #expect(certificate.covers("API.example.org"))
        #expect(certificate.covers("a.pool.example.org"))
        #expect(!certificate.covers("b.a.pool.example.org"))
        #expect(!certificate.covers("pool.example.org"))
        #expect(!certificate.covers("example.org"))
    }

    @Test func anExpiredCertificateIsRead() async throws {
        let certificate = try await probe(names: "DNS:api.example.org", days: 1)
        #expect(certificate.daysLeft(at: certificate.notAfter.addingTimeInterval(-1)) == 0)
        #expect(certificate.daysLeft(at: certificate.notAfter.addingTimeInterval(1)) == -1)
        #expect(certificate.daysLeft(at: certificate.notAfter.addingTimeInterval(86_401)) == -2)
    }

    @Test(arguments: [nil, "127.0.0.1", "::1"] as [String?])
    func noNameIsAskedForWhereThereIsNone(serverName: String?) async throws {
        #expect(try await probe(names: "IP:127.0.0.1", days: 5, serverName: serverName).names == ["127.0.0.1"])
    }

    @Test func aServerWithoutTLSHasNoCertificate() async throws {
        let error = await #expect(throws: TLSProbe.Failure.self) {
            try await ScriptedServer.run(answering: { _ in .init() }) { server in
                _ = try await TLSProbe.certificate(host: "127.0.0.1", port: server.port, serverName: nil)
            }
        }
        #expect(error?.message.isEmpty == false)
    }

    @Test func aPortWhereNobodyListensIsSaid() async throws {
        let error = await #expect(throws: TLSProbe.Failure.self) {
            try await TLSProbe.certificate(host: "127.0.0.1", port: 1, serverName: nil)
        }
        #expect(error?.message.contains("refused") == true)
    }

    // Addresses and a port where nobody is: a guard that breaks must not reach a real service of a cloud.
    @Test(arguments: ["169.254.0.1", "0xA9FE0001", "fe80::1", "::ffff:169.254.0.1"])
    func metadataIsNeverAsked(host: String) async throws {
        let error = await #expect(throws: TLSProbe.Failure.self) {
            try await TLSProbe.certificate(host: host, port: 1, serverName: nil)
        }
        #expect(error?.message.contains("never asked") == true)
    }
}

@Suite struct HostAddressTests {
    @Test(arguments: [
        "169.254.0.0", "169.254.169.254", "169.254.255.255", "100.100.100.200", "168.63.129.16", "192.0.0.192",
        "2852039166", "fe80::1", "febf::1", "fd00:ec2::254", "fd20:ce::254", "::ffff:169.254.1.1", "::169.254.169.254",
        "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1",
    ])
    func addressesOfTheLinkAndOfMetadataAreRefused(host: String) async throws {
        let error = await #expect(throws: HostAddress.Failure.self) { try await HostAddress.resolve(host) }
        if case .refused? = error { return }
        Issue.record("\(host): \(String(describing: error))")
    }

    @Test(arguments: [
        "127.0.0.1", "10.0.0.5", "192.168.1.1", "169.253.255.255", "169.255.0.1", "::1", "fec0::1", "fd00::1",
        "2001:db8::1",
    ])
    func othersAreTaken(host: String) async throws {
        #expect(try await HostAddress.resolve(host).map(\.text) == [host])
    }

    @Test func aNameThatDoesNotResolveIsSaid() async throws {
        let error = await #expect(throws: HostAddress.Failure.self) {
            try await HostAddress.resolve("no-such-host.invalid")
        }
        if case .unresolved? = error { return }
        Issue.record("\(String(describing: error))")
    }
}
