import Domain
import Outbound

/// Which files say what a pool has at Google Cloud.
struct PoolInputs: Sendable {
    static let mostFiles = 10

    private let files: [String]
    private let values: [String: JSONValue]
    private let folder: DefinitionsFolder

    init(_ input: inout InputReader, root: String) {
        files = input.texts(
            "files",
            "Files that list the pool's things, in the folder deployment of the pool, such as "
                + "deploy/infrastructure-pool/deployment/google-network.yaml", isRequired: true)
        let values = input.any("values", "What the files name as values.x beside settings.x and images.x")
        self.values = values.objectValue ?? [:]
        folder = DefinitionsFolder(root: root)
        if input.isGiven("values"), values.objectValue == nil, values != .null {
            input.report("'values' is no map", field: "values")
        }
        if files.count > PoolInputs.mostFiles {
            input.report("'files' has \(files.count) items, more than \(PoolInputs.mostFiles)", field: "files")
        }
    }

    /// What the files want, in their order. Throws `ActionError`.
    func wishes(_ defaults: CloudDefaults) throws(ActionError) -> [(thing: EnsuredThing, wish: ResourceWish)] {
        var wishes: [(thing: EnsuredThing, wish: ResourceWish)] = []
        for path in files {
            for thing in try PoolFile(path, in: folder, values: values).resources() {
                wishes.append((thing, try thing.resource.wish(defaults)))
            }
        }
        guard wishes.count <= PoolFile.mostResources else {
            throw ActionError("the files list \(wishes.count) things, more than \(PoolFile.mostResources)")
        }
        var seen: Set<String> = []
        for (_, wish) in wishes where !seen.insert(wish.path).inserted {
            throw ActionError("\(wish.title) is listed twice", hint: "leave one of them out")
        }
        return wishes
    }
}
