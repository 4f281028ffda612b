import Domain
import Foundation

/// What an error of Google's says beside its message.
struct GoogleErrorDetails {
    private(set) var reasons: Set<String> = []
    /// The IAM permission that is missing.
    private(set) var permission: String?
    /// `CPUS: limit 24 in europe-west3`.
    private(set) var quota: String?
    private(set) var retryDelay: Duration?

    /// `error` is the member of that name.
    init(_ error: JSONValue?) {
        for item in error?["errors"]?.arrayValue ?? [] {
            reasons.formUnion([item["reason"]?.stringValue].compactMap { $0 })
        }
        reasons.formUnion([error?["status"]?.stringValue].compactMap { $0 })
        for detail in error?["details"]?.arrayValue ?? [] { read(detail) }
    }

    /// One error of an operation, `error.errors[]`.
    init(operation error: JSONValue) {
        reasons.formUnion([error["code"]?.stringValue].compactMap { $0 })
        for detail in error["errorDetails"]?.arrayValue ?? [] {
            if let info = detail["errorInfo"] { read(info) }
            if let info = detail["quotaInfo"] { readQuota(info) }
        }
    }

    private mutating func read(_ detail: JSONValue) {
        if let reason = detail["reason"]?.stringValue { reasons.insert(reason) }
        let about = detail["metadata"] ?? detail["metadatas"]
        permission = permission ?? about?["permission"]?.stringValue
        if let text = detail["retryDelay"]?.stringValue, text.hasSuffix("s"), let seconds = Double(text.dropLast()),
            seconds.isFinite, seconds >= 0
        {
            retryDelay = .seconds(min(seconds, 86_400))
        }
        readQuota(detail)
        if let about { readQuota(about) }
    }

    private mutating func readQuota(_ info: JSONValue) {
        guard quota == nil,
            let metric = (info["metricName"] ?? info["quota_metric"])?.stringValue,
            let limit = (info["limit"] ?? info["quota_limit_value"])?.plainText
        else { return }
        let name = (info["limitName"] ?? info["quota_limit"])?.stringValue ?? ""
        let places = info["dimensions"]?.objectValue?.sorted { $0.key < $1.key }.map {
            "\($0.key) \($0.value.plainText)"
        }
        quota = OneLine.of(
            "\(metric), limit \(limit)" + (name.isEmpty ? "" : " of \(name)")
                + (places.map { $0.isEmpty ? "" : ", " + $0.joined(separator: ", ") } ?? ""), atMost: 200)
    }

    /// Compute Engine tells it in its message alone: `Required 'compute.instances.start' permission for …`; Kubernetes
    /// Engine: `Permission 'container.clusters.update' denied …`.
    static func permission(in words: String) -> String? {
        let parts = words.split(separator: "'", omittingEmptySubsequences: false)
        guard parts.count >= 3 else { return nil }
        let named = parts[1]
        let isPermission = named.split(separator: ".").count >= 3 && !named.contains("/") && !named.contains(" ")
        let isSaid = parts[0].hasSuffix("Required ") || parts[0].hasSuffix("Permission ")
        return isPermission && isSaid ? String(named) : nil
    }
}
