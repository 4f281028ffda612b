import Domain
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

struct ManifestTests {
    private static let settings = """
        images: {api: "registry.test/api:1.2"}
        settings: {replicas: 3, debug: true, port: 8002, resources: {limits: {memory: 1Gi}}, names: [a, b]}
        """

    private func read(
        _ manifest: String, variables: [String: String] = [:], environment: [String: String] = [:]
    ) throws -> [Manifest] {
        let scope = try ManifestScope(
            files: [.init(path: "d/settings.yaml", text: ManifestTests.settings)], environment: environment,
            variables: variables)
        return try Manifest.read([.init(path: "d/m.yaml", text: manifest)], scope: scope)
    }

    private static func object(_ spec: String) -> String {
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: ns}\nspec: \(spec)\n"
    }

    @Test func aWholeTemplateKeepsTheKindOfTheSetting() throws {
        let spec = try read(
            ManifestTests.object(
                #"{replicas: "{{settings.replicas}}", image: "{{images.api}}", debug: "{{settings.debug}}", r: "{{settings.resources}}"}"#
            ))[0].object["spec"]
        #expect(
            spec == [
                "replicas": 3, "image": "registry.test/api:1.2", "debug": true, "r": ["limits": ["memory": "1Gi"]],
            ])
    }

    @Test func whereTextIsWantedASettingBecomesText() throws {
        let spec = try read(
            ManifestTests.object(
                #"{env: [{name: PORT, value: "{{settings.port}}"}], args: ["{{settings.port}}"], labels: {p: "{{settings.port}}"}, url: "http://h:{{settings.port}}/"}"#
            ))[0].object["spec"]
        #expect(
            spec == [
                "env": [["name": "PORT", "value": "8002"]], "args": ["8002"], "labels": ["p": "8002"],
                "url": "http://h:8002/",
            ])
    }

    @Test func everyOtherPairOfBracesStays() throws {
        let text =
            "{{ instance }} {{.Values.x}} {{$labels.job}} {{settings}} {{ settings.port }} {{{settings.port}}} {{"
        let spec = try read(ManifestTests.object("{text: \"\(text)\"}"))[0].object["spec"]
        #expect(
            spec?["text"]?.stringValue
                == "{{ instance }} {{.Values.x}} {{$labels.job}} {{settings}} {{ settings.port }} {8002} {{")
    }

    @Test func aVariableGoesBeforeTheFileAndTakesItsKind() throws {
        let spec = try read(
            ManifestTests.object(
                #"{replicas: "{{settings.replicas}}", host: "{{env.DOMAIN}}", new: "{{images.new}}"}"#),
            variables: ["settings.replicas": "5", "env.DOMAIN": "b.test", "images.new": "x:1"],
            environment: ["DOMAIN": "a.test"])[0].object["spec"]
        #expect(spec == ["replicas": 5, "host": "b.test", "new": "x:1"])
    }

    @Test func whatIsFilledInNeverBecomesYAML() throws {
        let spec = try read(
            ManifestTests.object(#"{host: "{{env.X}}"}"#),
            environment: ["X": "a\nadmin: true\n---\nkind: Secret # {{settings.port}}"])[0].object["spec"]
        #expect(spec == ["host": "a\nadmin: true\n---\nkind: Secret # {{settings.port}}"])
    }

    @Test func aPathThatIsNotInTheSettingsIsAnErrorWithItsPlace() throws {
        let error = #expect(throws: ActionError.self) {
            try read(ManifestTests.object("\n  a: 1\n  image: \"{{images.apu}}\"\n  b: \"{{env.GONE}}\""))
        }
        #expect(error?.message.contains("2 problems") == true)
        #expect(
            error?.details?.contains(
                "d/m.yaml:6:11: {{images.apu}} is not in d/settings.yaml; did you mean {{images.api}}?")
                == true)
        #expect(error?.details?.contains("{{env.GONE}} is not in the environment") == true)
        #expect(error?.retry == .never)
    }

    @Test func aTemplateWithoutQuotesIsExplained() throws {
        let error = #expect(throws: ActionError.self) {
            try read(ManifestTests.object("{replicas: {{settings.replicas}}}"))
        }
        #expect(error?.message.contains("stands in quotes") == true)
    }

    @Test func kindsAreAppliedInTheOrderInWhichTheyNeedEachOther() {
        let kinds = [
            "Ingress", "Deployment", "ConfigMap", "Widget", "Namespace", "HorizontalPodAutoscaler", "Secret", "Service",
            "PodDisruptionBudget", "NetworkPolicy", "StatefulSet", "Role", "ServiceAccount", "RoleBinding",
            "PersistentVolumeClaim", "CustomResourceDefinition",
        ].map { Manifest(object: ClusterObject(["kind": .string($0)]), file: "") }
        #expect(
            ApplyOrder.sorted(kinds).map(\.kind) == [
                "Namespace", "CustomResourceDefinition", "NetworkPolicy", "ServiceAccount", "Secret", "ConfigMap",
                "Role", "RoleBinding", "PersistentVolumeClaim", "Service", "StatefulSet", "Deployment",
                "HorizontalPodAutoscaler", "PodDisruptionBudget", "Widget", "Ingress",
            ])
    }

    @Test func whatAnAutoscalerCountsIsNotSet() throws {
        let scaler = """
            ---
            apiVersion: autoscaling/v2
            kind: HorizontalPodAutoscaler
            metadata: {name: api, namespace: ns}
            spec: {scaleTargetRef: {kind: Deployment, name: api}}
            """
        let manifests = try read(ManifestTests.object("{replicas: 2, paused: false}") + scaler)
        #expect(manifests[0].object["spec"] == ["paused": false])
    }

    @Test func aNamespaceThatYAMLTakesForABooleanIsAProblem() throws {
        let error = #expect(throws: ActionError.self) {
            try read(ManifestTests.object("{}").replacing("ns}", with: "n}"))
        }
        #expect(error?.message.contains("the namespace of Deployment api is no text") == true)
    }

    @Test func theSameObjectTwiceAndOneWithoutANameAreProblems() throws {
        let error = #expect(throws: ActionError.self) {
            try read(ManifestTests.object("{}") + "---\n" + ManifestTests.object("{}") + "---\n{kind: Secret}\n")
        }
        #expect(
            error?.details?.contains("d/m.yaml:6: Deployment ns/api is in d/m.yaml:1 already") == true,
            "\(String(describing: error))"
        )
        #expect(error?.details?.contains("lacks one of") == true)
    }
}

