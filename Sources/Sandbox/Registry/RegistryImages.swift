import Domain
import Synchronization

/// Images, their manifests and tags, in memory.
final class RegistryImages: Sendable {
    /// A manifest as it is stored.
    struct Manifest: Sendable {
        var kind: RegistryMediaType
        var bytes: [UInt8]
        var digest: String { "sha256:" + Hex.encode(SHA256Digest.of(bytes)) }
    }

    private struct Image {
        /// Tag → digest.
        var tags: [String: String] = [:]
        /// Digest → manifest.
        var manifests: [String: Manifest] = [:]
    }

    /// Requests that are remembered.
    static let keptRequests = 10_000

    let changes = ChangeCounter()
    private let images = Mutex<[String: Image]>([:])
    private let requests = Mutex<[String]>([])
    private let time: any TimeSource

    init(time: any TimeSource) { self.time = time }

    var received: [String] { requests.withLock { $0 } }

    func note(_ line: String) {
        requests.withLock { requests in
            requests.append(line)
            if requests.count > RegistryImages.keptRequests { requests.removeFirst() }
        }
    }

    func publish(_ name: String, tag: String, content: String, kind: RegistryMediaType) -> String {
        let platforms = ["amd64", "arm64"].map { RegistryImages.manifest(name, content, $0, kind) }
        let top: Manifest
        switch kind {
        case .manifest, .dockerManifest: top = platforms[0]
        case .index, .dockerList: top = RegistryImages.index(of: platforms, kind)
        }
        images.withLock { images in
            for manifest in platforms + [top] { images[name, default: Image()].manifests[manifest.digest] = manifest }
            images[name]?.tags[tag] = top.digest
        }
        changes.bump()
        return top.digest
    }

    func remove(_ name: String, tag: String) {
        images.withLock { $0[name]?.tags[tag] = nil }
        changes.bump()
    }

    func digest(_ name: String, tag: String) -> String? { images.withLock { $0[name]?.tags[tag] } }

    /// Sorted; nil when there is no such image.
    func tags(_ name: String) -> [String]? { images.withLock { $0[name]?.tags.keys.sorted() } }

    /// A manifest by a tag or a digest.
    func manifest(_ name: String, _ reference: String) -> Manifest? {
        images.withLock { images in
            guard let image = images[name] else { return nil }
            return image.manifests[image.tags[reference] ?? reference]
        }
    }

    private static func manifest(
        _ name: String, _ content: String, _ platform: String, _ kind: RegistryMediaType
    ) -> Manifest {
        let isDocker = kind == .dockerList || kind == .dockerManifest
        func blob(_ type: String, _ part: String) -> JSONValue {
            let digest = Hex.encode(SHA256Digest.of(Array("\(name) \(content) \(platform) \(part)".utf8)))
            return ["mediaType": .string(type), "digest": .string("sha256:\(digest)"), "size": 1469]
        }
        let family = isDocker ? "application/vnd.docker" : "application/vnd.oci.image"
        let kind: RegistryMediaType = isDocker ? .dockerManifest : .manifest
        let value: JSONValue = [
            "schemaVersion": 2, "mediaType": .string(kind.rawValue),
            "config": blob(isDocker ? "\(family).container.image.v1+json" : "\(family).config.v1+json", "config"),
            "layers": [
                blob(isDocker ? "\(family).image.rootfs.diff.tar.gzip" : "\(family).layer.v1.tar+gzip", "layer")
            ],
        ]
        return Manifest(kind: kind, bytes: value.canonicalBytes)
    }

    private static func index(of manifests: [Manifest], _ kind: RegistryMediaType) -> Manifest {
        let list = zip(manifests, ["amd64", "arm64"]).map { manifest, platform -> JSONValue in
            [
                "mediaType": .string(manifest.kind.rawValue), "digest": .string(manifest.digest),
                "size": .int(Int64(manifest.bytes.count)),
                "platform": ["architecture": .string(platform), "os": "linux"],
            ]
        }
        let value: JSONValue = [
            "schemaVersion": 2, "mediaType": .string(kind.rawValue), "manifests": .array(list),
        ]
        return Manifest(kind: kind, bytes: value.canonicalBytes)
    }
}
