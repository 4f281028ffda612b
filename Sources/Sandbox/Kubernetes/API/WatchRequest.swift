import Domain

/// GET with `watch=true`.
struct WatchRequest: Sendable {
    /// Where a watch begins.
    enum Start: Sendable, Hashable {
        /// With what is there, as ADDED; then what changes.
        case current
        /// After a version.
        case after(Int)
    }

    var filter: ObjectFilter
    var start: Start
    var hasBookmarks: Bool
    /// Whether a bookmark closes the events of what is there (`sendInitialEvents`).
    var marksInitialEnd: Bool
    var timeoutSeconds: Int
    var table: TableRequest?

    /// Throws 400 or 422 for parameters that do not fit.
    init(_ filter: ObjectFilter, _ request: KubernetesRequest) throws {
        self.filter = filter
        table = TableRequest(request)
        hasBookmarks = request.isTrue("allowWatchBookmarks")
        timeoutSeconds = min(request.query["timeoutSeconds"].flatMap { Int($0) } ?? 1800, 3600)
        let version = request.query["resourceVersion"] ?? ""
        let sendsInitial = request.query["sendInitialEvents"].map { _ in request.isTrue("sendInitialEvents") }
        if sendsInitial != nil, request.query["resourceVersionMatch"] != "NotOlderThan" {
            throw KubernetesStatus.invalid(
                "ListOptions", group: "meta.k8s.io", "",
                [
                    .forbidden(
                        "resourceVersionMatch",
                        "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
                ])
        }
        if sendsInitial == true, !hasBookmarks {
            throw KubernetesStatus.invalid(
                "ListOptions", group: "meta.k8s.io", "",
                [.forbidden("allowWatchBookmarks", "sendInitialEvents requires setting allowWatchBookmarks to true")])
        }
        marksInitialEnd = sendsInitial == true
        if sendsInitial ?? (version.isEmpty || version == "0") {
            start = .current
        } else {
            guard let number = Int(version.isEmpty ? "0" : version) else {
                throw KubernetesStatus.badRequest("Invalid value: \"\(version)\": resourceVersion is not a number")
            }
            start = .after(number)
        }
    }
}
