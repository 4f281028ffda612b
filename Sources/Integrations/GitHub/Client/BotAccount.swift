/// The bot's own account on GitHub.
struct BotAccount: Sendable, Hashable {
    /// Its login name; an app's ends in `[bot]`.
    var login: String
    /// The number of the account; nil for an app, whose user has another number than the app.
    var userID: Int?
    /// The app's number; nil for a token.
    var appID: Int?

    /// The answer of `GET /user`.
    struct User: Decodable {
        var login: String
        var id: Int
        var account: BotAccount { BotAccount(login: login, userID: id) }
    }

    /// The answer of `GET /app`.
    struct App: Decodable {
        var id: Int
        var slug: String
        var account: BotAccount { BotAccount(login: "\(slug)[bot]", appID: id) }
    }
}
