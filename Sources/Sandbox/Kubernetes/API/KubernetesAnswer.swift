import Domain

/// What the API answers.
enum KubernetesAnswer: Sendable {
    case json(Int, JSONValue, contentType: String = "application/json")
    case text(String)
    case watch(WatchRequest)
    case log(LogRequest)

    static func object(_ object: KubernetesObject, code: Int = 200) -> KubernetesAnswer { .json(code, object.json) }
}
