import Crypto
import Domain
import Foundation
import NIOCore
import NIOSSL
import SwiftASN1
import X509

/// Certificates that an ingress controller shows, as ingress-nginx chooses them: that of the Secret which an Ingress names
/// for the host, else one of its own that nobody trusts. Secrets are read anew for each handshake.
struct IngressCertificates: Sendable {
    private let kubernetes: KubernetesStandIn
    private let own: Pair

    private struct Pair: Sendable {
        var chain: [NIOSSLCertificateSource]
        var key: NIOSSLPrivateKeySource

        /// Throws for what cannot be read, and for a key of another certificate.
        init(chain: String, key: String) throws {
            let documents = try PEMDocument.parseMultiple(pemString: chain)
            let leaf = try Certificate(pemDocument: documents[0])
            guard try Certificate.PrivateKey(pemEncoded: key).publicKey == leaf.publicKey else {
                throw SandboxServerError("the key belongs to another certificate")
            }
            self.chain = try NIOSSLCertificate.fromPEMBytes(Array(chain.utf8)).map { .certificate($0) }
            self.key = .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
        }
    }

    /// Throws when its own certificate cannot be made.
    init(_ kubernetes: KubernetesStandIn) throws {
        self.kubernetes = kubernetes
        own = try IngressCertificates.fake(Date())
    }

    /// What a server needs to choose by the name that a client asks for.
    var configuration: TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: own.chain, privateKey: own.key)
        configuration.sslContextCallback = { client, promise in
            var change = NIOSSLContextConfigurationOverride()
            if let pair = client.serverHostname.flatMap(pair) {
                change.certificateChain = pair.chain
                change.privateKey = pair.key
            }
            promise.succeed(change)
        }
        return configuration
    }

    /// Nil when no Ingress names a Secret for the host, and when what it holds is no certificate with its key.
    private func pair(for host: String) -> Pair? {
        for ingress in kubernetes.objects(apiVersion: "networking.k8s.io/v1", kind: "Ingress") {
            let namespace = ingress.at(path: "metadata.namespace")?.stringValue ?? ""
            for entry in ingress.at(path: "spec.tls")?.arrayValue ?? [] {
                let hosts = (entry["hosts"]?.arrayValue ?? []).compactMap(\.stringValue)
                guard hosts.contains(where: { IngressRule.matches(host, $0) }),
                    let name = entry["secretName"]?.stringValue,
                    let secret = kubernetes.object(
                        apiVersion: "v1", kind: "Secret", namespace: namespace, name: name)?["data"]
                else { continue }
                // The controller says so in its log and shows its own.
                if let pair = try? Pair(
                    chain: IngressCertificates.text(secret["tls.crt"]), key: IngressCertificates.text(secret["tls.key"])
                ) {
                    return pair
                }
            }
        }
        return nil
    }

    private static func text(_ value: JSONValue?) -> String {
        value?.stringValue.flatMap { Data(base64Encoded: $0) }.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// The controller's own certificate, for a year.
    private static func fake(_ now: Date) throws -> Pair {
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let name = try DistinguishedName {
            OrganizationName("Acme Co")
            CommonName("Kubernetes Ingress Controller Fake Certificate")
        }
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key.publicKey, notValidBefore: now,
            notValidAfter: now.addingTimeInterval(365 * 86_400), issuer: name, subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions { SubjectAlternativeNames([.dnsName("ingress.local")]) },
            issuerPrivateKey: key)
        return try Pair(
            chain: try certificate.serializeAsPEM().pemString, key: try key.serializeAsPEM().pemString)
    }
}
