/// What a manifest is (OCI image specification, and Docker's "Image Manifest V 2, Schema 2").
package enum RegistryMediaType: String, Sendable, Hashable, CaseIterable {
    case index = "application/vnd.oci.image.index.v1+json"
    case manifest = "application/vnd.oci.image.manifest.v1+json"
    case dockerList = "application/vnd.docker.distribution.manifest.list.v2+json"
    case dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"

    /// What the registry says to those who do not take it.
    var refusal: String {
        switch self {
        case .index: "OCI index found, but accept header does not support OCI indexes"
        case .manifest: "OCI manifest found, but accept header does not support OCI manifests"
        case .dockerList: "manifest list found, but accept header does not support manifest lists"
        case .dockerManifest: "manifest found, but accept header does not support schema 2"
        }
    }
}
