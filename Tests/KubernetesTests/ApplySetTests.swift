import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Kubernetes

/// `kubernetes.apply` with `prune`, against an API server in memory.
struct ApplySetTests {
    private static let parent = "defimon-set-pool-27cac55038"
    private static let id = "applyset-3ERB6YfCNyHni_vjCx8ezdfgU9eZsI4ZC9UafXrzxpE-v1"

    private static func config(_ name: String, namespace: String = "shop") -> String {
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: \(name), namespace: \(namespace)}, data: {a: b}}"
    }

    /// The names of the ConfigMaps of a folder's.
    private static func write(_ names: [String], _ root: TemporaryFolder, folder: String = "pool") throws {
        try root.write(names.map { config($0) }.joined(separator: "\n---\n"), to: "\(folder)/all.yaml")
    }

    private struct World: Sendable {
        var standIn: KubernetesStandIn
        var clusters: ClusterDirectory
        var root: TemporaryFolder

        func apply(_ more: [String: JSONValue] = [:]) throws -> any RepeatableAction & Sendable {
            let inputs: [String: JSONValue] = ["folder": "pool", "prune": true]
            return try action(
                "kubernetes.apply", inputs.merging(more) { $1 }, clusters: clusters, root: root.url.path)
        }

        func object(_ name: String, kind: String = "ConfigMap", namespace: String = "shop") -> JSONValue? {
            standIn.object(apiVersion: "v1", kind: kind, namespace: namespace, name: name)
        }

        var parent: JSONValue? { object(ApplySetTests.parent) }

        func names(_ namespace: String = "shop") -> [String] {
            standIn.objects(apiVersion: "v1", kind: "ConfigMap", namespace: namespace)
                .compactMap { $0["metadata"]?["name"]?.stringValue }
                .filter { $0 != "kube-root-ca.crt" && !$0.hasPrefix("defimon-set-") }.sorted()
        }

        func client() throws -> KubernetesClient { try clusters.client("test") }
    }

    private func run(_ body: @escaping @Sendable (World) async throws -> Void) async throws {
        let root = try TemporaryFolder()
        try await withStandIn { standIn, clusters in
            for name in ["shop", "annex"] {
                let ensure = try action("kubernetes.namespace-ensure", ["namespace": .string(name)], clusters: clusters)
                _ = try await ensure.perform(context())
            }
            try await body(World(standIn: standIn, clusters: clusters, root: root))
        }
    }

    private static let six = ["a", "b", "c", "d", "e", "f"]

    @Test func membersAndParentCarryWhatTheProposalSays() async throws {
        try await run { world in
            try ApplySetTests.write(["a"], world.root)
            try world.root.write(ApplySetTests.config("far", namespace: "annex"), to: "pool/far.yaml")
            let made = try world.apply(["set_namespace": "shop"])
            _ = try await made.perform(context())
            let label = world.object("a")?["metadata"]?["labels"]?["applyset.kubernetes.io/part-of"]
            #expect(label?.stringValue == ApplySetTests.id)
            let metadata = world.parent?["metadata"]
            #expect(metadata?["labels"]?["applyset.kubernetes.io/id"]?.stringValue == ApplySetTests.id)
            #expect(
                metadata?["annotations"]
                    == [
                        "applyset.kubernetes.io/tooling": "defimon/v1",
                        "applyset.kubernetes.io/contains-group-kinds": "ConfigMap",
                        "applyset.kubernetes.io/additional-namespaces": "annex",
                    ])
            #expect(try await plan(made, context()) == ActionPlan(changes: []))
        }
    }

    @Test func whatTheFolderHoldsNoMoreIsShownAndDeleted() async throws {
        try await run { world in
            try ApplySetTests.write(ApplySetTests.six, world.root)
            try world.root.write(
                "{apiVersion: v1, kind: Secret, metadata: {name: key, namespace: shop}, stringData: {a: b}}",
                to: "pool/secret.yaml")
            let made = try world.apply()
            _ = try await made.perform(context())
            let kinds = "applyset.kubernetes.io/contains-group-kinds"
            #expect(world.parent?["metadata"]?["annotations"]?[kinds] == "ConfigMap,Secret")
            try ApplySetTests.write(Array(ApplySetTests.six.dropLast()), world.root)
            try FileManager.default.removeItem(atPath: world.root.path("pool/secret.yaml"))
            let planned = try await plan(made, context())
            #expect(
                planned == ActionPlan(changes: ["ConfigMap shop/f: deleted", "Secret shop/key: deleted"], deletions: 2))
            #expect(world.names() == ApplySetTests.six)
            let result = try await made.perform(context())
            #expect(result["summary"] == "5 objects, 0 changed, 2 deleted")
            #expect(result["deleted"] == 2)
            #expect(world.names() == ["a", "b", "c", "d", "e"])
            #expect(world.object("key", kind: "Secret") == nil)
            #expect(world.parent?["metadata"]?["annotations"]?[kinds] == "ConfigMap")
        }
    }

    @Test func withoutPruneNothingGoesAndMembersStayMembers() async throws {
        try await run { world in
            try ApplySetTests.write(ApplySetTests.six, world.root)
            _ = try await world.apply().perform(context())
            try ApplySetTests.write(["a", "b"], world.root)
            let plain = try world.apply(["prune": false])
            #expect(try await plain.perform(context())["summary"] == "2 objects, 0 changed")
            #expect(world.names() == ApplySetTests.six)
            #expect(world.object("a")?["metadata"]?["labels"]?["applyset.kubernetes.io/part-of"] != nil)
        }
    }

    @Test func whatHasNoLabelOfTheSetIsNeverDeleted() async throws {
        try await run { world in
            // From before there were sets, and by somebody else's hand.
            try ApplySetTests.write(ApplySetTests.six, world.root)
            _ = try await world.apply(["prune": false]).perform(context())
            try ApplySetTests.write(["a", "b", "c", "d", "e"], world.root)
            #expect(try await world.apply().perform(context())["deleted"] == 0)
            #expect(world.names() == ApplySetTests.six)
        }
    }

    @Test func whatTheBotsManagerDoesNotManageIsLeft() async throws {
        try await run { world in
            try ApplySetTests.write(["a", "b"], world.root)
            _ = try await world.apply().perform(context())
            let stolen: JSONValue = [
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": [
                    "name": "theirs",
                    "labels": [
                        "applyset.kubernetes.io/part-of": .string(ApplySetTests.id),
                        "app.kubernetes.io/managed-by": "defimon",
                    ],
                ],
            ]
            let client = try world.client()
            _ = try await client.create(ApplySet.parentType, namespace: "shop", stolen)
            #expect(try await plan(try world.apply(), context()) == ActionPlan(changes: []))
            let result = try await world.apply().perform(context())
            #expect(result["deleted"] == 0)
            #expect(
                result["details"]?.stringValue?.contains("ConfigMap shop/theirs: not in the folder, and left") == true)
            #expect(world.names() == ["a", "b", "theirs"])
        }
    }

    // MARK: The guard

    /// Members, those that go, `prune_limit`, and whether it is refused: at most the limit, and at most a third.
    @Test(
        arguments: [
            (18, 5, 5, false), (18, 6, 5, true), (18, 6, 6, false), (6, 2, 5, false), (6, 3, 5, true), (5, 2, 5, true),
            (3, 1, 5, false), (2, 1, 5, true), (4, 1, 0, true),
        ])
    func theGuardsEdges(members: Int, going: Int, limit: Int, isRefused: Bool) {
        let rule = PruneRule(limit: limit, isAnyway: false, allowed: [])
        let objects = (0..<going).map { ClusterObject(["kind": "ConfigMap", "metadata": ["name": .string("c\($0)")]]) }
        #expect((rule.refusal(objects, of: members) != nil) == isRefused)
        #expect(PruneRule(limit: limit, isAnyway: true, allowed: []).refusal(objects, of: members) == nil)
    }

    @Test func tooManyAtOnceAreRefusedBeforeAnythingIsChanged() async throws {
        try await run { world in
            try ApplySetTests.write(ApplySetTests.six, world.root)
            _ = try await world.apply().perform(context())
            try ApplySetTests.write(["a", "b", "new"], world.root)
            let planned = try await plan(try world.apply(), context())
            #expect(planned.deletions == 4)
            #expect(planned.knownLater.count == 1)
            #expect(planned.knownLater[0].hasPrefix("the step refuses: 4 objects would be deleted"))
            let error = await refusal { _ = try await world.apply().perform(context()) }
            #expect(
                error?.message
                    == "4 objects would be deleted, which is more than a third of the 6 that the folder has in the cluster: "
                    + "ConfigMap shop/c, ConfigMap shop/d, ConfigMap shop/e, ConfigMap shop/f")
            #expect(error?.hint?.contains("'prune_anyway'") == true)
            #expect(world.names() == ApplySetTests.six)
            #expect(try await world.apply(["prune_anyway": true]).perform(context())["deleted"] == 4)
            #expect(world.names() == ["a", "b", "new"])
        }
    }

    @Test func pruneAndOnlyDoNotGoTogether() {
        for inputs: [String: JSONValue] in [["only": ["all.yaml"]], ["prune_kinds": ["Pod"]], ["prune_limit": 1001]] {
            let all = inputs.merging(["folder": "pool", "prune": true]) { $1 }
            #expect(throws: Problem.self) { try action("kubernetes.apply", all, clusters: ClusterDirectory()) }
        }
        #expect(throws: Never.self) {
            try action(
                "kubernetes.apply", ["folder": "p", "prune": true, "prune_limit": 1000, "prune_kinds": ["Namespace"]],
                clusters: ClusterDirectory())
        }
    }

    // MARK: Kinds

    @Test func namespacesClaimsAndDefinitionsGoOnlyWhereTheDefinitionSaysSo() async throws {
        let claim =
            "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, namespace: shop}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}"
        try await run { world in
            for allowed in [false, true] {
                try ApplySetTests.write(ApplySetTests.six, world.root)
                try world.root.write(claim, to: "pool/claim.yaml")
                let made = try world.apply(allowed ? ["prune_kinds": ["PersistentVolumeClaim"]] : [:])
                _ = try await made.perform(context())
                try FileManager.default.removeItem(atPath: world.root.path("pool/claim.yaml"))
                #expect(try await made.perform(context())["deleted"]?.intValue == (allowed ? 1 : 0))
                #expect((world.object("data", kind: "PersistentVolumeClaim") == nil) == allowed)
            }
        }
    }

    // MARK: Several sets

    @Test func foldersOfOneNamespaceLeaveEachOthersObjects() async throws {
        try await run { world in
            try ApplySetTests.write(["a", "b", "c"], world.root)
            try ApplySetTests.write(["u", "v", "w"], world.root, folder: "other")
            _ = try await world.apply().perform(context())
            #expect(try await world.apply(["folder": "other"]).perform(context())["deleted"] == 0)
            #expect(try await world.apply().perform(context())["deleted"] == 0)
            #expect(world.names() == ["a", "b", "c", "u", "v", "w"])
            try ApplySetTests.write(["u", "v", "a"], world.root, folder: "other")
            let error = await refusal { _ = try await world.apply(["folder": "other"]).perform(context()) }
            #expect(
                error?.message.contains("ConfigMap shop/a of other/all.yaml:5 belongs to the objects of another folder")
                    == true)
        }
    }

    @Test func aSetIsNamedByItsFolderItsRepositoryAndItsNamespaceButNotByACommit() {
        let set = ApplySet(folder: "pool", tree: nil, namespace: "shop")
        #expect(set.name == ApplySetTests.parent)
        #expect(set.id == ApplySetTests.id)
        let others = [
            ApplySet(folder: "pool", tree: nil, namespace: "pr-1"),
            ApplySet(folder: "po-ol", tree: nil, namespace: "shop"),
            ApplySet(folder: "po/ol", tree: nil, namespace: "shop"),
            ApplySet(folder: "pool", tree: "acme.api-0123abc", namespace: "shop"),
            ApplySet(folder: "pool", tree: "acme.web-0123abc", namespace: "shop"),
        ]
        #expect(Set(others.map(\.id) + [set.id]).count == 6)
        #expect(
            ApplySet(folder: "pool", tree: "acme.api-9999999", namespace: "shop").id == others[3].id)
        let long = ApplySet(folder: String(repeating: "Deep_Folder/", count: 40), tree: nil, namespace: "shop")
        #expect(long.name.count <= 63)
        #expect(NamePattern.label?.matches(long.name) == true)
        #expect(set.id.count <= 63)
    }

    @Test func objectsOfSeveralNamespacesNeedAPlaceForTheRecord() async throws {
        try await run { world in
            try ApplySetTests.write(["a"], world.root)
            try world.root.write(ApplySetTests.config("far", namespace: "annex"), to: "pool/far.yaml")
            let error = await refusal { _ = try await world.apply().perform(context()) }
            #expect(error?.hint == "say with 'set_namespace' where it is kept")
            let made = try world.apply(["set_namespace": "shop", "prune_anyway": true])
            _ = try await made.perform(context())
            try FileManager.default.removeItem(atPath: world.root.path("pool/far.yaml"))
            #expect(try await plan(made, context()).changes == ["ConfigMap annex/far: deleted"])
            #expect(try await made.perform(context())["deleted"] == 1)
            #expect(world.names("annex").isEmpty)
        }
    }

    @Test func aRecordOfAnotherToolIsNotTouched() async throws {
        try await run { world in
            try ApplySetTests.write(["a"], world.root)
            let client = try world.client()
            _ = try await client.create(
                ApplySet.parentType, namespace: "shop",
                [
                    "apiVersion": "v1", "kind": "ConfigMap",
                    "metadata": [
                        "name": .string(ApplySetTests.parent),
                        "annotations": ["applyset.kubernetes.io/tooling": "kubectl/v1.36"],
                    ],
                ])
            let error = await refusal { _ = try await world.apply().perform(context()) }
            #expect(error?.message.contains("is not the bot's (tooling: kubectl/v1.36)") == true)
            #expect(world.names().isEmpty)
        }
    }

    // MARK: In between

    @Test func theRecordNamesAllKindsOfBeforeAndNowUntilTheyAreGone() async throws {
        let secret = "{apiVersion: v1, kind: Secret, metadata: {name: key, namespace: shop}, stringData: {a: b}}"
        try await run { world in
            let kinds = "applyset.kubernetes.io/contains-group-kinds"
            try ApplySetTests.write(ApplySetTests.six, world.root)
            try world.root.write(secret, to: "pool/more.yaml")
            _ = try await world.apply().perform(context())
            // Now the deployment takes the Secret's place, and is refused: the record must know both.
            try world.root.write(
                "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {}}",
                to: "pool/more.yaml")
            let error = await refusal { _ = try await world.apply().perform(context()) }
            #expect(error?.message.contains("Deployment shop/web of pool/more.yaml:1 cannot be applied") == true)
            #expect(world.parent?["metadata"]?["annotations"]?[kinds] == "ConfigMap,Deployment.apps,Secret")
            #expect(world.object("key", kind: "Secret") != nil)
            try FileManager.default.removeItem(atPath: world.root.path("pool/more.yaml"))
            #expect(try await world.apply().perform(context())["deleted"] == 1)
            #expect(world.parent?["metadata"]?["annotations"]?[kinds] == "ConfigMap")
        }
    }

    @Test func whatWasMadeAnewMeanwhileIsAnotherObjectAndStays() async throws {
        try await run { world in
            try ApplySetTests.write(ApplySetTests.six, world.root)
            _ = try await world.apply().perform(context())
            let client = try world.client()
            let live = try await client.get(ApplySet.parentType, namespace: "shop", name: "f")
            try await client.delete(ApplySet.parentType, namespace: "shop", name: "f", uid: live.uid)
            _ = try await client.create(
                ApplySet.parentType, namespace: "shop",
                ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "f"]])
            let lines = try await SetKeeper.delete(
                [.init(object: live, type: ApplySet.parentType)], ClusterTarget("test", world.clusters)
            ) { _ in }
            #expect(lines == ["ConfigMap shop/f: left, it is another object by now"])
            #expect(world.names().contains("f"))
        }
    }
}
