import Domain
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

struct ManifestMoveTests {
    private func read(_ text: String, settings: [String] = [], variables: [String: String] = [:]) throws -> [Manifest] {
        let files = settings.enumerated().map { ManifestFolder.File(path: "s\($0.offset).yaml", text: $0.element) }
        let scope = try ManifestScope(files: files, environment: [:], variables: variables, namespace: "pr-1-api")
        return try Manifest.read([.init(path: "m.yaml", text: text)], scope: scope, namespace: "pr-1-api")
    }

    @Test func allGoesIntoTheNamespaceAndTheFoldersOwnIsLeftOut() throws {
        let manifests = try read(
            """
            {apiVersion: v1, kind: Namespace, metadata: {name: analytics}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: analytics}}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
            """)
        #expect(manifests.map(\.object.title) == ["ConfigMap pr-1-api/a", "ConfigMap pr-1-api/b"])
    }

    @Test func fieldsThatNameTheOldNamespaceGoAlong() throws {
        let manifests = try read(
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: r, namespace: analytics}
            subjects:
            - {kind: ServiceAccount, name: prometheus, namespace: analytics}
            - {kind: ServiceAccount, name: operator, namespace: operators}
            - {kind: Group, name: people, apiGroup: rbac.authorization.k8s.io}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: d, namespace: analytics}
            spec:
              template:
                spec:
                  affinity:
                    podAntiAffinity:
                      requiredDuringSchedulingIgnoredDuringExecution:
                      - {topologyKey: zone, namespaces: [analytics, other]}
                      preferredDuringSchedulingIgnoredDuringExecution:
                      - {weight: 1, podAffinityTerm: {topologyKey: zone, namespaces: [analytics]}}
            """)
        let subjects = manifests[0].object["subjects"]?.arrayValue?.map { $0["namespace"]?.stringValue }
        #expect(subjects == ["pr-1-api", "operators", nil])
        let affinity = manifests[1].object["spec", "template", "spec", "affinity", "podAntiAffinity"]
        #expect(
            affinity?.at(path: "requiredDuringSchedulingIgnoredDuringExecution.0.namespaces") == ["pr-1-api", "other"])
        #expect(
            affinity?.at(path: "preferredDuringSchedulingIgnoredDuringExecution.0.podAffinityTerm.namespaces")
                == ["pr-1-api"])
    }

    @Test func selectorsOfNamespacesByNameStay() throws {
        let peer = "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: analytics}}}"
        let manifests = try read(
            """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: p, namespace: analytics}
            spec: {podSelector: {}, ingress: [{from: [\(peer)]}]}
            """)
        let found = manifests[0].object.json.at(path: "spec.ingress.0.from.0.namespaceSelector.matchLabels")
        #expect(found == ["kubernetes.io/metadata.name": "analytics"])
    }

    private static func pod(_ value: String) -> String {
        """
        {apiVersion: v1, kind: Service, metadata: {name: postgresql, namespace: analytics}}
        ---
        {apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: analytics}, data: {value: '\(value)'}}
        """
    }

    @Test(arguments: [
        "postgresql.analytics.svc", "postgresql://u:p@postgresql.analytics:5432/db", "POSTGRESQL.Analytics.Svc",
        "http://db-0.headless.analytics.svc.cluster.local./x", "a=b,host=postgresql.analytics",
    ])
    func aDNSNameOfTheOldNamespaceIsAProblem(value: String) throws {
        let error = #expect(throws: ActionError.self) { try read(ManifestMoveTests.pod(value)) }
        #expect(error?.message.hasPrefix("m.yaml:3: ConfigMap c names ") == true)
        #expect(error?.message.contains("at data.value, which is not in namespace pr-1-api") == true)
        #expect(error?.message.contains("short name, or {{settings.namespace}}") == true)
    }

    @Test(arguments: [
        "postgresql", "analytics.example.com", "api.analytics.example.com", "postgresql.analytics.example.com",
        "alertmanager.monitoring.svc:9093", "defimon/analytics:1", "grafana.analytics", "postgresql.analytics-eu.svc",
        "postgresql.{{settings.namespace}}.svc",
    ])
    func otherNamesAreNone(value: String) throws { #expect(try read(ManifestMoveTests.pod(value)).count == 2) }

    @Test func theNamespaceCanBeNamedWhateverTheSettingsSay() throws {
        let text =
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {arg: '--namespace={{settings.namespace}}'}}"
        let manifests = try read(text, settings: ["settings: {namespace: analytics}"])
        #expect(manifests[0].object["data", "arg"] == "--namespace=pr-1-api")
    }

    @Test func theSecondSettingsFileGoesOverTheFirstValueByValueAndVariablesOverBoth() throws {
        let text =
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, "
            + "data: {v: '{{images.api}} {{images.db}} {{settings.disk}} {{settings.deep.a}} {{settings.deep.b}}'}}"
        let manifests = try read(
            text,
            settings: [
                "images: {api: 'api:1', db: 'db:1'}\nsettings: {disk: 100Gi, deep: {a: 1, b: 2}}",
                "settings: {disk: 1Gi, deep: {b: 3}}",
            ], variables: ["images.api": "r.test/api@sha256:00"])
        #expect(manifests[0].object["data", "v"] == "r.test/api@sha256:00 db:1 1Gi 1 3")
        let error = #expect(throws: ActionError.self) {
            try read(text, settings: ["images: {api: a}", "settings: {}"])
        }
        #expect(error?.details?.contains("{{images.db}} is not in s1.yaml or s0.yaml") == true)
    }

    @Test func twoThatMeetInOneNamespaceAreAProblem() throws {
        let error = #expect(throws: ActionError.self) {
            try read(
                """
                {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: one}}
                ---
                {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: two}}
                """)
        }
        #expect(error?.message.contains("ConfigMap pr-1-api/a is in m.yaml:1 already") == true)
    }
}
