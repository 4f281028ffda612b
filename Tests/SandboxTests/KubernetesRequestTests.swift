import Domain
import Sandbox
import TestSupport
import Testing

/// The API's verbs, refusals, pages and watches.
@Suite struct KubernetesRequestTests {
    private static let maps = "/api/v1/namespaces/default/configmaps"

    @Test(
        arguments: [
            ("GET", "/api/v1/namespaces/default/pods/web-0", nil, 404, "pods \"web-0\" not found"),
            ("GET", "/apis/apps/v1/namespaces/default/deployments/web", nil, 404, "deployments.apps \"web\" not found"),
            (
                "POST", "/api/v1/namespaces/nowhere/configmaps",
                #"{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"}}"#, 404,
                "namespaces \"nowhere\" not found"
            ),
            (
                "POST", "/api/v1/namespaces", #"{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"default"}}"#,
                409, "namespaces \"default\" already exists"
            ),
            (
                "PUT", "/api/v1/namespaces/default/configmaps/a",
                #"{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"}}"#, 404, "configmaps \"a\" not found"
            ),
            ("DELETE", "/api/v1/namespaces/default/secrets/a", nil, 404, "secrets \"a\" not found"),
            (
                "POST", "/api/v1/namespaces/default/configmaps", "{", 400,
                "the object provided is unrecognized (must be of type JSON)"
            ),
            (
                "POST", "/api/v1/namespaces/default/configmaps",
                #"{"kind":"Secret","apiVersion":"v1","metadata":{"name":"a"}}"#, 400,
                "the object provided (v1, Kind=Secret) does not match the requested resource (v1, Kind=ConfigMap)"
            ),
            ("GET", "/api/v1/pods?fieldSelector=spec.color%3Dred", nil, 400, "field label not supported: spec.color"),
            ("GET", "/api/v2/pods", nil, 501, nil),
            ("GET", "/api/v1/persistentvolumes", nil, 501, nil),
            ("GET", "/nothing", nil, 404, "the server could not find the requested resource"),
            (
                "POST", "/api/v1/namespaces/default/pods/web-0", "{}", 405,
                "the server does not allow this method on the requested resource"
            ),
        ] as [(String, String, String?, Int, String?)])
    func aRefusalIsAStatusInKubernetesWords(
        method: String, path: String, body: String?, status: Int, message: String?
    ) async throws {
        try await KubernetesCluster.run { cluster in
            let answer = try await cluster.send(method, path, body)
            #expect(answer.status == status)
            #expect(answer.json["kind"] == "Status")
            #expect(answer.json["status"] == "Failure")
            #expect(answer.json["code"]?.intValue == status)
            if let message { #expect(answer.json["message"]?.stringValue == message) }
        }
    }

    @Test(arguments: [
        (
            "{selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a}]}}}",
            "spec.template.spec.containers[0].image: Required value"
        ),
        (
            "{selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: []}}}",
            "spec.template.spec.containers: Required value"
        ),
        (
            "{replicas: -1, selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: i}]}}}",
            "spec.replicas: Invalid value: -1: must be greater than or equal to 0"
        ),
        (
            "{template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: i}]}}}",
            "spec.selector: Required value"
        ),
        (
            "{selector: {matchLabels: {app: b}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: i}]}}}",
            "spec.template.metadata.labels: Invalid value: {\"app\":\"a\"}: `selector` does not match template `labels`"
        ),
        (
            "{selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: i, volumeMounts: [{name: v, mountPath: /v}]}]}}}",
            "spec.template.spec.containers[0].volumeMounts[0].name: Not found: \"v\""
        ),
    ])
    func aDeploymentThatIsNotValidIsRefused(spec: String, problem: String) async throws {
        try await KubernetesCluster.run { cluster in
            let answer = try await cluster.apply(
                "/apis/apps/v1/namespaces/default/deployments/a",
                "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: \(spec)}")
            #expect(answer.status == 422)
            #expect(answer.json["message"]?.stringValue == "Deployment.apps \"a\" is invalid: \(problem)")
        }
    }

    @Test func aNumberWhereTextIsWantedIsABadRequest() async throws {
        try await KubernetesCluster.run { cluster in
            let answer = try await cluster.apply(
                "/apis/apps/v1/namespaces/default/deployments/a",
                """
                {apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {selector: {matchLabels: {app: a}},
                template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a, image: i, env: [{name: P, value: 8002}]}]}}}}
                """)
            #expect(answer.status == 400)
            #expect(
                answer.json["message"]?.stringValue?.contains("cannot unmarshal number into Go struct field EnvVar")
                    == true)
        }
    }

