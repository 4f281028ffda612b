import Synchronization

/// How many connections each kind of listener has open.
final class OpenConnections: Sendable {
    final class Count: Sendable {
        private let number = Atomic<Int>(0)

        var value: Int { number.load(ordering: .relaxed) }
        func opened() { number.wrappingAdd(1, ordering: .relaxed) }
        func closed() { number.wrappingSubtract(1, ordering: .relaxed) }
    }

    private let open = Count()
    private let admin = Count()
    private let challenges = Count()
    private let socket = Count()

    func of(_ place: Listener.Place) -> Count {
        switch place {
        case .tcp(_, .everybody): open
        case .tcp(_, .operators): admin
        case .tcp(_, .authorities): challenges
        case .socket: socket
        }
    }

    /// By what `/metrics` calls the listener.
    var values: [(listener: String, open: Int)] {
        [("public", open.value), ("admin", admin.value), ("challenges", challenges.value), ("socket", socket.value)]
    }
}
