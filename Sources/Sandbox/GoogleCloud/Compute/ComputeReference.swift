import Domain
import Foundation

/// How resources name each other: a whole URL, or a part of it from the project on or behind the project.
enum ComputeReference {
    static let base = "https://www.googleapis.com/compute/v1/"

    static func link(_ path: String) -> String { base + path }

    static func json(_ path: String) -> JSONValue { .string(link(path)) }

    /// `projects/p/zones/z/disks/d` of any form; nil for what is none. `scope` is where the referring thing is.
    static func path(_ text: String, scope: String) -> String? {
        let project = scope.split(separator: "/").prefix(2).joined(separator: "/")
        if text.hasPrefix("https://") {
            for version in ["/compute/v1/", "/compute/beta/", "/compute/alpha/"] {
                if let range = text.range(of: version) { return String(text[range.upperBound...]) }
            }
            return nil
        }
        if text.hasPrefix("projects/") { return text }
        for start in ["global/", "zones/", "regions/"] where text.hasPrefix(start) { return "\(project)/\(text)" }
        return nil
    }

    /// The path of what is named. Throws Google's errors when it is malformed, not there, or not ready.
    static func resolve(_ text: String, field: String, scope: String, _ state: GoogleState) throws -> String {
        guard let path = path(text, scope: scope) else {
            throw GoogleError.invalid(field, text, "The URL is malformed.")
        }
        guard let found = state.resources[path] else {
            throw GoogleError.invalid(field, text, "The referenced resource '\(path)' cannot be found.")
        }
        guard found.isReady else { throw GoogleError.notReady(path) }
        return path
    }

    /// `projects/p/zones/z` of a path below it.
    static func scope(of path: String) -> String {
        let parts = path.split(separator: "/")
        guard parts.count > 3 else { return path }
        return parts.prefix(parts[2] == "global" ? 3 : 4).joined(separator: "/")
    }

    /// The project's region of a zonal or regional path; nil for a global one.
    static func region(of path: String) -> String? {
        let parts = path.split(separator: "/").map(String.init)
        guard parts.count >= 4 else { return nil }
        if parts[2] == "regions" { return parts[3] }
        guard parts[2] == "zones" else { return nil }
        return parts[3].split(separator: "-").dropLast().joined(separator: "-")
    }
}
