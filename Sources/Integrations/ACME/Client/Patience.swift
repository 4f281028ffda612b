import Domain

/// The pauses between looks at something that a CA is doing: as long as it says, else growing ones, ten minutes in all.
struct Patience {
    static let longest = Duration.seconds(600)
    private static let shortestPause = Duration.milliseconds(100)
    private static let longestPause = Duration.seconds(5)

    private let time: any TimeSource
    private var waited = Duration.zero
    private var pause = shortestPause

    init(_ time: any TimeSource) { self.time = time }

    /// Waits. `retryAfter` is what the CA said. Throws `ACMEError` when the time is over, and `CancellationError`.
    mutating func wait(_ retryAfter: Duration?, for what: String) async throws {
        let next = max(retryAfter ?? pause, Patience.shortestPause)
        guard waited + next <= Patience.longest else {
            let said = retryAfter.map { ", and it wants to be asked again only in \(DurationText.human($0))" } ?? ""
            throw ACMEError.unfinished(
                "the CA is not done with \(what) after \(DurationText.human(waited))\(said)", retryAfter: retryAfter)
        }
        try await time.sleep(for: next)
        waited += next
        pause = min(pause * 3 / 2, Patience.longestPause)
    }
}
