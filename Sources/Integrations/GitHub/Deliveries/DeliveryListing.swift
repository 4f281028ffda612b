/// The tries of one hook that came after the cursor.
struct DeliveryListing: Sendable {
    /// Pages of one listing, a hundred tries each.
    static let maxPages = 250

    /// The newest first.
    var tries: [SentDelivery] = []
    /// The list went back to the cursor.
    var reachesCursor = false
    /// The list goes on, and is not read any further.
    var isCut = false

    /// The oldest try that GitHub told of, microseconds since 1970.
    var oldestAt: Int64? { tries.last?.at }
}

extension GitHubClient {
    /// What a hook sent after the try with this id; nil: only the newest page.
    func deliveries(of hook: DeliveryHook, after cursor: Int64?) async throws -> DeliveryListing {
        var listing = DeliveryListing()
        var call = GitHubCall(bot: hook.path)
        call.speaker = hook.speaker
        var count = 0
        try await pages(call, maxPages: DeliveryListing.maxPages) { page in
            let tries = try page.decode([SentDelivery].self)
            guard let cursor else {
                listing.tries = tries
                return false
            }
            let new = tries.prefix { $0.id > cursor }
            listing.tries += new
            listing.reachesCursor = new.count < tries.count
            count += 1
            listing.isCut = !listing.reachesCursor && count == DeliveryListing.maxPages && page.next != nil
            return !listing.reachesCursor && !listing.isCut
        }
        return listing
    }

    /// Asks for a delivery once more; GitHub sends it soon after, with the same id, body and signature.
    func redeliver(_ id: Int64, of hook: DeliveryHook) async throws {
        var call = GitHubCall(bot: "\(hook.path)/\(id)/attempts", method: "POST")
        call.speaker = hook.speaker
        _ = try await send(call)
    }
}
