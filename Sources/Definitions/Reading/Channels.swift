/// The kinds of channel that definitions may name.
enum Channels {
    /// Where reports can go.
    static let places = ["slack", "mattermost", "discord", "telegram", "matrix", "email", "github", "webhook"]
    /// Where people have accounts.
    static let identities = places.filter { $0 != "webhook" } + ["cli"]
}