struct ManifestFolderTests {
    @Test func allManifestsButThoseOfDeploymentAreRead() throws {
        let root = try TemporaryFolder()
        for name in [
            "p/b.yaml", "p/a/z.yml", "p/deployment/settings.yaml", "p/.hidden.yaml", "p/a/deployment/k.yaml",
            "p/readme.md",
        ] {
            try root.write("a: 1", to: name)
        }
        let files = try ManifestFolder(root: root.url.path).manifests(in: "p")
        #expect(files.map(\.path) == ["p/a/deployment/k.yaml", "p/a/z.yml", "p/b.yaml"])
    }

    @Test(arguments: ["../other", "/etc", "p/../../other", "link", "", "p/link.yaml"])
    func nothingOutsideOfTheRootIsRead(path: String) throws {
        let place = try TemporaryFolder()
        try place.write("a: 1", to: "root/p/a.yaml")
        try place.write("secret: 1", to: "other/b.yaml")
        let manager = FileManager.default
        try manager.createSymbolicLink(atPath: place.path("root/link"), withDestinationPath: place.path("other"))
        try manager.createSymbolicLink(
            atPath: place.path("root/p/link.yaml"), withDestinationPath: place.path("other/b.yaml"))
        let reader = ManifestFolder(root: place.path("root"))
        let error = #expect(throws: ActionError.self) {
            _ = path.hasSuffix(".yaml") ? [try reader.file(path)] : try reader.manifests(in: path)
        }
        #expect(error?.message.contains("outside") == true)
        #expect(throws: ActionError.self) { try reader.manifests(in: "p") }
    }
}
