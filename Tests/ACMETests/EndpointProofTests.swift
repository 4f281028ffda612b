import Domain
import Foundation
import SwiftASN1
import Synchronization
import TestSupport
import Testing

@testable import ACME
@testable import Outbound

@Suite struct EndpointProofTests {
    private static let v4 = HostAddress(bytes: [192, 0, 2, 7])
    private static let other = HostAddress(bytes: [192, 0, 2, 8])
    private static let v6 = HostAddress(bytes: [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 12))

    private enum Shown: Sendable {
        case certificate([UInt8])
        case failure(TLSProbe.Failure)
    }

    private static func der() throws -> [UInt8] {
        try PEMDocument(pemString: try TestCertificate.make("api.example.org").chain).derBytes
    }

    private func context(_ time: any TimeSource, _ told: @escaping @Sendable (String) -> Void = { _ in })
        -> ActionContext
    {
        ActionContext(jobID: 1, idempotencyKey: "key", attempt: 1, time: time, progress: told)
    }

    private func proof(
        _ addresses: [HostAddress], _ look: @escaping @Sendable (HostAddress) throws -> Shown
    ) throws -> EndpointProof {
        EndpointProof(endpoints: [try Endpoint("api.example.org")], limit: .seconds(120)) { _ in
            addresses
        } look: { address, _ in
            switch try look(address) {
            case .certificate(let der): return try PeerCertificate(der: der)
            case .failure(let failure): throw failure
            }
        }
    }

    /// A sleep moves the time at once.
    private struct Hasty: TimeSource {
        let clock = VirtualTime()
        var now: Date { clock.now }
        func sleep(for duration: Duration) async throws {
            try Task.checkCancellation()
            clock.advance(by: duration)
        }
    }

    @Test func `a server that shows it proves it`() async throws {
        let folder = try TemporaryFolder()
        let made = try await OpenSSLCertificate.make(in: folder.url.path, names: "DNS:api.example.org", days: 5)
        let server = try await TLSServer.start(certificate: made)
        let der = try PEMDocument(pemString: String(decoding: try made.pem, as: UTF8.self)).derBytes
        let endpoint = try Endpoint("127.0.0.1:\(server.port)=api.example.org")
        let lines = try await EndpointProof(endpoints: [endpoint]).prove(der, context(Hasty()))
        #expect(lines == ["127.0.0.1:\(server.port)=api.example.org shows it at 127.0.0.1"])
        let refused = await #expect(throws: ActionError.self) {
            try await EndpointProof(endpoints: [endpoint], limit: .seconds(3)).prove(Self.der(), context(Hasty()))
        }
        #expect(
            refused?.message.contains("does not show the new certificate after 3 s: 127.0.0.1 shows serial") == true)
        await server.stop()
    }

    @Test func `it looks again until every address shows it`() async throws {
        let (old, new) = (try Self.der(), try Self.der())
        let looks = Mutex(0)
        let told = Mutex<[String]>([])
        let proof = try proof([Self.v4, Self.other]) { address in
            guard address == Self.other else { return .certificate(new) }
            let count = looks.withLock { count in
                count += 1
                return count
            }
            return .certificate(count > 3 ? new : old)
        }
        let time = Hasty()
        let lines = try await proof.prove(new, context(time) { line in told.withLock { $0.append(line) } })
        #expect(lines == ["api.example.org:443 shows it at 192.0.2.7, 192.0.2.8"])
        #expect(
            told.withLock { $0 }
                == Array(repeating: "waits until api.example.org:443 shows the new certificate", count: 3))
    }

    @Test func `after two minutes it says which address shows what`() async throws {
        let (old, new) = (try Self.der(), try Self.der())
        let proof = try proof([Self.v4, Self.other, Self.v6]) { address in
            switch address {
            case Self.v4: .certificate(new)
            case Self.other: .certificate(old)
            default: .failure(.init(message: "connection refused"))
            }
        }
        let time = Hasty()
        let began = time.now
        let error = await #expect(throws: ActionError.self) { try await proof.prove(new, context(time)) }
        let serial = try PeerCertificate(der: old).serialNumber
        #expect(
            error?.message
                == "api.example.org:443 does not show the new certificate after 2 min: 192.0.2.8 shows serial number "
                + "\(serial) of CN=api.example.org, which ends on 2096-10-02; \(Self.v6.text): connection refused")
        #expect(error?.retry == .later(afterMilliseconds: nil))
        #expect((110...120).contains(time.now.timeIntervalSince(began)))
    }

    @Test func `an IPv6 address that is out of reach is told where one of IPv4 shows it, and counts where none does`()
        async throws
    {
        let new = try Self.der()
        let far = TLSProbe.Failure(message: "network is unreachable", isUnreachable: true)
        let both = try proof([Self.v4, Self.v6]) { $0 == Self.v6 ? .failure(far) : .certificate(new) }
        let lines = try await both.prove(new, context(Hasty()))
        #expect(
            lines == [
                "api.example.org:443 shows it at 192.0.2.7; \(Self.v6.text) cannot be reached from here"
            ])
        let alone = try proof([Self.v6]) { _ in .failure(far) }
        let error = await #expect(throws: ActionError.self) { try await alone.prove(new, context(Hasty())) }
        #expect(error?.message.hasSuffix("\(Self.v6.text): network is unreachable") == true)
        let farV4 = try proof([Self.v4, Self.other]) { $0 == Self.other ? .failure(far) : .certificate(new) }
        await #expect(throws: ActionError.self) { try await farV4.prove(new, context(Hasty())) }
    }

    @Test func `a host without an address is told`() async throws {
        let proof = EndpointProof(endpoints: [try Endpoint("api.example.org")], limit: .seconds(1)) { _ in
            throw HostAddress.Failure.unresolved("name or service not known")
        } look: { _, _ in
            throw TLSProbe.Failure(message: "never asked")
        }
        let error = await #expect(throws: ActionError.self) { try await proof.prove([1], context(Hasty())) }
        #expect(
            error?.message.hasSuffix("the name api.example.org does not resolve: name or service not known") == true)
    }
}

