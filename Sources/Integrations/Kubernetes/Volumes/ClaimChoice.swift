import Domain

/// The claims that an action is about: one by its name, or those that a StatefulSet made from one of its templates.
struct ClaimChoice: Sendable {
    let namespace: String
    private let claim: String?
    private let statefulSet: String?
    private let template: String?

    init(_ input: inout InputReader) {
        namespace = input.text("namespace", "Namespace of the claims", pattern: NamePattern.label)
        claim = input.optionalText("claim", "Name of one PersistentVolumeClaim", pattern: NamePattern.subdomain)
        statefulSet = input.optionalText(
            "stateful_set", "Instead of 'claim': a StatefulSet, all of whose claims are meant",
            pattern: NamePattern.subdomain)
        template = input.optionalText(
            "template", "Which of the StatefulSet's volumeClaimTemplates; needed when it has several",
            pattern: NamePattern.subdomain)
    }

    var title: String {
        statefulSet.map { "the volumes of StatefulSet \(namespace)/\($0)" }
            ?? "the volume of PersistentVolumeClaim \(namespace)/\(claim ?? "")"
    }

    /// At least one. Throws `KubernetesError`, or `ActionError` when none is meant or there.
    func find(_ client: KubernetesClient) async throws -> [ClusterObject] {
        switch (claim, statefulSet) {
        case (let claim?, nil): return [try await client.get(.volumeClaims, namespace: namespace, name: claim)]
        case (nil, let set?): return try await claims(of: set, client)
        case (nil, nil), (.some, .some):
            throw ActionError("which volumes are meant is not clear", hint: "give one of 'claim' and 'stateful_set'")
        }
    }

    private func claims(of name: String, _ client: KubernetesClient) async throws -> [ClusterObject] {
        let set = try await client.get(.statefulSets, namespace: namespace, name: name)
        let templates = (set["spec", "volumeClaimTemplates"]?.arrayValue ?? [])
            .compactMap { $0["metadata"]?["name"]?.stringValue }
        guard !templates.isEmpty else {
            throw ActionError("\(set.title) has no volumeClaimTemplates", hint: "name a claim with 'claim'")
        }
        guard let chosen = template ?? (templates.count == 1 ? templates[0] : nil), templates.contains(chosen) else {
            throw ActionError(
                template.map { "\(set.title) has no volumeClaimTemplate \($0)" }
                    ?? "\(set.title) has several volumeClaimTemplates",
                hint: "name one with 'template': \(templates.joined(separator: ", "))")
        }
        let start = "\(chosen)-\(name)-"
        let found = try await client.list(.volumeClaims, namespace: namespace).objects
            .filter { $0.name.hasPrefix(start) && Int($0.name.dropFirst(start.count)) != nil }
            .sorted { $0.name < $1.name }
        guard !found.isEmpty else {
            throw ActionError("\(set.title) has no claims yet: none is named \(start)0", hint: "scale it up first")
        }
        return found
    }
}
