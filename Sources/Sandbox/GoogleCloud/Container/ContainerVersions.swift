/// Versions of Kubernetes that GKE has.
enum ContainerVersions {
    static let all = ["1.35.4-gke.1200", "1.34.3-gke.1400", "1.33.6-gke.1100"]
    static let normal = "1.34.3-gke.1400"

    /// The version that a wish names: a whole one, its beginning, `latest`, or `-`.
    static func resolve(_ wish: String) throws -> String {
        switch wish {
        case "", "-": return normal
        case "latest": return all[0]
        default:
            guard let found = all.first(where: { $0 == wish || $0.hasPrefix(wish + ".") }) else {
                throw GoogleError(400, "invalid", "Version \"\(wish)\" is invalid.")
            }
            return found
        }
    }
}
