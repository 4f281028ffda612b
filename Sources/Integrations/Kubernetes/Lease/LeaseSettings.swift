package import Domain

/// The Lease that only the bot that writes may hold: the section `lease` of the settings.
package struct LeaseSettings: Sendable, Hashable {
    /// One of `clusters`.
    package var cluster: String
    package var namespace: String
    package var name: String
    /// How long it holds after it was renewed.
    package var seconds: Int

    /// Reads the section; problems are in the reader.
    package init(_ input: inout InputReader) {
        cluster = input.text("cluster", "The cluster that has the Lease, one of 'clusters'")
        namespace = input.text("namespace", "The Lease's namespace", pattern: NamePattern.label, default: "defimon")
        name = input.text(
            "name", "The Lease's name, one for each ledger", pattern: NamePattern.subdomain, default: "defimon")
        seconds = input.integer(
            "seconds", "How long the Lease holds after it was renewed, which a successor of a killed bot waits",
            in: 5...300, default: 15)
    }

    /// The section as the settings' reader knows it.
    package static let section = SettingsSection(
        name: "lease", summary: "The Lease of a cluster (coordination.k8s.io/v1) without which the bot does not write",
        compare: problems
    ) { _ = LeaseSettings(&$0) }

    private static func problems(_ sections: [String: LocatedValue]) -> [Problem] {
        guard let written = sections["lease"]?["cluster"], let name = written.text else { return [] }
        guard sections["clusters"]?[name] == nil else { return [] }
        return [Problem("there is no cluster '\(name)'", at: written.location, fix: "add it to 'clusters'")]
    }

    /// `defimon/defimon of cluster own`.
    package var place: String { "\(namespace)/\(name) of cluster \(cluster)" }

    var duration: Duration { .seconds(seconds) }
    /// From one renewal to the next.
    var renewEvery: Duration { duration / 3 }
    /// After a renewal that failed, and between the looks of one who waits.
    var tryEvery: Duration { duration / 15 }
    /// Without a renewal for that long the bot stops: its steps are cut, its last words are written.
    var stopsAfter: Duration { duration * 2 / 3 }
    /// Without a renewal for that long it writes nothing any more. What is left of the duration is for clocks that run
    /// at different speeds and for a write that is under way.
    var writesFor: Duration { duration * 4 / 5 }
}
