extension ACMEClient {
    /// Returns when all names of an order are proven. `progress` is told how far it is. Throws `ACMEError` with the
    /// challenge's own problem when a name fails, and when ten minutes are not enough.
    package func authorized(_ order: ACMEOrder, progress: @Sendable (String) -> Void) async throws -> ACMEOrder {
        var patience = Patience(connection.time)
        var open = order.authorizations
        while true {
            var waiting: [ACMEAuthorization] = []
            for url in open {
                let authorization = try await authorization(url)
                if let failure = authorization.failure { throw failure }
                if authorization.status == .pending { waiting.append(authorization) }
            }
            guard !waiting.isEmpty else { break }
            open = waiting.map(\.url)
            let count = order.authorizations.count
            progress("\(count - open.count) of \(count) names proven")
            try await patience.wait(
                waiting.compactMap(\.retryAfter).max(), for: ACMEClient.words(waiting.map(\.identifier)))
        }
        return try await look(order, &patience) { $0.status != .pending }
    }

    /// Returns when the certificate of a finalized order is there. Throws `ACMEError` when the order is given up, and
    /// when ten minutes are not enough.
    package func issued(_ order: ACMEOrder) async throws -> ACMEOrder {
        var patience = Patience(connection.time)
        if order.status == .valid { return order }
        if order.status == .invalid { throw ACMEClient.givenUp(order) }
        try await patience.wait(order.retryAfter, for: "the certificate")
        return try await look(order, &patience) { $0.status == .valid }
    }

    private func look(_ order: ACMEOrder, _ patience: inout Patience, until isDone: (ACMEOrder) -> Bool) async throws
        -> ACMEOrder
    {
        while true {
            let now = try await self.order(order.url)
            if now.status == .invalid { throw ACMEClient.givenUp(now) }
            if isDone(now) { return now }
            try await patience.wait(now.retryAfter, for: "the order for \(ACMEClient.words(order.names))")
        }
    }

    private static func givenUp(_ order: ACMEOrder) -> ACMEError {
        let beginning = "the CA gave up the order for \(words(order.names))"
        return order.problem.map { ACMEError(problem: $0, beginning) } ?? .strange("\(beginning) and says no reason")
    }
}