@Suite struct EndpointTests {
    @Test(
        arguments: [
            ("API.example.org", "api.example.org", 443, "api.example.org"),
            ("api.example.org:8443", "api.example.org", 8443, "api.example.org"),
            ("192.0.2.7:443=api.example.org", "192.0.2.7", 443, "api.example.org"),
            ("[2001:db8::7]:65535=Api.example.org", "2001:db8::7", 65_535, "api.example.org"),
            ("lb.example.net=api.example.org", "lb.example.net", 443, "api.example.org"),
        ] as [(String, String, Int, String)])
    func `a text names a host, a port and the name that is asked for`(
        text: String, host: String, port: Int, name: String
    ) throws {
        let endpoint = try Endpoint(text)
        #expect(endpoint.host == host)
        #expect(endpoint.port == port)
        #expect(endpoint.serverName == name)
        #expect(try Endpoint(endpoint.description) == endpoint)
    }

    @Test(arguments: ["192.0.2.7", "[2001:db8::7]"])
    func `at an address alone no name is asked for`(text: String) throws {
        #expect(try Endpoint(text).serverName == nil)
    }

    @Test(arguments: [
        "", "api.example.org:0", "api.example.org:65536", "api.example.org:", "*.example.org", "a=b=c",
        "192.0.2.7=", "2001:db8::7", "https://api.example.org", "-a.example.org", "a..b", "192.0.2.7=*.example.org",
    ])
    func `anything else is refused, with what would be right`(text: String) {
        let complaint = #expect(throws: Endpoint.Complaint.self) { try Endpoint(text) }
        #expect(complaint?.message.hasPrefix("'\(text)' is no endpoint: ") == true)
        #expect(complaint?.fix == "write it as host, host:port or address:port=host")
    }
}
