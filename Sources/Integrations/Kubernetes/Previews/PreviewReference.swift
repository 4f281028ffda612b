import Domain

/// Which preview an action is about: its namespace, or the pull request that it shows.
struct PreviewReference: Sendable {
    private let namespace: String?
    private let repository: String?
    private let number: Int?

    init(_ input: inout InputReader) {
        namespace = input.optionalText(
            "namespace", "Name of the preview's namespace; or give repository and number", pattern: NamePattern.label)
        repository = input.optionalText("repository", "The pull request's repository: acme/api")
        number = input.optionalInteger("number", "The pull request's number", in: 1...Int(Int32.max))
    }

    /// For people: the namespace, or `acme/api#42`.
    var description: String { namespace ?? "\(repository ?? "?")#\(number.map(String.init) ?? "?")" }

    /// The namespace, with its object; nil when there is no such preview. Throws `KubernetesError`, or `ActionError` when
    /// it is no preview or nothing says which is meant.
    func find(_ client: KubernetesClient) async throws -> (object: ClusterObject, preview: Preview)? {
        let previews = PreviewNamespaces(client: client)
        if let namespace { return try await previews.find(namespace) }
        guard let repository, let number else {
            throw ActionError("nothing says which preview is meant", hint: "give namespace, or repository and number")
        }
        // GitHub's names have no case.
        let wanted = repository.lowercased()
        guard
            let found = try await previews.all().first(where: {
                $0.repository.lowercased() == wanted && $0.number == number
            })
        else { return nil }
        return try await previews.find(found.namespace)
    }
}
