import Domain

/// How far the deliveries of one hook are settled. Kept in the ledger as the note `sweep/github/<hook>`; without the
/// note the sweep begins anew, and asks for nothing that is older.
struct SweepState: Codable, Sendable, Hashable {
    /// A delivery that was asked for.
    struct Open: Codable, Sendable, Hashable {
        var guid: String
        /// Its first try.
        var id: Int64
        /// When that was, microseconds since 1970.
        var at: Int64
        /// What it says: `pull_request opened`.
        var what: String
        /// How often it was asked for.
        var asked = 0
        /// When it was asked for last, microseconds since 1970.
        var askedAt: Int64?
        /// It is not asked for any more, and people were told.
        var isGivenUp = false
    }

    /// Deliveries that are waited for at the same time.
    static let mostOpen = 200

    /// Every delivery whose first try is not after this one is settled or among the open ones; nil before the first
    /// listing.
    var cursor: Int64?
    /// Up to when nothing is unsettled, microseconds since 1970.
    var settledAt: Int64?
    var open: [Open] = []
    /// Why the last listing was refused, once people were told of it.
    var complaint: String?

    var waiting: [Open] { open.filter { !$0.isGivenUp } }

    subscript(guid: String) -> Open? {
        get { open.first { $0.guid == guid } }
        set {
            let index = open.firstIndex { $0.guid == guid }
            switch (index, newValue) {
            case (let index?, let value?): open[index] = value
            case (let index?, nil): open.remove(at: index)
            case (nil, let value?): open.append(value)
            case (nil, nil): break
            }
        }
    }
}
