/// How many requests of one person are taken within a time.
package struct RequestRate: Sendable, Hashable {
    /// What may be set.
    package static let counts = 1...1000
    package static let spans = Duration.seconds(1)...Duration.seconds(86_400)

    package var count: Int
    /// The length of the time that slides along with each request.
    package var per: Duration

    package init(count: Int, per: Duration) {
        self.count = count
        self.per = per
    }
}
