import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Kubernetes

/// Folders that define a kind and hold objects of it.
struct DefinitionTests {
    static let definition = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: widgets.acme.test}
        spec:
          group: acme.test
          scope: Namespaced
          names: {kind: Widget, plural: widgets, singular: widget, shortNames: [wd]}
          versions:
          - name: v1
            served: true
            storage: true
            schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
            subresources: {status: {}}
        """
    static let widget = """
        apiVersion: acme.test/v1
        kind: Widget
        metadata: {name: one, namespace: shop}
        spec: {size: "{{settings.size}}"}
        """

    private func folder(size: Int = 1) throws -> TemporaryFolder {
        let root = try TemporaryFolder()
        try root.write(DefinitionTests.widget, to: "pool/a.yaml")
        try root.write(DefinitionTests.definition, to: "pool/b.yaml")
        try root.write("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}", to: "pool/c.yaml")
        try root.write("settings: {size: \(size)}", to: "pool/deployment/settings.yaml")
        return root
    }

    private func apply(_ clusters: ClusterDirectory, _ root: TemporaryFolder) throws -> any RepeatableAction {
        try action("kubernetes.apply", ["folder": "pool"], clusters: clusters, root: root.url.path)
    }

    @Test func anObjectWhoseKindTheFolderDefinesIsAppliedWhenTheKindIsServed() async throws {
        let root = try folder()
        try await withStandIn { standIn, clusters in
            let made = try apply(clusters, root)
            let before = try await plan(made, context())
            #expect(before.changes.count == 2)
            #expect(before.knownLater.count == 1)
            #expect(before.knownLater[0].hasPrefix("Widget shop/one: when its kind is defined (content "))
            try root.write("settings: {size: 2}", to: "pool/deployment/settings.yaml")
            // What is filled in is in the plan, and so in its hash.
            #expect(try await plan(made, context()).knownLater != before.knownLater)
            try root.write("settings: {size: 1}", to: "pool/deployment/settings.yaml")

            #expect(try await made.perform(context())["summary"] == "3 objects, 3 changed")
            let one = standIn.object(apiVersion: "acme.test/v1", kind: "Widget", namespace: "shop", name: "one")
            #expect(one?["spec"] == ["size": 1])
            #expect(try await plan(made, context()) == ActionPlan(changes: []))
            try root.write("settings: {size: 2}", to: "pool/deployment/settings.yaml")
            #expect(try await plan(made, context()).changes == ["Widget shop/one: spec.size: 1 → 2"])
            #expect(try await made.perform(context())["summary"] == "3 objects, 1 changed")
        }
    }

    @Test func aDefinitionOfAnotherGroupDefinesNothing() async throws {
        let root = try folder()
        try root.write(DefinitionTests.widget.replacing("acme.test", with: "other.test"), to: "pool/a.yaml")
        try await withStandIn { _, clusters in
            let error = await refusal { _ = try await plan(try apply(clusters, root), context()) }
            #expect(error?.message == "pool/a.yaml:1: cluster test does not know Widget of other.test/v1")
        }
    }

    @Test func namesThatAreTakenEndItAtOnce() async throws {
        let root = try folder()
        try await withStandIn { _, clusters in
            _ = try await apply(clusters, root).perform(context())
            let other = try TemporaryFolder()
            try other.write(
                DefinitionTests.definition.replacing("widgets", with: "wodgets"), to: "pool/b.yaml")
            let error = await refusal { _ = try await apply(clusters, other).perform(context()) }
            #expect(error?.message.contains("its names are not accepted: \"Widget\" is already in use") == true)
            #expect(error?.mayHaveTakenEffect == true)
        }
    }

    @Test func aDefinitionThatIsNeverEstablishedIsGivenUpAfterAMinute() async throws {
        let store = ObjectStore { asked in
            guard asked.path == "/apis/apiextensions.k8s.io/v1" else { return nil }
            return .json([
                "resources": [
                    ["name": "customresourcedefinitions", "kind": "CustomResourceDefinition", "namespaced": false]
                ]
            ])
        }
        let root = try TemporaryFolder()
        try root.write(DefinitionTests.definition, to: "pool/b.yaml")
        let time = VirtualTime(now: Date(timeIntervalSince1970: 1_800_000_000))
        let begin = time.now
        let clock = Task {
            while !Task.isCancelled {
                await time.untilSleeping(1)
                time.advance(by: .seconds(1))
            }
        }
        let error = try await withCluster({ store.answer($0) }) { clusters in
            await refusal { _ = try await apply(clusters, root).perform(context(time: time)) }
        }
        clock.cancel()
        #expect(
            error?.message
                == "CustomResourceDefinition widgets.acme.test was applied, but after 1m it is not established yet")
        #expect(error?.mayHaveTakenEffect == true)
        #expect(time.now.timeIntervalSince(begin) >= 60)
        #expect(time.now.timeIntervalSince(begin) < 65)
    }
}
