import Domain
import Foundation
import Outbound

/// What an API server said instead of doing it, in its own words: a `Status` object
/// (kubernetes.io/docs/reference/using-api/api-concepts), or why there is no answer.
package struct KubernetesError: Error, Sendable, Hashable {
    /// One of several things that are wrong.
    package struct Cause: Sendable, Hashable {
        package var reason: String
        package var message: String
        package var field: String
    }

    /// The HTTP status; 0 when there is no answer.
    package var status: Int
    /// `NotFound`, `Conflict`, `Expired`, …; empty when the server gave none.
    package var reason: String
    package var message: String
    package var causes: [Cause] = []
    package var retryAfter: Duration?
    /// False when it is certain that nothing reached the server.
    package var mayHaveBeenSent = true

    init(status: Int, reason: String, message: String) {
        self.status = status
        self.reason = reason
        self.message = message
    }

    /// Reads an error answer; anything that is no `Status` object is quoted.
    init(_ response: HTTPResponse, now: Date) {
        // An answer that is no JSON is quoted as text: proxies and the server's own limiter send such.
        if let body = try? JSONValue(parsing: response.body), body["kind"]?.stringValue == "Status" {
            self.init(body, status: response.status)
        } else {
            let text = String(decoding: response.body.prefix(500), as: UTF8.self)
            self.init(status: response.status, reason: "", message: String(text.trimmed))
        }
        if message.isEmpty { message = "HTTP \(response.status)" }
        retryAfter = response.retryAfter(now: now) ?? retryAfter
    }

    /// Reads a `Status` object, which also comes inside watch streams.
    init(_ object: JSONValue, status: Int? = nil) {
        self.init(
            status: object["code"]?.intValue ?? status ?? 0, reason: object["reason"]?.stringValue ?? "",
            message: object["message"]?.stringValue ?? "")
        let details = object["details"]
        causes = (details?["causes"]?.arrayValue ?? []).map {
            Cause(
                reason: $0["reason"]?.stringValue ?? "", message: $0["message"]?.stringValue ?? "",
                field: $0["field"]?.stringValue ?? "")
        }
        if let seconds = details?["retryAfterSeconds"]?.intValue, seconds > 0 { retryAfter = .seconds(seconds) }
    }

    init(_ error: HTTPError) {
        self.init(status: 0, reason: "", message: error.message)
        mayHaveBeenSent = error.kind == .maybeSent
    }

    /// The reason of ours when the bot's own credential could not be read.
    static let credentialReason = "Credential"
    /// The reason of ours when the provider that runs the cluster does not say where it is, or gives no token.
    static let providerReason = "Provider"

    var isNotFound: Bool { status == 404 }
    var isAlreadyExists: Bool { reason == "AlreadyExists" }
    /// The resource version is older than what the server keeps.
    var isExpired: Bool { status == 410 || reason == "Expired" || reason == "Gone" }
    /// Others own fields that a server-side apply would change.
    var isApplyConflict: Bool { status == 409 && causes.contains { $0.reason == "FieldManagerConflict" } }
    var isNamespaceTerminating: Bool {
        causes.contains { $0.reason == "NamespaceTerminating" } || message.contains("because it is being terminated")
    }
    /// Passes by itself.
    var isTransient: Bool {
        switch status {
        case 0, 408, 429, 500, 502, 503, 504: true
        case 409: !isApplyConflict && !isAlreadyExists
        case 403: isNamespaceTerminating
        default: false
        }
    }
}

extension KubernetesError {
    /// As an action says it: `doing` says what was tried; `changes` whether it would have changed something.
    func actionError(_ doing: String, cluster: String, changes: Bool) -> ActionError {
        ActionError(
            "\(doing) (cluster \(cluster)): \(words)",
            retry: isTransient ? .later(afterMilliseconds: retryAfter?.milliseconds) : .never,
            mayHaveTakenEffect: changes && mayHaveBeenSent && [0, 408, 500, 502, 503, 504].contains(status),
            hint: hint, details: details)
    }

    private var words: String {
        guard isApplyConflict else { return String(message.prefix(2000)) }
        let owners = causes.filter { $0.reason == "FieldManagerConflict" }.map {
            "\($0.field) belongs to \($0.manager)"
        }
        return owners.joined(separator: "; ")
    }

    private var details: String? {
        guard !causes.isEmpty, !isApplyConflict else { return nil }
        return causes.prefix(50).map { $0.field.isEmpty ? $0.message : "\($0.field): \($0.message)" }
            .joined(separator: "\n")
    }

    private var hint: String? {
        switch status {
        case 0 where reason == KubernetesError.credentialReason: "check the path and who may read it"
        case 0 where reason == KubernetesError.providerReason: nil
        case 0: mayHaveBeenSent ? nil : "check that the API server is up and its address and certificates are right"
        case 401: "the cluster does not accept the bot's credential: renew its token or certificate"
        case 403 where isNamespaceTerminating: "wait until the namespace is gone, then run it again"
        case 403 where message.contains("exceeded quota"): "raise the namespace's quota, or lower what is asked for"
        case 403 where message.contains("admission webhook"):
            "a policy of the cluster refuses this: change the manifest"
        case 403: "give the bot's user this right by a Role and a RoleBinding"
        case 404: "check the name and the namespace, and that the cluster knows this kind of object"
        case 409 where isApplyConflict:
            "leave these fields out of the manifest, or take them over with 'force: true'"
        case 413: "the object is too large for the cluster: split it"
        case 400, 422: "correct the manifest"
        default: nil
        }
    }
}

extension KubernetesError.Cause {
    /// The field manager in `conflict with "kubectl" using apps/v1`.
    var manager: String {
        let parts = message.split(separator: "\"", omittingEmptySubsequences: false)
        return parts.count >= 3 ? String(parts[1]) : message
    }
}
