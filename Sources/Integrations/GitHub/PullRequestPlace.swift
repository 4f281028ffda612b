import Domain

/// A pull request as a place where people read: `github:acme/api#42`.
struct PullRequestPlace: Sendable, Hashable, CustomStringConvertible {
    static let channel = "github"

    let repository: RepositoryName
    let number: Int

    init(_ repository: RepositoryName, _ number: Int) {
        self.repository = repository
        self.number = number
    }

    /// Reads `acme/api#42`; nil for anything else.
    init?(_ address: String) {
        let parts = address.split(separator: "#", omittingEmptySubsequences: false)
        guard parts.count == 2, let repository = RepositoryName(String(parts[0])),
            parts[1].utf8.count <= 10, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(parts[1]), number > 0
        else { return nil }
        self.init(repository, number)
    }

    var description: String { "\(repository)#\(number)" }
    var place: Place { Place(channel: PullRequestPlace.channel, address: description) }
}
