import Crypto
import Domain
import Foundation
import Outbound
import Sandbox
import SwiftASN1
import Synchronization
import TestSupport
import Testing
import X509

/// A certificate authority whose time stands still, with a zone of names, and one client's key.
struct ACMEFixture: Sendable {
    let time = VirtualTime()
    let authority: ACMEStandIn
    let key = P256.Signing.PrivateKey()
    private let zone: Zone

    private final class Zone: Sendable {
        let texts = Mutex<[String: [String]]>([:])
    }

    /// `port`: where the web servers of all names answer; nil: none has an address.
    init(port: Int? = nil, _ change: (inout ACMEStandIn.Configuration) -> Void = { _ in }) throws {
        let zone = Zone()
        var configuration = ACMEStandIn.Configuration(
            web: { _ in port.map { ListenAddress(host: "127.0.0.1", port: $0) } },
            texts: { name in zone.texts.withLock { $0[name] ?? [] } })
        change(&configuration)
        authority = try ACMEStandIn(configuration, time: time)
        self.zone = zone
    }

    /// Runs the stand-in.
    func run(_ body: @escaping @Sendable (ACMEFixture) async throws -> Void) async throws {
        try await running([{ try await authority.run() }]) { try await body(self) }
    }

    func url(_ path: String) async throws -> String {
        try await authority.url().replacing("directory", with: path)
    }

    func nonce() async throws -> String {
        try await ask("HEAD", try await url("new-nonce")).headers["replay-nonce"] ?? ""
    }

    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    static func jwk(_ key: P256.Signing.PrivateKey) -> JSONValue {
        let point = key.publicKey.rawRepresentation
        return [
            "kty": "EC", "crv": "P-256", "x": .string(encode(point.prefix(32))), "y": .string(encode(point.suffix(32))),
        ]
    }

    /// Signs and sends. The header holds what a client writes (RFC 8555 §6.2), with `header` over it; a member that is
    /// null is left out. Without a payload it is a POST-as-GET.
    func post(
        _ url: String, _ payload: JSONValue?, as account: String? = nil, _ header: [String: JSONValue] = [:],
        type: String = "application/jose+json"
    ) async throws -> HTTPResponse {
        var members: [String: JSONValue] = ["alg": "ES256", "url": .string(url)]
        members[account == nil ? "jwk" : "kid"] = account.map { .string($0) } ?? ACMEFixture.jwk(key)
        if header["nonce"] == nil { members["nonce"] = .string(try await nonce()) }
        members = members.merging(header) { $1 }.filter { $0.value != .null }
        let protected = ACMEFixture.encode(JSONValue.object(members).canonicalBytes)
        let body = ACMEFixture.encode(payload?.canonicalBytes ?? [])
        let signature = try key.signature(for: Array("\(protected).\(body)".utf8)).rawRepresentation
        let jws: JSONValue = [
            "protected": .string(protected), "payload": .string(body),
            "signature": .string(ACMEFixture.encode(signature)),
        ]
        return try await ask("POST", url, [("Content-Type", type)], jws.canonicalText)
    }

    /// Makes the account, or finds it, and returns its address.
    func account() async throws -> String {
        let answer = try await post(
            url("new-account"), ["termsOfServiceAgreed": true, "contact": ["mailto:admin@example.com"]])
        return answer.headers["location"] ?? ""
    }

    func order(_ names: [String], as account: String, _ more: [String: JSONValue] = [:]) async throws -> HTTPResponse {
        var payload = more
        payload["identifiers"] = .array(names.map { ["type": "dns", "value": .string($0)] })
        return try await post(url("new-order"), .object(payload), as: account)
    }

    /// Puts the proofs of an order into the zone, has them looked at, and returns when that is done, with the order.
    func proven(_ order: HTTPResponse, as account: String) async throws -> JSONValue {
        for url in try order.json["authorizations"]?.arrayValue?.compactMap(\.stringValue) ?? [] {
            let authorization = try await post(url, nil, as: account).json
            guard authorization["status"] == "pending" else { continue }
            let challenge = authorization["challenges"]?.arrayValue?.first { $0["type"] == "dns-01" } ?? .null
            let name = authorization.at(path: "identifier.value")?.stringValue ?? ""
            put(challenge["token"]?.stringValue ?? "", of: name)
            _ = try await post(challenge["url"]?.stringValue ?? "", [:], as: account)
            _ = try await eventually {
                try await post(url, nil, as: account).json["status"] == "pending" ? nil : true
            }
        }
        return try await post(order.headers["location"] ?? "", nil, as: account).json
    }

    /// The TXT record for a token (RFC 8555 §8.4), beside those that are there.
    private func put(_ token: String, of name: String) {
        let thumbprint = ACMEFixture.encode(SHA256.hash(data: ACMEFixture.jwk(key).canonicalBytes))
        let value = ACMEFixture.encode(SHA256.hash(data: Array("\(token).\(thumbprint)".utf8)))
        zone.texts.withLock { $0["_acme-challenge.\(name)", default: []].append(value) }
    }

    func finalize(_ order: JSONValue, _ names: [String], as account: String) async throws -> HTTPResponse {
        let request = try CertificateSigningRequest(
            version: .v1, subject: DistinguishedName { CommonName(names.first ?? "") },
            privateKey: Certificate.PrivateKey(P256.Signing.PrivateKey()),
            attributes: .init([
                .init(
                    ExtensionRequest(
                        extensions: Certificate.Extensions { SubjectAlternativeNames(names.map { .dnsName($0) }) }))
            ]), signatureAlgorithm: .ecdsaWithSHA256)
        let der = try request.serializeAsPEM().derBytes
        return try await post(
            order["finalize"]?.stringValue ?? "", ["csr": .string(ACMEFixture.encode(der))], as: account)
    }

    /// A certificate by all steps; returns what the authority has signed.
    func issue(_ names: [String], as account: String, _ more: [String: JSONValue] = [:]) async throws -> ACMEIssue {
        let order = try await order(names, as: account, more)
        _ = try await finalize(try await proven(order, as: account), names, as: account)
        return try #require(authority.issued.last)
    }

    /// `badNonce`, of an answer that is a problem.
    static func problem(_ answer: HTTPResponse) throws -> String {
        let type = try answer.json["type"]?.stringValue ?? "\(answer.status)"
        #expect(answer.headers["content-type"] == "application/problem+json")
        return type.replacing("urn:ietf:params:acme:error:", with: "")
    }
}
