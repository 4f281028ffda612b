import Domain
import TestSupport
import Testing

@testable import Sandbox

/// The table of merging rules and the objects that come back, beside Kubernetes' published document.
@Suite(.enabled(if: WireData.isThere)) struct KubernetesSchemaTests {
    private struct Document {
        let definitions: [String: JSONValue]

        init() throws {
            let json = try JSONValue(parsing: try WireData.bytes("kubernetes/openapi-v2/definitions.json"))
            definitions = (json["definitions"] ?? json).objectValue ?? [:]
        }

        func name(_ kind: ResourceKind) -> String? {
            definitions.first { _, definition in
                definition["x-kubernetes-group-version-kind"]?.arrayValue?.contains(
                    [
                        "group": .string(kind.group), "version": .string(kind.version), "kind": .string(kind.kind),
                    ]) ?? false
            }?.key
        }

        static func reference(_ property: JSONValue?) -> String? {
            property?["$ref"]?.stringValue?.split(separator: "/").last.map(String.init)
        }

        /// Every rule of a kind that differs from the default, by path.
        func rules(_ name: String, _ path: String, _ depth: Int = 0) -> [String: FieldSchema.Rule] {
            guard depth < 16 else { return [:] }
            var rules: [String: FieldSchema.Rule] = [:]
            for (field, property) in definitions[name]?["properties"]?.objectValue ?? [:] {
                let place = path.isEmpty ? field : "\(path).\(field)"
                let isList = property["type"] == "array"
                let inner = Document.reference(isList ? property["items"] : property)
                let keys = property["x-kubernetes-list-map-keys"]?.arrayValue?.compactMap(\.stringValue) ?? []
                switch (isList, property["x-kubernetes-list-type"]?.stringValue) {
                case (true, "map"): rules[place] = .items(keys: keys)
                case (true, "set"): rules[place] = .set
                case (true, _): continue
                default:
                    let type =
                        property["x-kubernetes-map-type"] ?? inner.flatMap { definitions[$0]?["x-kubernetes-map-type"] }
                    if type == "atomic" {
                        rules[place] = .atomic
                        continue
                    }
                }
                if let inner { rules.merge(self.rules(inner, place, depth + 1)) { first, _ in first } }
            }
            return rules
        }

        /// Members that a definition requires and a value lacks.
        func missing(_ name: String, _ value: JSONValue, _ path: String) -> [String] {
            let definition = definitions[name]
            var missing = (definition?["required"]?.arrayValue ?? []).compactMap(\.stringValue)
                .filter { value[$0] == nil }.map { "\(path).\($0)" }
            for (field, property) in definition?["properties"]?.objectValue ?? [:] {
                guard let member = value[field] else { continue }
                if let inner = Document.reference(property) {
                    missing += self.missing(inner, member, "\(path).\(field)")
                } else if let inner = Document.reference(property["items"]) {
                    for item in member.arrayValue ?? [] { missing += self.missing(inner, item, "\(path).\(field)[]") }
                }
            }
            return missing
        }

        /// Members that a definition does not know.
        func unknown(_ name: String, _ value: JSONValue, _ path: String) -> [String] {
            guard let properties = definitions[name]?["properties"]?.objectValue, let members = value.objectValue else {
                return []
            }
            return members.flatMap { field, member -> [String] in
                guard let property = properties[field] else { return ["\(path).\(field)"] }
                if let inner = Document.reference(property) { return unknown(inner, member, "\(path).\(field)") }
                guard let inner = Document.reference(property["items"]) else { return [] }
                return (member.arrayValue ?? []).flatMap { unknown(inner, $0, "\(path).\(field)[]") }
            }
        }
    }

    // The published document at hand is that of Kubernetes' own API, without the one of definitions and drivers.
    @Test(
        arguments: ResourceKind.all.filter { ![.customResourceDefinition, .storageDriver].contains($0) }.map(\.kind))
    func theMergingRulesAreKubernetesOwn(name: String) throws {
        let kind = try #require(ResourceKind.all.first { $0.kind == name })
        let document = try Document()
        let published = document.rules(try #require(document.name(kind)), "")
        #expect(FieldSchema.lines(kind) == published)
    }

    @Test func whatComesBackHasAllRequiredMembersAndNoUnknownOnes() async throws {
        let document = try Document()
        try await KubernetesCluster.run { cluster in
            try await cluster.apply(
                "/apis/apps/v1/namespaces/default/deployments/web", KubernetesManifests.deployment("web"))
            try await cluster.apply(
                "/apis/batch/v1/namespaces/default/jobs/m",
                """
                {apiVersion: batch/v1, kind: Job, metadata: {name: m}, spec: {template: {spec:
                {restartPolicy: Never, containers: [{name: m, image: "registry.example.com/m:1"}]}}}}
                """)
            try await cluster.apply(
                "/api/v1/namespaces/default/services/web",
                "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}}"
            )
            try await cluster.apply(
                "/apis/policy/v1/namespaces/default/poddisruptionbudgets/web",
                "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: web}, spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}}"
            )
            try await cluster.wait("apps/v1", "Deployment", "web") { $0.at(path: "status.availableReplicas") == 2 }
            try await cluster.wait("batch/v1", "Job", "m") { $0.at(path: "status.succeeded") == 1 }
            var seen: Set<String> = []
            for kind in ResourceKind.all {
                guard let name = document.name(kind) else { continue }
                for object in cluster.standIn.objects(apiVersion: kind.apiVersion, kind: kind.kind) {
                    seen.insert(kind.kind)
                    #expect(document.missing(name, object, kind.kind) == [])
                    #expect(document.unknown(name, object, kind.kind) == [])
                }
            }
            #expect(seen.isSuperset(of: ["Pod", "Deployment", "ReplicaSet", "Event", "Endpoints", "Job", "Service"]))
        }
    }
}