    @Test func aPatchOfAnUnknownTypeIsRefused() async throws {
        try await KubernetesCluster.run { cluster in
            let answer = try await cluster.send("PATCH", "\(Self.maps)/a", "{}", type: "application/json")
            #expect(answer.status == 415)
        }
    }

    @Test func anOldVersionIsAConflict() async throws {
        try await KubernetesCluster.run { cluster in
            let made = try await cluster.apply("\(Self.maps)/a", KubernetesManifests.configMap("a", "{x: '1'}"))
            try await cluster.apply("\(Self.maps)/a", KubernetesManifests.configMap("a", "{x: '2'}"))
            let answer = try await cluster.send("PUT", "\(Self.maps)/a", made.json.canonicalText)
            #expect(answer.status == 409)
            #expect(
                answer.json["message"]
                    == "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again"
            )
        }
    }

    @Test func pagesShowTheListAsItWasWhenTheFirstWasRead() async throws {
        try await KubernetesCluster.run { cluster in
            try await cluster.wait("v1", "ConfigMap", "kube-root-ca.crt") { _ in true }
            for name in ["a", "b", "c", "d", "e"] {
                try await cluster.apply("\(Self.maps)/\(name)", KubernetesManifests.configMap(name, "{}"))
            }
            var names: [String] = []
            var token = ""
            var counts: [Int] = []
            repeat {
                let page = try await cluster.send("GET", "\(Self.maps)?limit=2&continue=\(token)")
                #expect(page.status == 200)
                names += page.json["items"]?.arrayValue?.compactMap { $0.at(path: "metadata.name")?.stringValue } ?? []
                counts.append(page.json.at(path: "metadata.remainingItemCount")?.intValue ?? 0)
                token = page.json.at(path: "metadata.continue")?.stringValue ?? ""
                // What happens between the pages is not in them.
                try await cluster.send("DELETE", "\(Self.maps)/e")
            } while !token.isEmpty
            #expect(names == ["a", "b", "c", "d", "e", "kube-root-ca.crt"])
            #expect(counts == [4, 2, 0])
        }
    }

    @Test func aPageWhoseVersionIsForgottenIsExpired() async throws {
        try await KubernetesCluster.run { cluster in
            for name in ["a", "b"] {
                try await cluster.apply("\(Self.maps)/\(name)", KubernetesManifests.configMap(name, "{}"))
            }
            let page = try await cluster.send("GET", "\(Self.maps)?limit=1")
            let token = try #require(page.json.at(path: "metadata.continue")?.stringValue)
            try await cluster.apply("\(Self.maps)/c", KubernetesManifests.configMap("c", "{}"))
            cluster.standIn.forgetHistory()
            let answer = try await cluster.send("GET", "\(Self.maps)?limit=1&continue=\(token)")
            #expect(answer.status == 410)
            #expect(answer.json["reason"] == "Expired")
            #expect(answer.json.at(path: "metadata.continue")?.stringValue?.isEmpty == false)
        }
    }

    @Test(arguments: [
        ("labelSelector=app%3Da", ["a"]), ("labelSelector=app%20in%20(a,b)", ["a", "b"]),
        ("labelSelector=app,app!%3Da", ["b"]), ("fieldSelector=metadata.name%3Db", ["b"]),
        ("labelSelector=!app", ["kube-root-ca.crt"]),
    ])
    func selectorsChoose(query: String, names: [String]) async throws {
        try await KubernetesCluster.run { cluster in
            for name in ["a", "b"] {
                try await cluster.apply(
                    "\(Self.maps)/\(name)",
                    "{apiVersion: v1, kind: ConfigMap, metadata: {name: \(name), labels: {app: \(name)}}}")
            }
            try await cluster.wait("v1", "ConfigMap", "kube-root-ca.crt") { _ in true }
            let list = try await cluster.send("GET", "\(Self.maps)?\(query)")
            #expect(list.json["items"]?.arrayValue?.compactMap { $0.at(path: "metadata.name")?.stringValue } == names)
        }
    }

    @Test func aWatchTellsWhatChangedAfterAVersion() async throws {
        try await KubernetesCluster.run { cluster in
            try await cluster.wait("v1", "ConfigMap", "kube-root-ca.crt") { _ in true }
            let made = try await cluster.apply("\(Self.maps)/a", KubernetesManifests.configMap("a", "{x: '1'}"))
            let version = try #require(made.json.at(path: "metadata.resourceVersion")?.stringValue)
            try await cluster.apply("\(Self.maps)/a", KubernetesManifests.configMap("a", "{x: '2'}"))
            try await cluster.send("DELETE", "\(Self.maps)/a")
            let events = try await cluster.watch("\(Self.maps)?watch=true&resourceVersion=\(version)") {
                $0["type"] == "DELETED"
            }
            #expect(events.map { $0["type"] } == ["MODIFIED", "DELETED"])
        }
    }

    @Test func aWatchWithInitialEventsClosesThemWithABookmark() async throws {
        try await KubernetesCluster.run { cluster in
            try await cluster.apply("\(Self.maps)/a", KubernetesManifests.configMap("a", "{x: '1'}"))
            let events = try await cluster.watch(
                "\(Self.maps)?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&fieldSelector=metadata.name%3Da"
            ) { $0["type"] == "BOOKMARK" }
            #expect(events.map { $0["type"] } == ["ADDED", "BOOKMARK"])
            #expect(
                events.last?["object"]?["metadata"]?["annotations"] == ["k8s.io/initial-events-end": "true"])
        }
    }

    @Test func aWatchFromAForgottenVersionEndsWith410() async throws {
        try await KubernetesCluster.run { cluster in
            let made = try await cluster.apply("\(Self.maps)/a", KubernetesManifests.configMap("a", "{x: '1'}"))
            try await cluster.apply("\(Self.maps)/a", KubernetesManifests.configMap("a", "{x: '2'}"))
            cluster.standIn.forgetHistory()
            let version = try #require(made.json.at(path: "metadata.resourceVersion")?.stringValue)
            let events = try await cluster.watch("\(Self.maps)?watch=true&resourceVersion=\(version)") { _ in false }
            #expect(events.map { $0["type"] } == ["ERROR"])
            #expect(events.first?.at(path: "object.code") == 410)
            #expect(events.first?.at(path: "object.reason") == "Expired")
        }
    }

    @Test func aWatchEndsAfterItsTimeWithABookmark() async throws {
        try await KubernetesCluster.run { cluster in
            let events = try await cluster.watch(
                "/api/v1/namespaces/default/secrets?watch=true&timeoutSeconds=1&allowWatchBookmarks=true"
            ) { _ in false }
            #expect(events.map { $0["type"] } == ["BOOKMARK"])
        }
    }

    @Test func aTokenIsAskedForWhereOneIsSet() async throws {
        try await KubernetesCluster.run {
            $0.bearerToken = Secret("right")
        } _: { cluster in
            #expect(try await cluster.send("GET", "/api/v1/pods").status == 401)
            let wrong = try await cluster.send("GET", "/api/v1/pods", headers: [("Authorization", "Bearer wrong")])
            #expect(wrong.status == 401)
            let right = try await cluster.send("GET", "/api/v1/pods", headers: [("Authorization", "Bearer right")])
            #expect(right.status == 200)
            let kubeconfig = try await cluster.standIn.kubeconfig()
            #expect(kubeconfig.contains("{token: \"right\"}"))
        }
    }
}
