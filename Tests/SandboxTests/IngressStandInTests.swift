import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

/// What the ingress controller of the stand-in shows and passes on.
@Suite struct IngressStandInTests {
    private static let fake = "Kubernetes Ingress Controller Fake Certificate"
    private let host = "api.example.com"

    private func run(
        _ body: @escaping @Sendable (KubernetesCluster, IngressStandIn) async throws -> Void
    ) async throws {
        try await KubernetesCluster.run { cluster in
            let ingress = try IngressStandIn(cluster.standIn)
            try await running([{ try await ingress.run() }]) { try await body(cluster, ingress) }
        }
    }

    private func applyIngress(_ cluster: KubernetesCluster, host: String = "api.example.com", path: String = "/")
        async throws
    {
        let answer = try await cluster.apply(
            "/apis/networking.k8s.io/v1/namespaces/default/ingresses/api",
            """
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata: {name: api, namespace: default}
            spec:
              tls: [{hosts: ["\(host)"], secretName: api-tls}]
              rules:
                - host: "\(host)"
                  http:
                    paths:
                      - {path: "\(path)", pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
            """)
        #expect((200...201).contains(answer.status), "\(answer.json)")
    }

    private func applySecret(_ cluster: KubernetesCluster, _ certificate: String, _ key: String) async throws {
        let answer = try await cluster.apply(
            "/api/v1/namespaces/default/secrets/api-tls",
            """
            apiVersion: v1
            kind: Secret
            metadata: {name: api-tls, namespace: default}
            type: kubernetes.io/tls
            data: {tls.crt: \(Data(certificate.utf8).base64EncodedString()), tls.key: \(Data(key.utf8).base64EncodedString())}
            """)
        #expect((200...201).contains(answer.status), "\(answer.json)")
    }

    private func shown(_ ingress: IngressStandIn, _ name: String?) async throws -> String {
        try await TLSProbe.certificate(host: "127.0.0.1", port: ingress.securePort(), serverName: name).subject
    }

    @Test func theSecretOfAnIngressIsShownForItsHostOnly() async throws {
        try await run { cluster, ingress in
            #expect(try await shown(ingress, host).contains(IngressStandInTests.fake))
            try await applyIngress(cluster)
            #expect(try await shown(ingress, host).contains(IngressStandInTests.fake))
            let first = try TestCertificate.make("first.example.com")
            try await applySecret(cluster, first.chain, first.key)
            #expect(try await shown(ingress, host).contains("first.example.com"))
            let second = try TestCertificate.make("second.example.com")
            try await applySecret(cluster, second.chain, second.key)
            #expect(try await shown(ingress, host).contains("second.example.com"))
            #expect(try await shown(ingress, "other.example.com").contains(IngressStandInTests.fake))
            #expect(try await shown(ingress, nil).contains(IngressStandInTests.fake))
        }
    }

    @Test func aStarStandsForOneLabel() async throws {
        try await run { cluster, ingress in
            try await applyIngress(cluster, host: "*.example.com")
            let pair = try TestCertificate.make("star.example.com")
            try await applySecret(cluster, pair.chain, pair.key)
            #expect(try await shown(ingress, host).contains("star.example.com"))
            #expect(try await shown(ingress, "a.api.example.com").contains(IngressStandInTests.fake))
            #expect(try await shown(ingress, "example.com").contains(IngressStandInTests.fake))
        }
    }

    @Test func aKeyOfAnotherCertificateIsNotShown() async throws {
        try await run { cluster, ingress in
            try await applyIngress(cluster)
            let pair = try TestCertificate.make(host)
            try await applySecret(cluster, pair.chain, try TestCertificate.make(host).key)
            #expect(try await shown(ingress, host).contains(IngressStandInTests.fake))
        }
    }

    @Test(arguments: [true, false])
    func aProofIsFetchedThroughTheIngress(isByEndpoints: Bool) async throws {
        try await ScriptedServer.run(answering: { .init(body: $0.path) }) { web in
            try await run { cluster, ingress in
                let path = "/.well-known/acme-challenge/token-1"
                let url = "http://127.0.0.1:\(try await ingress.port())\(path)"
                #expect(try await ask("GET", url, [("Host", host)]).status == 404)
                try await applyIngress(cluster, path: isByEndpoints ? "/.well-known/acme-challenge" : path)
                #expect(try await ask("GET", url, [("Host", host)]).status == 503)
                let service =
                    isByEndpoints
                    ? "clusterIP: None, ports: [{port: 80}]"
                    : "type: ExternalName, externalName: localhost, ports: [{port: \(web.port)}]"
                try await cluster.apply(
                    "/api/v1/namespaces/default/services/web",
                    "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: default}, spec: {\(service)}}")
                try await cluster.apply(
                    "/api/v1/namespaces/default/endpoints/web",
                    """
                    apiVersion: v1
                    kind: Endpoints
                    metadata: {name: web, namespace: default}
                    subsets: [{addresses: [{ip: 127.0.0.1}], ports: [{port: \(web.port)}]}]
                    """)
                if !isByEndpoints { try await retarget(cluster, to: web.port) }
                let answer = try await ask("GET", url, [("Host", host)])
                #expect(answer.status == 200)
                #expect(answer.text == path)
                #expect(try await ask("GET", url + "x/y", [("Host", "other.example.com")]).status == 404)
            }
        }
    }

    /// An ExternalName has no port of its own: the Ingress names it.
    private func retarget(_ cluster: KubernetesCluster, to port: Int) async throws {
        let answer = try await cluster.send(
            "PATCH", "/apis/networking.k8s.io/v1/namespaces/default/ingresses/api",
            #"[{"op": "replace", "path": "/spec/rules/0/http/paths/0/backend/service/port/number", "value": \#(port)}]"#,
            type: "application/json-patch+json")
        #expect(answer.status == 200, "\(answer.json)")
    }
}
