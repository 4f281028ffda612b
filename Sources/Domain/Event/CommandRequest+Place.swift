extension CommandRequest {
    /// Whether it came by the command line on the bot's machine, which works when chat is down.
    package var isFromCommandLine: Bool { identity.channel == "cli" }

    /// Whether it was asked in this place: the channel's own id is the place's, or the name that the channel told with
    /// the request (`#ops`); on GitHub `acme/api` is every pull request of that repository.
    package func isAsked(in place: Place) -> Bool {
        guard let reportTo, !reportTo.isPrivate, reportTo.channel == place.channel else { return false }
        if reportTo.address == place.address { return true }
        if place.address.hasPrefix("#"), let placeName { return placeName == place.address.dropFirst() }
        return place.channel == "github"
            && reportTo.address.lowercased().hasPrefix(place.address.lowercased() + "#")
    }
}
