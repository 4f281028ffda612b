/// A cluster that a provider runs.
package struct HostedCluster: Sendable, Hashable {
    package var name: String
    /// The provider's region or zone; nil: its usual one.
    package var location: String?
    /// Whether it is reached by its address inside the provider's network.
    package var isInside: Bool

    package init(name: String, location: String? = nil, isInside: Bool = false) {
        self.name = name
        self.location = location
        self.isInside = isInside
    }
}
