package import Domain
import Foundation

/// The discovery documents that are there: the trimmed ones of the wire data, and, for what those lack, the whole ones
/// that PyPI's google-api-python-client brings into `.venv`.
package enum GoogleDiscoveries {
    private static let trimmed = [
        "compute": "gcp/compute.v1.trimmed.json", "container": "gcp/container.v1.trimmed.json",
        "dns": "gcp/dns.v1.trimmed.json", "iamcredentials": "gcp/iamcredentials.v1.json", "sts": "gcp/sts.v1.json",
    ]

    /// True when the suites that need them can run; in CI they must be there.
    package static var areThere: Bool { WireData.isThere }

    /// Also those of kinds that the trimmed ones lack.
    package static var areWhole: Bool { wholeFolder != nil || ProcessInfo.processInfo.environment["CI"] == "true" }

    private static let small: [String: GoogleDiscovery] = trimmed.compactMapValues { path in
        // What is not there or cannot be read is told by the check.
        (try? WireData.bytes(path)).flatMap { try? GoogleDiscovery($0) }
    }

    private static let whole: [String: GoogleDiscovery] = ["compute", "container", "dns"].reduce(into: [:]) {
        all, name in
        guard let folder = wholeFolder else { return }
        // As above.
        guard let data = try? Data(contentsOf: folder.appending(path: "\(name).v1.json")) else { return }
        all[name] = try? GoogleDiscovery(Array(data))
    }

    private static let wholeFolder: URL? = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: ".venv/lib")
        // Without the folder there is none.
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        return versions.map {
            root.appending(path: "\($0)/site-packages/googleapiclient/discovery_cache/documents")
        }.first { FileManager.default.fileExists(atPath: $0.path) }
    }()

    /// The document of a method: `compute.disks.insert`.
    package static func document(of method: String) -> GoogleDiscovery? {
        let name = String(method.prefix { $0 != "." })
        if let document = small[name], document.has(method) { return document }
        return whole[name]
    }

    /// What does not fit in one exchange. OAuth's token endpoint and the metadata server have no document and are not
    /// checked. `areWhole` false: methods that the trimmed documents lack are not checked either.
    package static func problems(
        _ method: String, verb: String, path: String, query: [(name: String, value: String)], request: JSONValue,
        status: Int, answer: JSONValue
    ) -> [String] {
        guard !method.isEmpty, !method.hasPrefix("oauth2.") else { return [] }
        guard let document = document(of: method) else {
            return areWhole ? ["no discovery document knows \(method)"] : []
        }
        // Only what was asked well is to be answered by the book; a request that is refused may be a wrong one.
        let asked =
            status == 400
            ? [] : document.problems(request: method, verb: verb, path: path, query: query, body: request)
        let answered = document.problems(answer: method, status: status, body: answer)
        return asked.map { "\(method), request: \($0)" } + answered.map { "\(method), answer \(status): \($0)" }
    }
}
