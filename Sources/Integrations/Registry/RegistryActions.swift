package import Domain

/// What can be done with container registries: waiting for an image.
package enum RegistryActions {
    /// For the catalogue.
    package static func types(_ registries: RegistryDirectory) -> [ActionType] {
        [
            ActionType(
                "registry.image", "Waits until an image is in its registry, and pins it by its digest", effect: .reads,
                outputs: [
                    .init("image", .text(nil), "The image by its digest: registry.example.com/acme/api@sha256:…"),
                    .init("digest", .text(nil), "The digest: sha256: and 64 hexadecimal digits"),
                    .init("summary", .text(nil), "One line for people"),
                ]
            ) { ImageAction(&$0, registries) }
        ]
    }
}
