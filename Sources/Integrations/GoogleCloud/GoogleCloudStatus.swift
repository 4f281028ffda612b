package import Domain

/// How a pool's machines and disks at Google Cloud are, for `/defimon status`.
package struct GoogleCloudStatus: Sendable {
    /// Things of a kind that are shown.
    static let most = 30

    private let cloud: CloudConnection

    package init(_ cloud: CloudConnection) { self.cloud = cloud }

    /// One field a machine, with its disks; empty when the pool has none, or Google Cloud is not set up. Throws
    /// `ActionError` or `CancellationError`.
    package func blocks(pool: String) async throws -> [Report.Block] {
        guard cloud.isThere else { return [] }
        return try await cloud.attempt("Google Cloud cannot be asked") { client in
            let filter = GoogleCall.Parameter("filter", "labels.\(PoolMark.word) = \"\(pool)\"")
            let instances = try await client.aggregated(
                "instances", [filter, .init("fields", "nextPageToken,items/*/instances(\(GoogleCloudStatus.members))")])
            let shown = instances.sorted { name($0) < name($1) }.prefix(GoogleCloudStatus.most)
            var fields = shown.map { Report.Field("Instance \(name($0))", words($0)) }
            if instances.count > shown.count {
                fields.append(Report.Field("Instances", "and \(instances.count - shown.count) more"))
            }
            return fields.isEmpty ? [] : [.fields(fields)]
        }
    }

    private static let members = "name,status,statusMessage,zone,machineType,disks(source,diskSizeGb)"

    private func name(_ resource: JSONValue) -> String { resource["name"]?.stringValue ?? "" }

    private func words(_ instance: JSONValue) -> String {
        let disks = (instance["disks"]?.arrayValue ?? []).compactMap { disk -> String? in
            guard let name = disk["source"]?.stringValue.map(ResourcePath.name),
                let size = disk["diskSizeGb"]?.stringValue.flatMap({ Int($0) })
            else { return nil }
            return "\(name) \(DiskSize.words(size))"
        }
        let parts = [
            instance["status"]?.stringValue ?? "unknown", instance["statusMessage"]?.stringValue,
            instance["machineType"]?.stringValue.map(ResourcePath.name),
            instance["zone"]?.stringValue.map(ResourcePath.name),
            disks.isEmpty ? nil : "disks " + disks.joined(separator: " and "),
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }
}

extension GoogleCloudClient {
    /// Things of a kind in all zones: an aggregated list, whose items are maps by zone.
    func aggregated(_ collection: String, _ query: [GoogleCall.Parameter]) async throws -> [JSONValue] {
        let call = GoogleCall(.compute, "GET", "projects/\(project)/aggregated/\(collection)", query: query)
        return try await pages(call).flatMap { page in
            (page["items"]?.objectValue ?? [:]).values.flatMap { $0[collection]?.arrayValue ?? [] }
        }
    }
}
