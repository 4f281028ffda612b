/// Where a thing of Compute Engine is.
package enum CloudPlace: Sendable, Hashable {
    case global
    case region(String)
    case zone(String)

    /// As a path has it: `zones/europe-west3-a`.
    package var path: String {
        switch self {
        case .global: "global"
        case .region(let name): "regions/\(name)"
        case .zone(let name): "zones/\(name)"
        }
    }

    /// The region that a zone is in, or a region itself; nil for what is everywhere.
    package var region: String? {
        switch self {
        case .global: nil
        case .region(let name): name
        case .zone(let name): CloudPlace.region(ofZone: name)
        }
    }

    /// `europe-west3-a` is in `europe-west3`.
    package static func region(ofZone zone: String) -> String {
        zone.split(separator: "-").dropLast().joined(separator: "-")
    }
}
