/// A path with parameters, without a slash before it: `projects/{project}/zones/{zone}/disks`.
struct PathPattern: Sendable {
    private let parts: [Substring]

    init(_ text: String) { parts = text.split(separator: "/") }

    /// The parameters in a path, by name; nil when the path is another.
    func parameters(of segments: [String]) -> [String: String]? {
        guard segments.count == parts.count else { return nil }
        var found: [String: String] = [:]
        for (part, segment) in zip(parts, segments) {
            guard part.hasPrefix("{"), let end = part.firstIndex(of: "}") else {
                if part == segment { continue }
                return nil
            }
            let name = String(part[part.index(after: part.startIndex)..<end])
            // A custom verb stands behind a colon: `{cluster}:setResourceLabels`.
            let suffix = part[part.index(after: end)...]
            guard segment.hasSuffix(suffix), !suffix.isEmpty || !segment.contains(":") else { return nil }
            let value = String(segment.dropLast(suffix.count))
            guard !value.isEmpty else { return nil }
            found[name] = value
        }
        return found
    }
}
