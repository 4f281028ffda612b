import Foundation

/// How things of Google Cloud are named by URL.
package enum ResourcePath {
    /// From `projects/` on: Google answers with full URLs, whose host and version do not matter.
    package static func relative(_ url: String) -> String {
        if url.hasPrefix("projects/") { return url }
        guard let start = url.range(of: "/projects/") else { return url }
        return String(url[url.index(after: start.lowerBound)...])
    }

    /// The last part: the thing's own name.
    package static func name(_ url: String) -> String {
        url.split(separator: "/").last.map(String.init) ?? url
    }
}
