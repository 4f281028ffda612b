import Domain

extension GitHubShape {
    /// An entry of a list of deliveries (docs.github.com, schema `hook-delivery-item`).
    func delivery(_ sent: GitHubStandIn.Try, _ delivery: GitHubStandIn.Delivery) -> [String: JSONValue] {
        [
            "id": GitHubShape.number(sent.id), "guid": .string(sent.guid),
            "delivered_at": GitHubShape.time(sent.at), "redelivery": .bool(sent.isRedelivery),
            "duration": .double(0.27),
            "status": .string(sent.outcome.words), "status_code": GitHubShape.number(sent.outcome.statusCode),
            "event": .string(delivery.event), "action": delivery.action.isEmpty ? .null : .string(delivery.action),
            "installation_id": delivery.installationID.map(GitHubShape.number) ?? .null,
            "repository_id": GitHubShape.number(delivery.repositoryID), "throttled_at": .null,
        ]
    }

    /// One delivery with what was sent (schema `hook-delivery`).
    func wholeDelivery(_ sent: GitHubStandIn.Try, _ delivery: GitHubStandIn.Delivery) -> [String: JSONValue] {
        var members = self.delivery(sent, delivery)
        members["url"] = ""
        members["request"] = [
            "headers": .object(
                Dictionary(delivery.headers.map { ($0.0, .string($0.1)) }, uniquingKeysWith: { $1 })),
            // What was sent is JSON, for it was made of it.
            "payload": (try? JSONValue(parsing: delivery.body)) ?? .null,
        ]
        members["response"] = ["headers": [:], "payload": ""]
        return members
    }
}
