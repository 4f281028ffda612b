import Domain

/// Where a pod takes something out of a Secret.
struct SecretUse: Sendable, Hashable {
    var secret: String
    /// Nil: all keys.
    var key: String?
    /// Whether the pod starts without it too.
    var isOptional: Bool

    /// What the environments and volumes of a pod's specification take; what pulls its images is not among them.
    static func all(in pod: JSONValue?) -> [SecretUse] {
        var uses: [SecretUse] = []
        func add(_ source: JSONValue?, name: String = "name", key: String? = nil) {
            guard let secret = source?[name]?.stringValue else { return }
            uses.append(SecretUse(secret: secret, key: key, isOptional: source?["optional"]?.boolValue == true))
        }
        for list in ["initContainers", "containers"] {
            for container in pod?[list]?.arrayValue ?? [] {
                for source in container["envFrom"]?.arrayValue ?? [] { add(source["secretRef"]) }
                for variable in container["env"]?.arrayValue ?? [] {
                    let source = variable["valueFrom"]?["secretKeyRef"]
                    add(source, key: source?["key"]?.stringValue)
                }
            }
        }
        for volume in pod?["volumes"]?.arrayValue ?? [] {
            add(volume["secret"], name: "secretName")
            for source in volume["projected"]?["sources"]?.arrayValue ?? [] { add(source["secret"]) }
        }
        return uses
    }
}
