extension GitHubStandIn {
    /// What may become of a delivery before it is at the bot.
    package enum Loss: Sendable, Hashable {
        /// Nothing answers.
        case onTheWay
        /// Somebody else, such as a proxy, says 200.
        case takenByOther
    }
}
