import Domain
import Outbound
import YAML

extension ThingList<HetznerThing> {
    /// `root` is where the files of pools are.
    init(_ input: inout InputReader, root: String) {
        let folder = DefinitionsFolder(root: root)
        self.init(
            &input,
            in: ThingFolder(
                contents: { path, most throws(ActionError) in try folder.contents(path, atMost: most) },
                document: { bytes, path throws(ActionError) in try YAMLReader.document(bytes, file: path) }),
            provider: "hetzner", example: "deploy/analytics-pool/deployment/hetzner-network.yaml",
            templates: ["user_data"])
    }
}
