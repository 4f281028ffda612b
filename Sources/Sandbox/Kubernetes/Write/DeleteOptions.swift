import Domain

/// What a DELETE asks for (`DeleteOptions` in the body, or the query).
struct DeleteOptions: Sendable {
    enum Propagation: String, Sendable { case background = "Background", foreground = "Foreground", orphan = "Orphan" }

    var propagation = Propagation.background
    var gracePeriodSeconds: Int?
    var uid: String?
    var resourceVersion: String?
    var isDryRun = false

    init() {}

    /// Those of an eviction.
    init(_ body: JSONValue) {
        gracePeriodSeconds = body["gracePeriodSeconds"]?.intValue
        uid = body["preconditions"]?["uid"]?.stringValue
        resourceVersion = body["preconditions"]?["resourceVersion"]?.stringValue
        isDryRun = body["dryRun"]?.arrayValue == ["All"]
    }

    /// Throws 400 for a body that is no `DeleteOptions`.
    init(_ request: KubernetesRequest) throws {
        var body: JSONValue = [:]
        if !request.body.isEmpty {
            do { body = try JSONValue(parsing: request.body) } catch {
                throw KubernetesStatus.badRequest("the body is not JSON")
            }
        }
        isDryRun = request.isDryRun || body["dryRun"]?.arrayValue == ["All"]
        gracePeriodSeconds =
            body["gracePeriodSeconds"]?.intValue ?? request.query["gracePeriodSeconds"].flatMap { Int($0) }
        uid = body["preconditions"]?["uid"]?.stringValue
        resourceVersion = body["preconditions"]?["resourceVersion"]?.stringValue
        let text = body["propagationPolicy"]?.stringValue ?? request.query["propagationPolicy"]
        if let text {
            guard let policy = Propagation(rawValue: text) else {
                throw KubernetesStatus.invalid(
                    "DeleteOptions", group: "meta.k8s.io", "",
                    [.notSupported("propagationPolicy", .string(text), ["Foreground", "Background", "Orphan", "nil"])])
            }
            propagation = policy
        } else if body["orphanDependents"] == true {
            propagation = .orphan
        }
    }
}
